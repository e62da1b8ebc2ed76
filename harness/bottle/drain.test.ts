import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { VirtualClock } from "../net/time/clock.ts";
import { Drain } from "./drain.ts";

function setUp() {
  const clock = new VirtualClock(0);
  const drain = new Drain((why) => clock.hold(why));
  return { clock, drain };
}

test("without TLS the clock is never held: it waits for promises by itself", async () => {
  const { clock, drain } = setUp();
  const seen: string[] = [];
  clock.after(10, async () => {
    drain.touch();
    expect(drain.pending).toBe(false);
    for (let step = 0; step < 1000; step++) await undefined;
    for (let step = 0; step < 100; step++) await new Promise<void>((resolve) => process.nextTick(resolve));
    seen.push(`answer at ${clock.now()}`);
  });
  clock.after(11, () => seen.push("next event"));
  await clock.advance(20);
  expect(seen).toEqual(["answer at 10", "next event"]);
});

test("with TLS virtual time waits for immediates, as long as each hop touches the drain", async () => {
  const { clock, drain } = setUp();
  drain.useTls();
  const seen: string[] = [];
  clock.after(10, async () => {
    drain.touch();
    for (let hop = 0; hop < 50; hop++) {
      await nextTurn();
      drain.touch();
    }
    seen.push(`answer at ${clock.now()}`);
  });
  clock.after(10, () => seen.push("other event"));
  await clock.advance(20);
  expect(seen).toEqual(["answer at 10", "other event"]);
});

test("a hold ends by itself, and at once when the bottle is closed", async () => {
  const { clock, drain } = setUp();
  drain.useTls();
  drain.touch();
  expect(drain.pending).toBe(true);
  await clock.advance(1);
  expect(drain.pending).toBe(false);
  drain.touch();
  drain.close();
  expect(drain.pending).toBe(false);
  await clock.advance(1);
});

test("on a host in real time a touch is free", () => {
  const drain = new Drain(undefined);
  drain.useTls();
  drain.touch();
  expect(drain.pending).toBe(false);
});
