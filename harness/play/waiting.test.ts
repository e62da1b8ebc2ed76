import { describe, expect, test } from "vitest";
import { completes, stopsAt } from "../contract/scenario.ts";
import { paceOf } from "../labs/netns/links.ts";
import { waitingIn } from "./waiting.ts";

const real = { answerMs: 100, quiet: async () => {} };
const A_MINUTE = 60_000;

describe("in virtual time", () => {
  test("everything waits as long as it says", () => {
    const waiting = waitingIn(undefined, stopsAt("client opens data", "no-answer"));
    expect(waiting.patience("client opens data", A_MINUTE)).toBe(A_MINUTE);
    expect(waiting.abridged(60 * A_MINUTE)).toBe(60 * A_MINUTE);
  });
});

describe("in real time", () => {
  test("an expected answer gets enough time, and more than asked for if that is little", () => {
    const waiting = waitingIn(real, completes);
    expect(waiting.patience("client gets a 227 reply", A_MINUTE)).toBeGreaterThanOrEqual(10_000);
    expect(waiting.patience("client sees its control connection closed", 200)).toBeGreaterThan(1_000);
    expect(waiting.patience("client sees its control connection closed", 30_000)).toBeGreaterThan(30_000);
  });

  test("over a link that loses packets a kernel may repeat one after more than 20 s", () => {
    const { answerMs } = paceOf({ latencyMs: 30, loss: 0.03 });
    const lossy = waitingIn({ ...real, answerMs }, completes);
    expect(lossy.patience("server gets a file", A_MINUTE)).toBeGreaterThan(45_000);
    expect(waitingIn(real, completes).patience("server gets a file", A_MINUTE)).toBe(20_000);
  });

  test("only the answer that the scenario expects not to come is given up soon", () => {
    const waiting = waitingIn(real, stopsAt("client opens data", "no-answer"));
    expect(waiting.patience("client opens data", A_MINUTE)).toBeLessThan(1_000);
    expect(waiting.patience("client gets a 227 reply", A_MINUTE)).toBeGreaterThanOrEqual(10_000);
  });

  test("a refusal is an answer: it is waited for", () => {
    const waiting = waitingIn(real, stopsAt("client connects", "refused"));
    expect(waiting.patience("client connects", A_MINUTE)).toBeGreaterThanOrEqual(10_000);
  });

  test("an hour of nothing is half a second", () => {
    const waiting = waitingIn(real, completes);
    expect(waiting.abridged(3_600_000)).toBe(500);
    expect(waiting.abridged(20)).toBe(20);
  });
});
