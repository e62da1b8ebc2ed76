/**
 * How long it is worth to wait where links take their time or lose packets: kernels repeat what was lost, after a
 * second for a SYN, sooner for data.
 *
 * @example
 * const { answerMs, quietMs, connectLimitMs } = paceOf({ latencyMs: 30, loss: 0.03 });
 */

import type { LinkOptions } from "../../contract/lab.ts";
import { CONNECT_LIMIT_MS } from "./namespaces.ts";

export interface LinkPace {
  /** Longer than an answer takes, by far. */
  readonly answerMs: number;
  /** The wires are quiet when nothing has happened on them, or in PF, for so long. */
  readonly quietMs: number;
  /** Players give up an attempt to connect after so long. */
  readonly connectLimitMs: number;
}

const ANSWER_MS = 150;
const QUIET_MS = 60;
/** Two networks, there and back. */
const CROSSINGS = 4;
/** Linux: TCP_TIMEOUT_INIT, and the longest of the first waits for data's acknowledgement. */
const REPETITION_MS = 1_000;
/** SYNs at 0, 1, 3, 7, 15 s: one in ten lost is no reason to give up. */
const LOSSY_CONNECT_LIMIT_MS = 20_000;

export function paceOf({ latencyMs = 0, loss = 0 }: LinkOptions): LinkPace {
  const slower = CROSSINGS * latencyMs + (loss > 0 ? REPETITION_MS : 0);
  return {
    answerMs: ANSWER_MS + slower,
    quietMs: QUIET_MS + slower,
    connectLimitMs: loss > 0 ? LOSSY_CONNECT_LIMIT_MS : CONNECT_LIMIT_MS,
  };
}
