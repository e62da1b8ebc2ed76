/**
 * The SYN proxy: PF finishes the client's handshake before the server hears of it, then makes the server's
 * handshake, and translates sequence numbers between the two.
 */

import { TCP_FLAG, type TcpPacket } from "../../packet.ts";
import { tcpAnswer, tcpPacket } from "../answers.ts";
import type { Description } from "../description.ts";
import type { Kernel } from "../kernel.ts";
import { connectionLimit } from "./source-limits.ts";
import { type State, TCPS } from "./state.ts";

export type Proxied =
  /** Not (or no longer) for the proxy. */
  | { readonly verdict: "pass" }
  /** Taken: the packet ends here. `toServer` is PF's own packet, which is tested on its way out. */
  | { readonly verdict: "synproxy"; readonly toServer?: TcpPacket }
  | { readonly verdict: "drop"; readonly reason: "synproxy" | "src-limit" };

const DROP: Proxied = { verdict: "drop", reason: "synproxy" };
const { S, A, R, F } = TCP_FLAG;

export function synproxy(kernel: Kernel, description: Description, state: State): Proxied {
  const { src, dst } = state;
  const { tcp, flags } = description;
  if (tcp === undefined) return { verdict: "pass" };
  const forward = description.direction === state.direction;
  if (src.level === TCPS.PROXY_SRC) {
    if (!forward) return { verdict: "synproxy" };
    if (flags & S) {
      if (tcp.seq !== src.low) return DROP;
      description.answers.push(tcpAnswer(description, { seq: src.high, ack: tcp.seq + 1, flags: S | A, mss: src.mss }));
      return { verdict: "synproxy" };
    }
    if ((flags & (A | R | F)) !== A || tcp.ack !== (src.high + 1) >>> 0 || tcp.seq !== (src.low + 1) >>> 0) return DROP;
    if (connectionLimit(kernel, state)) return { verdict: "drop", reason: "src-limit" };
    src.level = TCPS.PROXY_DST;
  }
  if (src.level !== TCPS.PROXY_DST) return { verdict: "pass" };
  // Key and slots as the server sees the connection.
  const key = state.direction === "in" ? state.stack : state.wire;
  const from = state.direction === "in" ? 0 : 1;
  const to = from === 0 ? 1 : 0;
  const serverSide = {
    family: key.family,
    source: key.address(from),
    destination: key.address(to),
    sourcePort: key.port(from),
    destinationPort: key.port(to),
  };
  if (forward) {
    const next = (flags & (S | A)) === A && tcp.ack === (src.high + 1) >>> 0 && tcp.seq === (src.low + 1) >>> 0;
    if (!next) return DROP;
    src.maxWindow = Math.max(tcp.window, 1);
    if (dst.high === 1) dst.high = kernel.random(2 ** 32);
    return {
      verdict: "synproxy",
      toServer: tcpPacket({ ...serverSide, seq: dst.high, ack: 0, flags: S, mss: src.mss }),
    };
  }
  if ((flags & (S | A)) !== (S | A) || tcp.ack !== (dst.high + 1) >>> 0) return DROP;
  dst.maxWindow = Math.max(tcp.window, 1);
  dst.low = tcp.seq;
  const toServer = tcpAnswer(description, { seq: tcp.ack, ack: tcp.seq + 1, flags: A, window: src.maxWindow });
  // As seen by the client: from the server's address that it knows.
  const clientKey = state.direction === "in" ? state.wire : state.stack;
  description.answers.push(
    tcpPacket({
      family: clientKey.family,
      source: clientKey.address(to),
      destination: clientKey.address(from),
      sourcePort: clientKey.port(to),
      destinationPort: clientKey.port(from),
      seq: src.high + 1,
      ack: src.low + 1,
      flags: A,
      window: dst.maxWindow,
    }),
  );
  src.difference = (dst.high - src.low) >>> 0;
  dst.difference = (src.high - dst.low) >>> 0;
  src.high = (src.low + dst.maxWindow) >>> 0;
  dst.high = (dst.low + src.maxWindow) >>> 0;
  src.scale = undefined;
  dst.scale = undefined;
  src.level = TCPS.ESTABLISHED;
  dst.level = TCPS.ESTABLISHED;
  return { verdict: "synproxy", toServer };
}
