/**
 * The SYN proxy: PF finishes the client's handshake before the server hears of it, then makes the server's
 * handshake, and translates sequence numbers between the two.
 */

import { TCP_FLAG, type TcpPacket } from "../../packet.ts";
import { tcpAnswer, tcpPacket } from "../answers.ts";
import type { Description } from "../description.ts";
import type { Kernel } from "../kernel.ts";
import { connectionLimit } from "./source-limits.ts";
import { type Peer, type Slot, type State, type StateKey, TCPS } from "./state.ts";

export type Proxied =
  /** Not (or no longer) for the proxy. */
  | { readonly verdict: "pass" }
  /** Taken: the packet ends here. `toServer` is PF's own packet, which is tested on its way out. */
  | { readonly verdict: "synproxy"; readonly toServer?: TcpPacket }
  | { readonly verdict: "drop"; readonly reason: "synproxy" | "src-limit" };

const TAKEN: Proxied = { verdict: "synproxy" };
const DROP: Proxied = { verdict: "drop", reason: "synproxy" };
const { S, A, R, F } = TCP_FLAG;

export function synproxy(kernel: Kernel, description: Description, state: State): Proxied {
  const { src } = state;
  const { tcp } = description;
  if (tcp === undefined) return { verdict: "pass" };
  const forward = description.direction === state.direction;
  if (src.level === TCPS.PROXY_SRC) {
    const answered = forward ? answerClient(kernel, description, tcp, state) : TAKEN;
    if (answered !== undefined) return answered;
  }
  if (src.level !== TCPS.PROXY_DST) return { verdict: "pass" };
  return forward ? callServer(kernel, description, tcp, state) : joinPeers(description, tcp, state);
}

/** The client's SYN again, or the end of its handshake: undefined after that. */
function answerClient(kernel: Kernel, description: Description, tcp: TcpPacket, state: State): Proxied | undefined {
  const { src } = state;
  const { flags } = description;
  if (flags & S) {
    if (tcp.seq !== src.low) return DROP;
    description.answers.push(tcpAnswer(description, { seq: src.high, ack: tcp.seq + 1, flags: S | A, mss: src.mss }));
    return TAKEN;
  }
  if ((flags & (A | R | F)) !== A || !endsHandshake(tcp, src)) return DROP;
  if (connectionLimit(kernel, state)) return { verdict: "drop", reason: "src-limit" };
  src.level = TCPS.PROXY_DST;
  return undefined;
}

const endsHandshake = (tcp: TcpPacket, src: Peer): boolean =>
  tcp.ack === (src.high + 1) >>> 0 && tcp.seq === (src.low + 1) >>> 0;

/** After the client's handshake: PF's SYN to the server. */
function callServer(kernel: Kernel, { flags }: Description, tcp: TcpPacket, state: State): Proxied {
  const { src, dst } = state;
  if ((flags & (S | A)) !== A || !endsHandshake(tcp, src)) return DROP;
  src.maxWindow = Math.max(tcp.window, 1);
  if (dst.high === 1) dst.high = kernel.random(2 ** 32);
  const ends = endsOf(state.direction === "in" ? state.stack : state.wire, state.direction === "in" ? 0 : 1);
  return { verdict: "synproxy", toServer: tcpPacket({ ...ends, seq: dst.high, ack: 0, flags: S, mss: src.mss }) };
}

/** The server's SYN+ACK: both handshakes are over, and the peers' numbers are translated from now on. */
function joinPeers(description: Description, tcp: TcpPacket, state: State): Proxied {
  const { src, dst } = state;
  if ((description.flags & (S | A)) !== (S | A) || tcp.ack !== (dst.high + 1) >>> 0) return DROP;
  dst.maxWindow = Math.max(tcp.window, 1);
  dst.low = tcp.seq;
  const toServer = tcpAnswer(description, { seq: tcp.ack, ack: tcp.seq + 1, flags: A, window: src.maxWindow });
  // To the client, from the server's address that it knows.
  const ends = endsOf(state.direction === "in" ? state.wire : state.stack, state.direction === "in" ? 1 : 0);
  const window = dst.maxWindow;
  description.answers.push(tcpPacket({ ...ends, seq: src.high + 1, ack: src.low + 1, flags: A, window }));
  src.difference = (dst.high - src.low) >>> 0;
  dst.difference = (src.high - dst.low) >>> 0;
  src.high = (src.low + dst.maxWindow) >>> 0;
  dst.high = (dst.low + src.maxWindow) >>> 0;
  for (const peer of [src, dst]) {
    peer.scale = undefined;
    peer.level = TCPS.ESTABLISHED;
  }
  return { verdict: "synproxy", toServer };
}

/** Addresses and ports of a packet from the end in slot `from`. */
function endsOf(key: StateKey, from: Slot) {
  const to = from === 0 ? 1 : 0;
  return {
    family: key.family,
    source: key.address(from),
    destination: key.address(to),
    sourcePort: key.port(from),
    destinationPort: key.port(to),
  };
}
