/**
 * ICMP and states: a query and its reply have a state, an error belongs to the state of the packet that it quotes.
 * Both the error and the quotation are translated.
 */

import type { DropReason } from "../../decision.ts";
import { type IcmpPacket, isIcmp, isTcp, isUdp, type Packet, PROTOCOL } from "../../packet.ts";
import type { Description } from "../description.ts";
import type { Kernel } from "../kernel.ts";
import { translateIcmpFamily } from "../translation/icmp-family.ts";
import { rewriteForState } from "../translation/rewrite.ts";
import { type IcmpMapping, icmpKeyEnds, isEchoRequest, mapIcmp } from "./icmp-mapping.ts";
import { farKey, isReversed } from "./known-state.ts";
import type { State, StateKey } from "./state.ts";

export type IcmpVerdict =
  | { readonly verdict: "pass"; readonly state: State }
  | { readonly verdict: "drop"; readonly state: State; readonly reason: DropReason | undefined }
  /** No state: the rules decide. */
  | { readonly verdict: "none" };

const NONE: IcmpVerdict = { verdict: "none" };
/** All nodes on a link: any of them may reply to a multicast query. */
const ALL_NODES = "ff02::1";

export function testIcmp(kernel: Kernel, description: Description, packet: IcmpPacket): IcmpVerdict {
  const mapping = mapIcmp(packet);
  if (mapping.quotes) return testError(kernel, description, packet);
  const slot = description.sourceIndex;
  let state = lookup(kernel, description, packet, mapping, slot);
  if (state === undefined && packet.family === "inet6" && mapping.direction === "out") {
    state = lookup(kernel, description, { ...packet, source: ALL_NODES }, mapping, slot);
  }
  if (state === undefined) return NONE;
  if (!flowsRightly(state, description, mapping, false)) return { verdict: "drop", state, reason: undefined };
  state.touched = kernel.seconds();
  state.timeout = "icmp.error";
  if (state.wire !== state.stack) {
    const far = farKey(state, description);
    if (!rewriteForState(description, far, mapping)) return { verdict: "drop", state, reason: undefined };
  }
  return { verdict: "pass", state };
}

function lookup(
  kernel: Kernel,
  description: Description,
  packet: IcmpPacket,
  mapping: IcmpMapping,
  sourceIndex: 0 | 1,
): State | undefined {
  const query = mapping.direction === "in";
  const { source, destination } = icmpKeyEnds(packet);
  const key = kernel.states.key(
    packet.protocol,
    description.rdomain,
    source,
    query ? mapping.id : mapping.type,
    destination,
    query ? mapping.type : mapping.id,
    sourceIndex,
  );
  return kernel.states.find(key, description.direction, description.interface);
}

/** Queries go the way that the first one went, replies the other way. */
function flowsRightly(state: State, description: Description, mapping: IcmpMapping, inner: boolean): boolean {
  if (state.sloppy) return true;
  const crossed = state.wire.family !== state.stack.family;
  const direction = crossed ? (description.family === state.wire.family ? "in" : "out") : state.direction;
  const along = (direction === description.direction) !== inner;
  return (along ? "in" : "out") === mapping.direction;
}

