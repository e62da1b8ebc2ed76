/**
 * Makes the state of a packet that a rule passes: limits, keys, peers, translation of this first packet.
 */

import type { DropReason } from "../../decision.ts";
import { PROTOCOL, TCP_FLAG, type TcpOptions } from "../../packet.ts";
import { tcpAnswer } from "../answers.ts";
import type { Description } from "../description.ts";
import type { Kernel } from "../kernel.ts";
import type { Evaluation } from "../rules/evaluate.ts";
import { chooseAddress } from "../translation/pools.ts";
import { rewriteForState } from "../translation/rewrite.ts";
import { icmpKeyEnds } from "./icmp-mapping.ts";
import { type End, LEVEL, type Slot, State, StateKey, TCPS } from "./state.ts";
import { scaleOf } from "./tcp-tracking.ts";

export type Created =
  | { readonly verdict: "pass" | "synproxy"; readonly state: State }
  | { readonly verdict: "drop"; readonly reason: DropReason };

/** TCP: tcp_mssdflt, and 1500 bytes of Ethernet without headers. */
const DEFAULT_MSS = 512;
const ETHERNET_MSS = { inet: 1460, inet6: 1440 } as const;

/** pf.c: pf_create_state(). */
export function createState(kernel: Kernel, evaluation: Evaluation): Created {
  const { description, rule, nodes } = evaluation;
  const over = ruleLimit(kernel, evaluation);
  if (over !== undefined) return { verdict: "drop", reason: over };
  const fail = (reason: DropReason): Created => {
    for (const node of Object.values(nodes)) kernel.sources.remove(node);
    return { verdict: "drop", reason };
  };
  if (kernel.states.full) return fail("memory");
  const { original, translated } = keysFor(evaluation);
  const state = newState(kernel, evaluation, original, translated);
  startPeers(kernel, description, state);
  if (rule.route !== undefined) {
    const { source } = description.packet;
    state.nextHop = chooseAddress(kernel, state.wire.family, rule, rule.route, source, "route", nodes);
    if (state.nextHop === undefined) return fail("no-route");
  }
  for (const node of Object.values(nodes)) {
    node.states++;
    state.sourceNodes.push(node);
  }
  if (!kernel.states.insert(state)) {
    for (const node of state.sourceNodes) node.states--;
    return fail("state-insert");
  }
  countOnRules(evaluation);
  const incoming = description.direction === "in";
  if (incoming && state.stack !== state.wire && state.stack !== translated) description.notes.tookOver = true;
  const isSyn = (description.flags & (TCP_FLAG.S | TCP_FLAG.A)) === TCP_FLAG.S;
  if (description.tcp !== undefined && isSyn && rule.filter?.state === "synproxy" && incoming) {
    startProxy(kernel, description, state);
    return { verdict: "synproxy", state };
  }
  if (state.wire !== state.stack) rewriteForState(description, incoming ? state.stack : state.wire, evaluation.icmp);
  return { verdict: "pass", state };
}

/** max-src-states, max-src-nodes and max: the limit that forbids another state of the rule. */
function ruleLimit(kernel: Kernel, { description, rule, nodes }: Evaluation): DropReason | undefined {
  const { sourceTrack, max = 0 } = rule.filter?.stateOptions ?? {};
  if (sourceTrack !== undefined) {
    const { packet, family } = description;
    const claimed = kernel.sources.claim(packet.source, family, "none", rule, kernel.seconds());
    if (typeof claimed === "string") {
      kernel.counters.limits[claimed]++;
      return "src-limit";
    }
    nodes.none = claimed;
  }
  if (max === 0 || rule.states < max) return undefined;
  kernel.counters.limits["max states per rule"]++;
  return "state-limit";
}

function newState(kernel: Kernel, evaluation: Evaluation, original: StateKey, translated: StateKey): State {
  const { description, rule, position, matchedPositions } = evaluation;
  const incoming = description.direction === "in";
  const state = new State({
    id: kernel.states.newId(),
    direction: description.direction,
    interface: rule.filter?.stateOptions?.policy === "if-bound" ? description.interface : "all",
    rule,
    anchor: evaluation.anchor,
    natRule: evaluation.natRule,
    matchRules: evaluation.matched,
    positions: position === undefined ? matchedPositions : [...matchedPositions, position],
    actions: evaluation.actions,
    wire: incoming ? original : translated,
    stack: incoming ? translated : original,
    creation: kernel.seconds(),
  });
  state.tag = evaluation.tag;
  return state;
}

