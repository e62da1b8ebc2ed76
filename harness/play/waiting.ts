/**
 * How long a play waits. In virtual time waiting costs nothing, so scenarios wait as long as a person or a program
 * would. In real time an expected answer gets enough time for a loaded machine, and an answer that is expected not to
 * come gets longer than any answer over the lab's wires takes.
 *
 * @example
 * const waiting = waitingIn(lab.pace, scenario.ends[profile]);
 * waiting.patience("client gets a 227 reply", 60_000); // 20_000 in netns
 * waiting.abridged(3_600_000); // 500 in netns
 */

import type { Pace } from "../contract/lab.ts";
import type { End } from "../contract/scenario.ts";
import type { Cause } from "../contract/script.ts";

export interface Waiting {
  /** How long a step may wait for its peer, given its patience in virtual time. Milliseconds. */
  patience(step: string, milliseconds: number): number;
  /** How long a player that acts by itself may wait for its peer. Milliseconds. */
  ofPlayers(milliseconds: number): number;
  /** A span in which nothing should happen and that no timer measures. Milliseconds. */
  abridged(milliseconds: number): number;
}

/** A process may wait this long for the processor, or a kernel may repeat a segment twice. */
const SLACK_MS = 5_000;
/** The patience of a step that measures no timer. In real time such a step waits for `LONGEST_MS`. */
const AT_LEISURE_MS = 60_000;
const LONGEST_MS = 20_000;
/**
 * Or, where answers are slow, this many times what an answer takes. With loss, Linux may repeat a SYN+ACK for seven
 * seconds. If all are answered with the first one's timestamp, it measures a round trip of seven seconds and repeats a
 * lost segment only after 22 (RFC 6298 §2.2). Seen once in some 400 plays.
 */
const LONGEST_ANSWERS = 40;
const ABRIDGED_MS = 500;

/**
 * How long to wait before saying that nothing came, as a multiple of what an answer takes. A dropped SYN shows sooner
 * than a silent session; a program that should give up logs in first.
 */
const IN_VAIN: Readonly<Partial<Record<Cause, number>>> = {
  silence: 8,
  "gave-up": 16,
  "no-answer": 3,
  "still-open": 8,
};

/** The same for players that act by themselves: longer for replies, which may wait for a peer's own attempt. */
const PLAYERS_IN_VAIN = { connect: 4, reply: 16 } as const;

export function waitingIn(pace: Pace | undefined, expected: End): Waiting {
  if (pace === undefined) {
    const whole = (milliseconds: number) => milliseconds;
    return { patience: (_, milliseconds) => milliseconds, ofPlayers: whole, abridged: whole };
  }
  const { answerMs, programsMs = 0 } = pace;
  return {
    ofPlayers(milliseconds) {
      if (expected.kind !== "stops") return Math.max(LONGEST_MS, LONGEST_ANSWERS * answerMs, programsMs);
      const answers = milliseconds < AT_LEISURE_MS ? PLAYERS_IN_VAIN.connect : PLAYERS_IN_VAIN.reply;
      return Math.min(milliseconds, answers * answerMs);
    },
    patience(step, milliseconds) {
      const answers = expected.kind === "stops" && expected.step === step ? IN_VAIN[expected.cause] : undefined;
      if (answers !== undefined) return Math.min(milliseconds, answers * answerMs);
      return milliseconds < AT_LEISURE_MS
        ? milliseconds + Math.max(SLACK_MS, programsMs)
        : Math.max(LONGEST_MS, LONGEST_ANSWERS * answerMs, programsMs);
    },
    abridged: (milliseconds) => Math.min(milliseconds, ABRIDGED_MS),
  };
}
