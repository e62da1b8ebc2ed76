/**
 * Infers from the next line of the real log what happened to the real proxy before it: which peer spoke,
 * closed or fell silent. A line that the proxy writes by itself has no cause.
 *
 * @example
 * causeOf("#1 client: PASV\\r\\n"); // { kind: "line", from: "client", id: 1, text: "PASV\\r\\n" }
 */

import type { Peer } from "../../../../proxy/session/action.ts";

export type Cause =
  | { readonly kind: "arrive" }
  | { readonly kind: "line"; readonly from: Peer; readonly id: number; readonly text: string }
  /** Bytes that never became a line. */
  | { readonly kind: "unclean"; readonly from: Peer; readonly id: number }
  | { readonly kind: "finish"; readonly from: Peer; readonly id: number }
  | { readonly kind: "reset"; readonly from: Peer; readonly id: number }
  | { readonly kind: "silence"; readonly from: Peer; readonly id: number }
  | { readonly kind: "signal"; readonly signal: number }
  /** Below -D7 ftp-proxy logs neither arrivals nor lines; these two replace them. */
  | { readonly kind: "negotiation"; readonly id: number; readonly mode: "passive" | "active"; readonly port: number }
  | { readonly kind: "started" }
  | { readonly kind: "none" };

export function causeOf(text: string): Cause {
  if (/^client limit /.test(text)) return { kind: "arrive" };
  const signal = /exiting on signal (\d+)$/.exec(text);
  if (signal !== null) return { kind: "signal", signal: Number(signal[1]) };
  const own = /^#(\d+) (.*)$/s.exec(text);
  if (own?.[2] === undefined) return { kind: "none" };
  return causeInSession(Number(own[1]), own[2]);
}

function causeInSession(id: number, text: string): Cause {
  if (text.startsWith("accepted connection from ")) return { kind: "arrive" };
  if (text.startsWith("FTP session ")) return { kind: "started" };
  const line = /^(client|server): (.*)$/s.exec(text);
  if (line?.[2] !== undefined) return { kind: "line", from: peerOf(line[1]), id, text: line[2] };
  const negotiation = /^(passive: client to server|active: server to client) port (\d+) via/.exec(text);
  if (negotiation !== null) {
    const mode = text.startsWith("passive") ? "passive" : "active";
    return { kind: "negotiation", id, mode, port: Number(negotiation[2]) };
  }
  const from = peerOf(text.split(" ")[0]);
  if (/^(client command|server reply) too long or not clean$/.test(text)) return { kind: "unclean", from, id };
  if (/^(client|server) close$/.test(text)) return { kind: "finish", from, id };
  if (/^(client reset connection|server refused connection|(client|server) write error: \d+)$/.test(text)) {
    return { kind: "reset", from, id };
  }
  if (/^(client|server) timeout$/.test(text)) return { kind: "silence", from, id };
  return { kind: "none" };
}

function peerOf(word: string | undefined): Peer {
  return word === "client" ? "client" : "server";
}
