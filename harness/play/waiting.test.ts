import { describe, expect, test } from "vitest";
import { fails, works } from "../contract/expectation.ts";
import { paceOf } from "../labs/netns/links.ts";
import { waitingIn } from "./waiting.ts";

const real = { answerMs: 100, quiet: async () => {} };
const A_MINUTE = 60_000;

describe("in virtual time", () => {
  test("everything waits as long as it says", () => {
    const waiting = waitingIn(undefined, fails({ at: "data connection", notice: "hangs" }), "none");
    expect(waiting.patience("client opens data", A_MINUTE)).toBe(A_MINUTE);
    expect(waiting.abridged(60 * A_MINUTE)).toBe(60 * A_MINUTE);
  });
});

describe("in real time", () => {
  test("an expected answer gets enough time, and more than asked for if that is little", () => {
    const waiting = waitingIn(real, works, "ftp-proxy");
    expect(waiting.patience("client gets a 227 reply", A_MINUTE)).toBeGreaterThanOrEqual(10_000);
    expect(waiting.patience("client sees its control connection closed", 200)).toBeGreaterThan(1_000);
    expect(waiting.patience("client sees its control connection closed", 30_000)).toBeGreaterThan(30_000);
  });

  test("over a link that loses packets a kernel may repeat one after more than 20 s", () => {
    const { answerMs } = paceOf({ latencyMs: 30, loss: 0.03 });
    const lossy = waitingIn({ ...real, answerMs }, works, "ftp-proxy");
    expect(lossy.patience("server gets a file", A_MINUTE)).toBeGreaterThan(45_000);
    expect(waitingIn(real, works, "ftp-proxy").patience("server gets a file", A_MINUTE)).toBe(20_000);
  });

  test("only the answer that the scenario expects not to come is given up soon", () => {
    const waiting = waitingIn(real, fails({ at: "data connection", notice: "hangs" }), "none");
    expect(waiting.patience("client opens data", A_MINUTE)).toBeLessThan(1_000);
    expect(waiting.patience("client gets a 227 reply", A_MINUTE)).toBeGreaterThanOrEqual(10_000);
  });

  test("a subject that claims to be ftp-proxy(8) must hang up where the script says so; others are given up soon", () => {
    const hangUp = "client sees its control connection closed";
    expect(waitingIn(real, works, "ftp-proxy").patience(hangUp, A_MINUTE)).toBeGreaterThanOrEqual(10_000);
    expect(waitingIn(real, works, "none").patience(hangUp, A_MINUTE)).toBeLessThan(1_000);
  });

  test("a refusal is an answer: it is waited for", () => {
    const waiting = waitingIn(real, fails({ notice: "connection refused" }), "none");
    expect(waiting.patience("client connects", A_MINUTE)).toBeGreaterThanOrEqual(10_000);
  });

  test("an hour of nothing is half a second", () => {
    const waiting = waitingIn(real, works, "ftp-proxy");
    expect(waiting.abridged(3_600_000)).toBe(500);
    expect(waiting.abridged(20)).toBe(20);
  });
});
