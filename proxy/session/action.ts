/**
 * The inputs and the actions of a control session. Nothing else crosses that border: no socket, no timer,
 * no clock. The caller performs the actions in order.
 *
 * @example
 * session.handle({ kind: "bytes", from: "client", bytes: encode("PASV\r\n") });
 * // [{ kind: "send", to: "server", bytes: "PASV\r\n" }]
 */

import type { LogLevel } from "../host.ts";

export type Peer = "client" | "server";

export type SessionInput =
  | { readonly kind: "bytes"; readonly from: Peer; readonly bytes: Uint8Array }
  /** The peer's FIN. */
  | { readonly kind: "end"; readonly from: Peer }
  /** The connection broke: RST, refused, unreachable. `writing`: a write noticed it. */
  | { readonly kind: "reset"; readonly from: Peer; readonly writing?: boolean }
  /** The peer was silent for as long as its `idle-limit`. */
  | { readonly kind: "timeout"; readonly from: Peer }
  /** The peer did not finish a line within its `line-limit`. */
  | { readonly kind: "line-timeout"; readonly from: Peer }
  | { readonly kind: "rules-loaded" }
  | { readonly kind: "rules-failed"; readonly failure: LoadFailure }
  /** The daemon is going down. */
  | { readonly kind: "stop" };

export interface LoadFailure {
  /** `begin`: the transaction could not even be opened. */
  readonly stage: "begin" | "add" | "commit";
  /** strerror(3) text, or pfctl's own words. */
  readonly reason: string;
}

export type Action =
  | { readonly kind: "send"; readonly to: Peer; readonly bytes: Uint8Array }
  /** Replace the anchor's rules by this pf.conf text. Nothing is sent before the outcome comes back as input. */
  | { readonly kind: "load"; readonly rules: string }
  /** Empty the anchor; exactly once, at the end. */
  | { readonly kind: "drop" }
  | { readonly kind: "log"; readonly level: LogLevel; readonly text: string }
  /** From now on `from` may be silent for this long; 0: for ever. */
  | { readonly kind: "idle-limit"; readonly from: Peer; readonly milliseconds: number }
  /** `from` has begun a line and has this long to finish it; 0: it has. Only with `--line-timeout`. */
  | { readonly kind: "line-limit"; readonly from: Peer; readonly milliseconds: number }
  /** Close both connections after their pending bytes. The last action of a session. */
  | { readonly kind: "close" };
