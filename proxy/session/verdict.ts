/**
 * The decision about one inspected line.
 *
 * @example
 * const verdict: Verdict = { kind: "forward" };
 */

import type { LogLine } from "./log-lines.ts";
import type { DataPath } from "./ruleset.ts";
import type { NegotiationVerb } from "./setup.ts";

/** A negotiating command whose reply is awaited. */
export interface Pending {
  readonly verb: NegotiationVerb;
  /** Classic PORT and EPRT: the ports that a `200 ` will open. */
  readonly offer?: { readonly port: number; readonly proxyPort: number };
}

export type Verdict =
  /** Sent on unchanged. */
  | { readonly kind: "forward"; readonly pending?: Pending }
  /** Sent on rewritten. */
  | { readonly kind: "rewrite"; readonly line: string; readonly logs: readonly LogLine[]; readonly pending: Pending }
  /** Load rules for `path`, then send `line`. `held` is logged when the transaction is open. */
  | {
      readonly kind: "open";
      readonly path: DataPath;
      readonly line: string;
      readonly logs: readonly LogLine[];
      readonly held?: LogLine;
    }
  /** Not forwarded; the client gets `line` instead. */
  | { readonly kind: "answer"; readonly line: string; readonly logs: readonly LogLine[] }
  /** The session ends; `why` is for `--reply-421`. */
  | { readonly kind: "end"; readonly log: LogLine; readonly why: string };

export const forward: Verdict = { kind: "forward" };
