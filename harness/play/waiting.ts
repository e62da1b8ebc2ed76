/**
 * How long a play waits. In virtual time waiting costs nothing, and scenarios wait as long as a person or a program
 * would. In real time what is expected gets time enough on a loaded machine, and what is expected not to come gets as
 * much as answers over the lab's wires never take.
 *
 * @example
 * const waiting = waitingIn(lab.pace, scenario.ends[profile]);
 * waiting.patience("client gets a 227 reply", 60_000); // 20_000 in netns: it will come sooner
 * waiting.abridged(3_600_000); // 500 in netns
 */

import type { Pace } from "../contract/lab.ts";
import type { End } from "../contract/scenario.ts";
import type { Cause } from "../contract/script.ts";

export interface Waiting {
  /** What a step may wait for its peer, who would have so long in virtual time. Milliseconds. */
  patience(step: string, milliseconds: number): number;
  /** A span in which nothing is to happen and that no timer measures. Milliseconds. */
  abridged(milliseconds: number): number;
}

/** A process may not get the machine for so long, or a kernel repeats a segment twice. */
const SLACK_MS = 5_000;
/** A peer has so long in virtual time if no timer is meant: who has not answered in the other span never will. */
const AT_LEISURE_MS = 60_000;
const LONGEST_MS = 20_000;
/**
 * Or, where answers take long, so many of these. Where packets are lost: a SYN+ACK that is repeated for seven seconds,
 * all of them answered with the first one's timestamp, makes Linux take seven seconds for the round trip, and so repeat
 * a lost segment only after 22 (RFC 6298 §2.2). Seen once in some 400 plays.
 */
const LONGEST_ANSWERS = 40;
const ABRIDGED_MS = 500;

/**
 * In answers' times: how long it takes to say that nothing came. A SYN alone is
 * dropped sooner than a session falls silent; a program that is to give up logs in first.
 */
const IN_VAIN: Readonly<Partial<Record<Cause, number>>> = {
  silence: 8,
  "gave-up": 16,
  "no-answer": 3,
  "other-rules": 3,
};

export function waitingIn(pace: Pace | undefined, expected: End): Waiting {
  if (pace === undefined)
    return { patience: (_, milliseconds) => milliseconds, abridged: (milliseconds) => milliseconds };
  const { answerMs, programsMs = 0 } = pace;
  return {
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
