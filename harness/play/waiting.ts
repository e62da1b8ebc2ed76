/**
 * How long a play waits. In virtual time waiting costs nothing, so scenarios wait as long as a person or a program
 * would. In real time an expected answer gets enough time for a loaded machine, and an answer that is expected not to
 * come gets longer than any answer over the lab's wires takes.
 *
 * @example
 * const waiting = waitingIn(lab.pace, works, "ftp-proxy");
 * waiting.patience("client gets a 227 reply", 60_000); // 20_000 in netns
 * waiting.abridged(3_600_000); // 500 in netns
 */

import type { Expectation } from "../contract/expectation.ts";
import type { Pace } from "../contract/lab.ts";
import { hasReference, type Profile } from "../contract/subject.ts";

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
const IN_VAIN = { connection: 3, line: 8, program: 16 } as const;

/** The same for players that act by themselves: longer for replies, which may wait for a peer's own attempt. */
const PLAYERS_IN_VAIN = { connect: 4, reply: 16 } as const;

export function waitingIn(pace: Pace | undefined, expected: Expectation, profile: Profile): Waiting {
  if (pace === undefined) {
    const whole = (milliseconds: number) => milliseconds;
    return { patience: (_, milliseconds) => milliseconds, ofPlayers: whole, abridged: whole };
  }
  const { answerMs, programsMs = 0 } = pace;
  // Without a proxy half of all pairs hang: long enough for a program that starts, not for a person.
  const hangsOften = expected.service === "any" && profile === "none";
  const shortMs = Math.max(SLACK_MS, IN_VAIN.program * answerMs, programsMs);
  return {
    ofPlayers(milliseconds) {
      if (hangsOften) return Math.min(milliseconds, shortMs);
      if (expected.service !== "fails") return Math.max(LONGEST_MS, LONGEST_ANSWERS * answerMs, programsMs);
      const answers = milliseconds < AT_LEISURE_MS ? PLAYERS_IN_VAIN.connect : PLAYERS_IN_VAIN.reply;
      return Math.min(milliseconds, answers * answerMs);
    },
    patience(step, milliseconds) {
      if (hangsOften) return Math.min(milliseconds, shortMs);
      const vain = vainKind(step, expected, profile);
      if (vain !== undefined) return Math.min(milliseconds, IN_VAIN[vain] * answerMs);
      return milliseconds < AT_LEISURE_MS
        ? milliseconds + Math.max(SLACK_MS, programsMs)
        : Math.max(LONGEST_MS, LONGEST_ANSWERS * answerMs, programsMs);
    },
    abridged: (milliseconds) => Math.min(milliseconds, ABRIDGED_MS),
  };
}

const CONNECTING = /^(client opens data|server dials data|client connects|(client|server) accepts( data)?)$/;
const LINES = /^(client|server) gets /;
const PROGRAM = /^client (downloads|uploads|lists|runs|connects and logs in)/;

/** The kind of answer that a step is expected to wait for in vain. */
function vainKind(step: string, expected: Expectation, profile: Profile): keyof typeof IN_VAIN | undefined {
  // Only a subject with a reference must hang up where the script says so.
  if (step.endsWith("sees its control connection closed")) return hasReference(profile) ? undefined : "line";
  if (expected.service !== "fails" || expected.notice?.startsWith("hangs") === false) return undefined;
  if (CONNECTING.test(step)) return "connection";
  if (PROGRAM.test(step)) return "program";
  return expected.at !== "data connection" && LINES.test(step) ? "line" : undefined;
}
