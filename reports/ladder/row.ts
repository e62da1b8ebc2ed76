/**
 * A row of the ladder: one thing that happened, with no coordinates yet. Its texts are harmless to print (`visible`).
 */
import type { TimelineEvent } from "../model.ts";

/** One arrow between two lanes. */
export interface Leg {
  readonly from: number;
  readonly to: number;
  readonly atMs: number;
}

export type ConnectionEvent = Extract<TimelineEvent, { kind: "connection" }>["event"];

export type LadderRow =
  | {
      readonly kind: "message";
      readonly atMs: number;
      readonly legs: readonly Leg[];
      readonly text: string;
      readonly opaque: boolean;
      /** What the proxy got and replaced by `text`. */
      readonly insteadOf?: string;
    }
  | {
      readonly kind: "connection";
      readonly atMs: number;
      readonly leg: Leg;
      readonly channel: "control" | "data";
      readonly event: ConnectionEvent;
      readonly text: string;
    }
  | {
      readonly kind: "rules";
      readonly atMs: number;
      readonly anchor: string;
      readonly appeared: readonly string[];
      readonly vanished: readonly string[];
      /** How many the anchor holds now. */
      readonly left: number;
    }
  | {
      readonly kind: "drop";
      readonly atMs: number;
      /** Ends at the firewall; undefined when the packet came from nobody on the ladder. */
      readonly leg?: Leg;
      readonly packet: string;
      /** `dropped on vio2 in by pf.conf:4: block drop log all`. */
      readonly cause: string;
      /** When the same packet was dropped again: retransmissions. */
      readonly again: readonly number[];
    }
  | {
      readonly kind: "kept-out";
      readonly atMs: number;
      /** What the intruder tried with one result, each try once. */
      readonly what: string;
      readonly result: string;
      readonly tries: readonly { readonly from: string; readonly to: string }[];
    }
  | {
      readonly kind: "note";
      readonly atMs: number;
      readonly tone: "log" | "step" | "state" | "expected" | "bad";
      readonly text: string;
    };
