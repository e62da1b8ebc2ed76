/**
 * How long things take on a guest, by two measures taken at the beginning of each play: a message to its agent and
 * back, and a program run there. A machine that is emulated on a busy one takes seconds for a program, and the proxy's
 * pfctl is one of many.
 *
 * @example
 * guestPace({ roundTripMs: 5, programMs: 25 }) // { answerMs: 300, programsMs: 600, connectLimitMs: 1_300 }
 */

export interface GuestMeasures {
  readonly roundTripMs: number;
  /** One pfctl(8), from its start to the end of what it says. */
  readonly programMs: number;
}

export interface GuestPace {
  readonly answerMs: number;
  readonly programsMs: number;
  /** What players' hosts give a connection. */
  readonly connectLimitMs: number;
}

/** An answer takes at most this, and so many round trips to the guest. */
const ANSWER_MS = 250;
const ANSWER_ROUND_TRIPS = 10;
/**
 * Until a proxy's pfctl is answered: a reading of anchors and states that was under way, its own, and the reading after
 * it are eight with two anchors. Other programs want the processor meanwhile: three times that.
 */
const PROGRAMS = 24;
/** As in netns: a SYN and one repetition. */
const CONNECT_LIMIT_MS = 1_300;
/** Packets and agents want the processor too. Seen emulated on a busy machine: 1.5 s where a program takes half a second. */
const CONNECT_PROGRAMS = 5;

export const guestPace = ({ roundTripMs, programMs }: GuestMeasures): GuestPace => ({
  answerMs: ANSWER_MS + ANSWER_ROUND_TRIPS * roundTripMs,
  programsMs: PROGRAMS * programMs,
  connectLimitMs: Math.max(CONNECT_LIMIT_MS, CONNECT_PROGRAMS * programMs),
});
