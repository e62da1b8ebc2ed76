/**
 * A packet of an existing state: tracking decides, no rule is tested.
 */

import type { DropReason } from "../../decision.ts";
import { PROTOCOL, TCP_FLAG, type TcpPacket } from "../../packet.ts";
import type { TimeoutName } from "../../rule.ts";
import { tcpAnswer } from "../answers.ts";
import type { Description } from "../description.ts";
import type { Kernel } from "../kernel.ts";
import { rewriteForState } from "../translation/rewrite.ts";
import { LEVEL, type State, type StateKey, TCPS } from "./state.ts";
import { synproxy } from "./synproxy.ts";
import { peersOf, trackFull, trackSloppy } from "./tcp-tracking.ts";

export type StateVerdict =
  | { readonly verdict: "pass" }
  | { readonly verdict: "synproxy"; readonly toServer?: TcpPacket }
  | { readonly verdict: "drop"; readonly reason: DropReason | undefined }
  /** The state is over: the rules decide, and make a new one. */
  | { readonly verdict: "reuse" };

/** The state that a TCP, UDP or other packet (not ICMP) belongs to. */
export function findState(kernel: Kernel, description: Description): State | undefined {
  const { packet, virtualProtocol, rdomain, sourcePort, destinationPort, sourceIndex, direction } = description;
  const { source, destination } = packet;
  const { states } = kernel;
  const key = states.key(virtualProtocol, rdomain, source, sourcePort, destination, destinationPort, sourceIndex);
  return states.find(key, direction, description.interface);
}

export function testState(kernel: Kernel, description: Description, state: State): StateVerdict {
  const { virtualProtocol, flags } = description;
  const reversed = isReversed(state, description);
  if (virtualProtocol === PROTOCOL.tcp) {
    if (state.src.level >= TCPS.PROXY_SRC) {
      const proxied = synproxy(kernel, description, state);
      if (proxied.verdict !== "pass") return proxied;
    }
    if ((flags & (TCP_FLAG.S | TCP_FLAG.A)) === TCP_FLAG.S) {
      const [src, dst] = peersOf(state, description);
      if (dst.level >= TCPS.FIN_WAIT_2 && src.level >= TCPS.FIN_WAIT_2) {
        state.timeout = "purge";
        return { verdict: "reuse" };
      }
      if (dst.level >= TCPS.ESTABLISHED && src.level >= TCPS.ESTABLISHED) {
        // The peer has forgotten the connection: an ACK makes it send a reset.
        description.answers.push(tcpAnswer(description, { seq: dst.low, ack: src.low, flags: TCP_FLAG.A }));
        return { verdict: "drop", reason: undefined };
      }
    }
    const tracked = state.sloppy
      ? trackSloppy(kernel, description, state)
      : trackFull(kernel, description, state, reversed);
    if (tracked.verdict === "drop") return tracked;
  } else trackOther(kernel, description, state, virtualProtocol === PROTOCOL.udp);
  if (state.wire !== state.stack && !rewriteForState(description, farKey(state, description), undefined)) {
    return { verdict: "drop", reason: undefined };
  }
  return { verdict: "pass" };
}

function trackOther(kernel: Kernel, description: Description, state: State, udp: boolean): void {
  const [src, dst] = peersOf(state, description);
  if (src.level < LEVEL.SINGLE) src.level = LEVEL.SINGLE;
  if (dst.level === LEVEL.SINGLE) dst.level = LEVEL.MULTIPLE;
  state.touched = kernel.seconds();
  const both = src.level === LEVEL.MULTIPLE && dst.level === LEVEL.MULTIPLE;
  const name: TimeoutName = udp ? (both ? "udp.multiple" : "udp.single") : both ? "other.multiple" : "other.single";
  state.timeout = name;
}

/** af-to: whether the packet came by the far end, where the state's direction is reversed. */
export const isReversed = ({ wire, stack }: State, { family }: Pick<Description, "family">): boolean =>
  wire.family !== stack.family && wire.family !== family;

/** The key to which the packet is rewritten. */
export function farKey(state: State, description: Description): StateKey {
  const incoming = description.direction === "in";
  if (state.wire.family !== state.stack.family) {
    return state.wire.family === description.family ? state.stack : state.wire;
  }
  return incoming ? state.stack : state.wire;
}
