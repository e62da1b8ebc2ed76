/**
 * A fault is a rule on a link: it sees each packet before the link carries it, and answers pass, drop, delay or
 * duplicate. Faults decide in order of installation. Delays add up, a drop is final, and each duplicate meets the
 * faults that follow. A new fault is a small file in this folder.
 *
 * @example
 * const guard = link.install(loss({ probability: 0.1 }));
 * guard.remove(); // as if it had never been there
 */

import type { Packet } from "../../pf/packet.ts";
import type { SeededRandom } from "../time/random.ts";

export type FaultAnswer =
  | { readonly kind: "pass" }
  | { readonly kind: "drop" }
  | { readonly kind: "delay"; readonly milliseconds: number }
  /** So many more copies, each `milliseconds` after the one before it. */
  | { readonly kind: "duplicate"; readonly copies: number; readonly milliseconds: number };

export const PASS: FaultAnswer = { kind: "pass" };
export const DROP: FaultAnswer = { kind: "drop" };

/** Where and when a packet crosses the link. */
export interface Transit {
  /** Virtual milliseconds since the epoch. */
  readonly nowMs: number;
  /** `node.interface` that sends, and the one that is to receive. */
  readonly from: string;
  readonly to: string;
  /** Of this installation alone. */
  readonly random: SeededRandom;
}

export interface Fault {
  readonly name: string;
  judge(packet: Packet, transit: Transit): FaultAnswer;
}

/** Takes the fault away again. */
export interface FaultGuard {
  remove(): void;
}