function testError(kernel: Kernel, description: Description, packet: IcmpPacket): IcmpVerdict {
  const { quoted } = packet;
  // An error about a packet of another host.
  if (quoted === undefined || quoted.source !== packet.destination) return NONE;
  if ((quoted.fragment?.offset ?? 0) !== 0) return NONE;
  // The quoted packet went the other way.
  const slot = description.destinationIndex;
  let state: State | undefined;
  let mapping: IcmpMapping | undefined;
  if (isIcmp(quoted)) {
    mapping = mapIcmp(quoted);
    state = lookup(kernel, description, quoted, mapping, slot);
    if (state === undefined) return NONE;
    if (!flowsRightly(state, description, mapping, true)) return { verdict: "drop", state, reason: undefined };
  } else {
    const ported = isTcp(quoted) || isUdp(quoted);
    const key = kernel.states.key(
      quoted.protocol,
      description.rdomain,
      quoted.source,
      ported ? quoted.sourcePort : 0,
      quoted.destination,
      ported ? quoted.destinationPort : 0,
      slot,
    );
    state = kernel.states.find(key, description.direction, description.interface);
    if (state === undefined) return NONE;
  }
  let inner: Packet = quoted;
  if (isTcp(quoted)) {
    const forward = (description.direction === state.direction) === isReversed(state, description);
    const [src, dst] = forward ? [state.src, state.dst] : [state.dst, state.src];
    const scale = src.scale !== undefined && dst.scale !== undefined ? dst.scale : 0;
    const seq = (quoted.seq - src.difference) >>> 0;
    if (src.difference !== 0) inner = { ...quoted, seq };
    const inside = ((src.high - seq) | 0) >= 0 && ((seq - (src.low - dst.maxWindow * 2 ** scale)) | 0) >= 0;
    if (!state.sloppy && !inside) return { verdict: "drop", state, reason: "state-mismatch" };
  }
  if (state.wire !== state.stack) {
    const far = farKey(state, description);
    const done =
      far.family === packet.family
        ? translateError(description, packet, inner, far, slot, mapping)
        : crossFamily(description, packet, inner, far, mapping);
    if (!done) return { verdict: "drop", state, reason: undefined };
  } else if (inner !== quoted) description.change({ quoted: inner });
  return { verdict: "pass", state };
}

/** The quotation's ends become those of the key, and with each the outer address at the opposite end. */
function translateError(
  description: Description,
  packet: IcmpPacket,
  quoted: Packet,
  key: StateKey,
  slot: 0 | 1,
  mapping: IcmpMapping | undefined,
): boolean {
  const other = slot === 0 ? 1 : 0;
  const source = key.address(slot);
  const destination = key.address(other);
  let inner: Packet = { ...quoted, source, destination };
  let sourceMoved = source !== quoted.source;
  let destinationMoved = destination !== quoted.destination;
  if (isTcp(quoted) || isUdp(quoted)) {
    inner = { ...quoted, source, destination, sourcePort: key.port(slot), destinationPort: key.port(other) };
    sourceMoved ||= key.port(slot) !== quoted.sourcePort;
    destinationMoved ||= key.port(other) !== quoted.destinationPort;
  } else if (isIcmp(quoted) && mapping !== undefined && isEchoRequest(quoted.family, mapping.type)) {
    const id = key.port(mapping.direction === "in" ? slot : other);
    inner = { ...quoted, source, destination, id };
    sourceMoved ||= id !== quoted.id;
  }
  if (destination !== quoted.destination || key.rdomain !== description.rdomain) description.destinationChanged = true;
  description.notes.rtable = key.rdomain;
  description.change({ quoted: inner });
  if (sourceMoved) description.change({ destination: source });
  if (destinationMoved) description.change({ source: destination });
  if (source !== packet.destination) description.destinationChanged = true;
  return true;
}

/** af-to: outer and inner message both change their family. */
function crossFamily(
  description: Description,
  packet: IcmpPacket,
  quoted: Packet,
  key: StateKey,
  mapping: IcmpMapping | undefined,
): boolean {
  const outer = translateIcmpFamily(packet, key.family);
  if (outer === undefined) return false;
  const { family } = key;
  // Slots of the quoted packet on the far side.
  const slot = description.sourceIndex;
  const other = description.destinationIndex;
  const source = key.address(slot);
  const destination = key.address(other);
  const icmp = family === "inet" ? PROTOCOL.icmp : PROTOCOL.icmp6;
  let inner = { ...quoted, family, source, destination } as Packet;
  if (isTcp(quoted) || isUdp(quoted)) {
    inner = { ...inner, sourcePort: key.port(slot), destinationPort: key.port(other) } as Packet;
  } else if (isIcmp(quoted)) {
    const translated = translateIcmpFamily(quoted, family);
    if (translated === undefined || mapping === undefined) return false;
    const id = key.port(mapping.direction === "in" ? slot : other);
    inner = { ...inner, ...translated, protocol: icmp, id } as Packet;
  }
  description.newFamily = family;
  description.protocol = icmp;
  description.destinationChanged = true;
  description.notes.rtable = key.rdomain;
  description.change({
    family,
    protocol: icmp as 6,
    ...outer,
    quoted: inner,
    source: destination,
    destination: source,
  });
  return true;
}
