import { describe, expect, test } from "vitest";
import { completes } from "../../contract/scenario.ts";
import { waitingIn } from "../../play/waiting.ts";
import { guestPace } from "./play.ts";

const patience = (measures: Parameters<typeof guestPace>[0], milliseconds: number) =>
  waitingIn({ ...guestPace(measures), quiet: async () => {} }, completes).patience("client gets 227", milliseconds);

describe("a guest on a processor of its own", () => {
  const quick = { roundTripMs: 1, programMs: 15 };

  test("is waited for as any lab of real time", () => {
    expect(patience(quick, 60_000)).toBe(20_000);
    expect(guestPace(quick).connectLimitMs).toBe(1_300);
  });
});

describe("an emulated guest on a busy machine", () => {
  const slow = { roundTripMs: 90, programMs: 3_000 };

  test("gets the time of the programs that stand before an answer", () => {
    expect(patience(slow, 60_000)).toBeGreaterThan(60_000);
  });

  test("gets it beside a timer's own", () => {
    expect(patience(slow, 30_000)).toBeGreaterThan(90_000);
  });

  test("does not lose connections to a limit of a second", () => {
    expect(guestPace(slow).connectLimitMs).toBe(15_000);
  });
});