function countOnRules({ rule, anchor, matched }: Evaluation): void {
  for (const counted of anchor === undefined ? [rule] : [rule, anchor]) {
    counted.states++;
    counted.creations++;
  }
  for (const one of matched) one.states++;
}

/** Both ends, the source in its slot. */
const inSlots = (source: End, destination: End, sourceSlot: Slot): readonly [End, End] =>
  sourceSlot === 0 ? [source, destination] : [destination, source];

/** The key of the packet as it came, and as it goes; the same object if nothing was translated. */
function keysFor({ description, actions }: Evaluation): { readonly original: StateKey; readonly translated: StateKey } {
  const { packet, family, newFamily, protocol, rdomain, sourceIndex } = description;
  const icmpPacket = description.icmp;
  const ends = icmpPacket === undefined ? packet : icmpKeyEnds(icmpPacket);
  const original = new StateKey(
    family,
    protocol,
    rdomain,
    ...inSlots(
      { address: ends.source, port: description.sourcePort },
      { address: ends.destination, port: description.destinationPort },
      sourceIndex,
    ),
  );
  const { newSource, newDestination, newSourcePort, newDestinationPort } = description;
  const same =
    newSource === packet.source &&
    newDestination === packet.destination &&
    newSourcePort === description.sourcePort &&
    newDestinationPort === description.destinationPort &&
    actions.rtable === rdomain &&
    family === newFamily;
  if (same) return { original, translated: original };
  const crossed = family !== newFamily;
  // Across families the far side of the state is an outgoing one.
  const index = crossed ? description.destinationIndex : sourceIndex;
  const other = protocol === PROTOCOL.icmp ? PROTOCOL.icmp6 : PROTOCOL.icmp;
  const isIcmp = protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmp6;
  const translated = new StateKey(
    newFamily,
    crossed && isIcmp ? other : protocol,
    actions.rtable,
    ...inSlots(
      { address: newSource, port: newSourcePort },
      { address: newDestination, port: newDestinationPort },
      index,
    ),
  );
  return { original, translated };
}

function startPeers(kernel: Kernel, description: Description, state: State): void {
  const { src, dst } = state;
  const { tcp, flags, payloadLength, protocol } = description;
  if (tcp !== undefined) {
    src.low = tcp.seq;
    src.high = (tcp.seq + payloadLength + 1) >>> 0;
    const isSyn = (flags & (TCP_FLAG.S | TCP_FLAG.A)) === TCP_FLAG.S;
    if (isSyn && state.rule.filter?.state === "modulate") {
      src.difference = kernel.random(2 ** 32) || 1;
      description.change({ seq: (tcp.seq + src.difference) >>> 0 });
    }
    if (flags & TCP_FLAG.S) {
      src.high = (src.high + 1) >>> 0;
      src.scale = scaleOf(description);
    }
    src.maxWindow = Math.max(tcp.window, 1);
    // A SYN's own window is not scaled.
    if (src.scale !== undefined && src.scale > 0) {
      src.maxWindow = (src.maxWindow + 2 ** src.scale - 1) >>> src.scale;
    }
    if (flags & TCP_FLAG.F) src.high = (src.high + 1) >>> 0;
    dst.high = 1;
    dst.maxWindow = 1;
    src.level = TCPS.SYN_SENT;
    dst.level = TCPS.CLOSED;
    state.timeout = "tcp.first";
    return;
  }
  if (protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmp6) {
    state.timeout = "icmp.first";
    return;
  }
  src.level = LEVEL.SINGLE;
  dst.level = LEVEL.NO_TRAFFIC;
  state.timeout = protocol === PROTOCOL.udp ? "udp.first" : "other.first";
}

/** The SYN proxy answers in the server's place. */
function startProxy(kernel: Kernel, description: Description, state: State): void {
  const { tcp } = description;
  if (tcp === undefined) return;
  state.src.level = TCPS.PROXY_SRC;
  state.src.high = kernel.random(2 ** 32);
  state.src.mss = proxyMss(tcp.tcpOptions, description);
  description.answers.push(
    tcpAnswer(description, {
      seq: state.src.high,
      ack: tcp.seq + 1,
      flags: TCP_FLAG.S | TCP_FLAG.A,
      mss: state.src.mss,
    }),
  );
}

function proxyMss(options: TcpOptions | undefined, { family }: Description): number {
  // pf.c, pf_get_mss(): a SYN without any option counts as offering nothing.
  const offer = options === undefined ? 0 : (options.mss ?? DEFAULT_MSS);
  return Math.max(Math.min(offer, ETHERNET_MSS[family]), 64);
}
