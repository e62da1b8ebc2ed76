/**
 * What goes into a control session and what comes out of it. Nothing else crosses that border: no
 * socket, no timer, no clock. Actions are to be carried out in order.
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
  /** The connection broke: RST, refused, unreachable. `writing`: found out by a write. */
  | { readonly kind: "reset"; readonly from: Peer; readonly writing?: boolean }
  /** Nothing came from that side for as long as its `idle-limit` said. */
  | { readonly kind: "timeout"; readonly from: Peer }
  /** A line was begun and not finished in the time that its `line-limit` said. */
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
  /** Replace the anchor's rules by this pf.conf text; nothing is sent before the answer has come back as input. */
  | { readonly kind: "load"; readonly rules: string }
  /** Empty the anchor. Comes exactly once, at the end. */
  | { readonly kind: "drop" }
  | { readonly kind: "log"; readonly level: LogLevel; readonly text: string }
  /** From now on `from` may be silent for this long; 0: for ever. */
  | { readonly kind: "idle-limit"; readonly from: Peer; readonly milliseconds: number }
  /** `from` has begun a line and has this long to finish it; 0: it has. Only with `--line-timeout`. */
  | { readonly kind: "line-limit"; readonly from: Peer; readonly milliseconds: number }
  /** Close both connections after what is on its way out. The last action of a session. */
  | { readonly kind: "close" };
