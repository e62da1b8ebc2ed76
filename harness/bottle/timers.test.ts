import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { VirtualClock } from "../net/time/clock.ts";
import { Runtime } from "./runtime.ts";
import { standAlone } from "./stand-alone.fixture.ts";
import { createTimers } from "./timers.ts";
import { TlsHold } from "./tls-hold.ts";

function setUp() {
  const clock = new VirtualClock(0);
  const runtime = new Runtime(standAlone(clock), new TlsHold(undefined));
  return { clock, runtime, ...createTimers(runtime) };
}

test("a timeout runs once, on the host's clock, with its arguments", async () => {
  const { clock, setTimeout } = setUp();
  const calls: unknown[] = [];
  setTimeout((...args: unknown[]) => calls.push([clock.now(), ...args]), 86_400_000, "a", 2);
  await clock.advance(200_000_000);
  expect(calls).toEqual([[86_400_000, "a", 2]]);
});

test("an interval repeats until it is cleared, by handle or by number", async () => {
  const { clock, setInterval, clearInterval } = setUp();
  const calls: number[] = [];
  const handle = setInterval(() => calls.push(clock.now()), 500);
  await clock.advance(1600);
  clearInterval(Number(handle));
  await clock.advance(5000);
  expect(calls).toEqual([500, 1000, 1500]);
});

test("an immediate takes no time, a timeout of 0 takes 1 ms, as in Node", async () => {
  const { clock, setTimeout, setImmediate } = setUp();
  const order: string[] = [];
  setTimeout(() => order.push(`timeout ${clock.now()}`), 0);
  setImmediate(() => order.push(`immediate ${clock.now()}`));
  await clock.advance(10);
  expect(order).toEqual(["immediate 0", "timeout 1"]);
});

test("refresh restarts a timeout", async () => {
  const { clock, setTimeout } = setUp();
  const calls: number[] = [];
  const handle = setTimeout(() => calls.push(clock.now()), 100);
  await clock.advance(60);
  handle.refresh();
  await clock.advance(200);
  expect(calls).toEqual([160]);
});

test("promisify gives the forms that return a promise", async () => {
  const { clock, setTimeout } = setUp();
  const later = promisify(setTimeout) as unknown as (milliseconds: number) => Promise<void>;
  await clock.runUntilSettled(later(250));
  expect(clock.now()).toBe(250);
});

test("a closed bottle has no timer left and starts none", async () => {
  const { clock, runtime, setTimeout, setInterval } = setUp();
  let calls = 0;
  setInterval(() => calls++, 10);
  setTimeout(() => calls++, 10);
  expect(runtime.openResources).toBe(2);
  runtime.close();
  setTimeout(() => calls++, 10);
  await clock.advance(100);
  expect(calls).toBe(0);
  expect(runtime.openResources).toBe(0);
});

test("an error in a callback ends the bottle, not the run", async () => {
  const { clock, runtime, setTimeout } = setUp();
  setTimeout(() => {
    throw new Error("unexpected");
  }, 5);
  let calls = 0;
  setTimeout(() => calls++, 10);
  await clock.advance(100);
  expect(runtime.failure?.message).toBe("unexpected");
  expect(calls).toBe(0);
});

function heldClock() {
  const clock = new VirtualClock(0);
  const tlsHold = new TlsHold((why) => clock.hold(why));
  return { clock, tlsHold };
}

test("without TLS the clock is never held: it waits for promises by itself", async () => {
  const { clock, tlsHold } = heldClock();
  const seen: string[] = [];
  clock.after(10, async () => {
    tlsHold.touch();
    expect(tlsHold.pending).toBe(false);
    for (let step = 0; step < 1000; step++) await undefined;
    for (let step = 0; step < 100; step++) await new Promise<void>((resolve) => process.nextTick(resolve));
    seen.push(`answer at ${clock.now()}`);
  });
  clock.after(11, () => seen.push("next event"));
  await clock.advance(20);
  expect(seen).toEqual(["answer at 10", "next event"]);
});

test("with TLS virtual time waits for immediates, as long as each hop touches the hold", async () => {
  const { clock, tlsHold } = heldClock();
  tlsHold.useTls();
  const seen: string[] = [];
  clock.after(10, async () => {
    tlsHold.touch();
    for (let hop = 0; hop < 50; hop++) {
      await nextTurn();
      tlsHold.touch();
    }
    seen.push(`answer at ${clock.now()}`);
  });
  clock.after(10, () => seen.push("other event"));
  await clock.advance(20);
  expect(seen).toEqual(["answer at 10", "other event"]);
});

test("a hold ends by itself, and at once when the bottle is closed", async () => {
  const { clock, tlsHold } = heldClock();
  tlsHold.useTls();
  tlsHold.touch();
  expect(tlsHold.pending).toBe(true);
  await clock.advance(1);
  expect(tlsHold.pending).toBe(false);
  tlsHold.touch();
  tlsHold.close();
  expect(tlsHold.pending).toBe(false);
  await clock.advance(1);
});

test("on a host in real time a touch is free", () => {
  const tlsHold = new TlsHold(undefined);
  tlsHold.useTls();
  tlsHold.touch();
  expect(tlsHold.pending).toBe(false);
});
