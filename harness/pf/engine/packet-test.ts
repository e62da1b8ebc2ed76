/**
 * Tests one packet in one direction, in the kernel's order: normalisation, states, rules, counting, rewriting.
 */

import type { Decision, DropReason, PacketNotes, RulePosition } from "../decision.ts";
import { isIcmp, type Packet, PROTOCOL, type TcpPacket } from "../packet.ts";
import type { Direction } from "../rule.ts";
import { account } from "./accounting.ts";
import { answerBlocked } from "./answers.ts";
import { Description, FRAGMENT, normalizeTcp } from "./description.ts";
import type { Kernel } from "./kernel.ts";
import { perform, performOwn } from "./rules/actions.ts";
import { Evaluation, type LogEntry, type Walk } from "./rules/evaluate.ts";
import type { LoadedRule } from "./rules/loaded-rule.ts";
import { createState } from "./states/create-state.ts";
import { mapIcmp } from "./states/icmp-mapping.ts";
import { testIcmp } from "./states/icmp-state.ts";
import { findState, testState } from "./states/known-state.ts";
import type { State } from "./states/state.ts";
import { addressOf, fromWords } from "./tables/address.ts";

/** The result of states and rules for a packet. */
interface Outcome {
  verdict: "pass" | "drop" | "synproxy";
  reason?: DropReason | undefined;
  rule: LoadedRule;
  anchor?: LoadedRule | undefined;
  state?: State | undefined;
  positions: readonly RulePosition[];
  logged: readonly LogEntry[];
  evaluation?: Evaluation;
  toServer?: TcpPacket | undefined;
}

const NONE: readonly [] = [];

export function testPacket(
  kernel: Kernel,
  walk: Walk,
  direction: Direction,
  interfaceName: string,
  packet: Packet,
  notes: PacketNotes,
): Decision {
  if (direction === "in") notes.receivedOn = interfaceName;
  if (notes.generated || !tests(kernel, interfaceName)) return untested(packet);
  const description = new Description(direction, interfaceName, packet, notes);
  const outcome = decide(kernel, walk, description);
  const { state, rule } = outcome;
  if (outcome.verdict !== "drop" && packet.options && state !== undefined && !state.allowOptions) {
    outcome.verdict = "drop";
    outcome.reason = "ip-option";
  }
  const crossed = description.family !== description.newFamily;
  if (outcome.reason !== undefined) kernel.counters.reasons[outcome.reason]++;
  account(kernel, description, outcome.verdict === "pass", rule, outcome.anchor, state);
  if (outcome.toServer !== undefined) sendTested(kernel, walk, description, outcome.toServer, state?.tag);
  const told = { rules: outcome.positions, answers: description.answers, logged: outcome.logged };
  if (outcome.verdict !== "pass") {
    return {
      ...told,
      verdict: "drop",
      reason: outcome.verdict === "synproxy" ? "synproxy" : (outcome.reason ?? "match"),
    };
  }
  if (state !== undefined) perform(state.actions, description);
  else if (rule.filter !== undefined) performOwn(rule.filter, description);
  if (state?.tag !== undefined) notes.tag = state.tag;
  if (crossed) notes.generated = true;
  const { rules, answers, logged } = told;
  const passed = description.result();
  const reroute = description.destinationChanged && direction === "out";
  const plain = rule.filter?.divert === undefined && state?.nextHop === undefined && !reroute;
  if (plain && state !== undefined) {
    // Nearly all packets: no spreading, which costs as much as the rest of the test.
    return { verdict: "pass", packet: passed, rules, answers, logged, state: state.id };
  }
  return {
    ...told,
    verdict: "pass",
    packet: passed,
    ...(state !== undefined && { state: state.id }),
    ...(reroute && { reroute }),
    ...divertOf(rule, direction),
    ...routeOf(state, direction),
  };
}

const untested = (packet: Packet): Decision => ({ verdict: "pass", packet, rules: NONE, answers: NONE, logged: NONE });

/** Whether PF looks at packets of the interface: it is enabled, and `set skip` does not name it. */
export function tests({ settings, interfaces }: Kernel, interfaceName: string): boolean {
  if (!settings.enabled) return false;
  for (const skipped of settings.skip) if (interfaces.matches(skipped, interfaceName)) return false;
  return true;
}

const failed = (kernel: Kernel, reason: DropReason): Outcome => ({
  verdict: "drop",
  reason,
  rule: kernel.defaultRule,
  positions: NONE,
  logged: NONE,
});

function decide(kernel: Kernel, walk: Walk, description: Description): Outcome {
  const { virtualProtocol, packet, destinationPort } = description;
  switch (virtualProtocol) {
    case FRAGMENT:
      return evaluate(kernel, walk, description);
    case PROTOCOL.icmp:
    case PROTOCOL.icmp6: {
      if ((packet.family === "inet") !== (virtualProtocol === PROTOCOL.icmp)) return failed(kernel, "normalize");
      if (!isIcmp(packet)) return failed(kernel, "short");
      // RFC 4861, 6.1 and 7.1: neighbour discovery comes from the link itself.
      if (virtualProtocol === PROTOCOL.icmp6 && packet.type >= 133 && packet.type <= 137 && packet.ttl !== 255) {
        return failed(kernel, "normalize");
      }
      const tested = testIcmp(kernel, description, packet);
      if (tested.verdict === "none") return evaluate(kernel, walk, description);
      if (tested.verdict === "drop") return { ...failed(kernel, "match"), reason: tested.reason, state: tested.state };
      return ofState("pass", tested.state);
    }
    case PROTOCOL.tcp:
      if (destinationPort === 0) return failed(kernel, "short");
      if (!normalizeTcp(description)) return failed(kernel, "normalize");
      return byState(kernel, walk, description);
    case PROTOCOL.udp:
      if (destinationPort === 0) return failed(kernel, "short");
      return byState(kernel, walk, description);
    default:
      return byState(kernel, walk, description);
  }
}

function byState(kernel: Kernel, walk: Walk, description: Description): Outcome {
  const state = findState(kernel, description);
  if (state === undefined) return evaluate(kernel, walk, description);
  const { packetRate } = state.rule;
  if (packetRate !== undefined && description.direction === state.direction) {
    packetRate.add(kernel.seconds());
    if (packetRate.exceeded) return evaluate(kernel, walk, description);
  }
  const tested = testState(kernel, description, state);
  switch (tested.verdict) {
    case "reuse":
      if (description.direction === "out" && description.notes.tookOver) forgetSource(kernel, description);
      return evaluate(kernel, walk, description);
    case "pass":
      return ofState("pass", state);
    case "synproxy":
      kernel.counters.reasons.synproxy++;
      return { ...failed(kernel, "match"), reason: undefined, verdict: "synproxy", state, toServer: tested.toServer };
    case "drop":
      return { ...failed(kernel, "match"), reason: tested.reason, state, positions: state.positions };
  }
}

/**
 * Seen on 7.8 (quirk server-port20-time-wait, with its pflog): when a key that was taken over leads an outgoing SYN to
 * another ended state, the rules see a random source address. Most rule sets drop the packet, and the repeated SYN
 * passes.
 */
function forgetSource(kernel: Kernel, description: Description): void {
  const part = (below: number) => kernel.random(below);
  description.newSource =
    description.family === "inet"
      ? Array.from({ length: 4 }, () => part(256)).join(".")
      : Array.from({ length: 8 }, () => (1 + part(0xffff)).toString(16)).join(":");
}

function ofState(verdict: "pass", state: State): Outcome {
  const { rule, anchor, positions } = state;
  if (state.actions.logAll !== true) return { verdict, state, rule, anchor, positions, logged: NONE };
  const logged: LogEntry[] = [];
  for (const position of positions) {
    // Rules of a state are positions of loaded rules with `log (all)`.
    const { loaded } = position as RulePosition & { readonly loaded: LoadedRule };
    if (loaded.filter?.log?.all) logged.push({ rule: position, action: loaded === rule ? "pass" : "match" });
  }
  return { verdict, state, rule, anchor, positions, logged };
}

function evaluate(kernel: Kernel, walk: Walk, description: Description): Outcome {
  const icmpPacket = description.icmp;
  const icmp = icmpPacket && mapIcmp(icmpPacket);
  if (icmp !== undefined) {
    const query = icmp.direction === "in";
    description.sourcePort = query ? icmp.id : icmp.type;
    description.destinationPort = query ? icmp.type : icmp.id;
    description.newSourcePort = description.sourcePort;
    description.newDestinationPort = description.destinationPort;
  }
  const evaluation = new Evaluation(kernel, description, icmp, walk);
  evaluation.run();
  const { rule, anchor, logged, matchedPositions, position } = evaluation;
  const positions = position === undefined ? matchedPositions : [...matchedPositions, position];
  const outcome: Outcome = { verdict: "drop", rule, anchor, positions, logged };
  if (evaluation.failure !== undefined) {
    outcome.reason = evaluation.failure;
    return outcome;
  }
  kernel.counters.reasons.match++;
  const { filter } = rule;
  if (filter?.action === "block") {
    const answer = answerBlocked(kernel, description, rule);
    if (answer !== undefined) description.answers.push(answer);
    return outcome;
  }
  const { notes } = description;
  if (evaluation.tag !== undefined) notes.tag = evaluation.tag;
  if (evaluation.actions.rtable !== description.rdomain) {
    notes.rtable = evaluation.actions.rtable;
    description.destinationChanged = true;
  }
  if (filter !== undefined && description.packet.options && !filter.allowOpts && rule !== kernel.defaultRule) {
    outcome.reason = "ip-option";
    return outcome;
  }
  if (description.virtualProtocol === FRAGMENT || icmp?.quotes || !(rule.keepsState || evaluation.translatedFirst)) {
    // Without a state nothing is translated.
    description.newFamily = description.family;
    outcome.verdict = "pass";
    return outcome;
  }
  const created = createState(kernel, evaluation);
  if (created.verdict === "drop") {
    outcome.reason = created.reason;
    return outcome;
  }
  if (created.verdict === "synproxy") kernel.counters.reasons.synproxy++;
  outcome.verdict = created.verdict;
  outcome.state = created.state;
  kernel.states.announce(created.state);
  return outcome;
}

/** PF's packet to a server: routed, and tested by the rules. */
function sendTested(kernel: Kernel, walk: Walk, about: Description, packet: Packet, tag: string | undefined): void {
  const rtable = about.notes.rtable ?? 0;
  const via = kernel.interfaces.routeTo(packet.destination, rtable);
  if (via === undefined) return;
  const notes: PacketNotes = { ...(tag !== undefined && { tag }), ...(rtable !== 0 && { rtable }) };
  const decision = testPacket(kernel, walk, "out", via.interface, packet, notes);
  if (decision.verdict === "pass") about.answers.unshift(decision.packet);
  about.answers.push(...decision.answers);
}

function divertOf(
  rule: LoadedRule,
  direction: Direction,
): { readonly divert?: "reply" | { readonly address: string; readonly port: number } } {
  const divert = rule.filter?.divert;
  if (direction !== "in" || divert === undefined) return {};
  if (divert.kind === "divert-packet" || divert.kind === "divert-socket") return {};
  return { divert: divert.kind === "divert-reply" ? "reply" : { address: divert.address, port: divert.port } };
}

type Hop = { readonly interface?: string; readonly nextHop?: string };

function routeOf(state: State | undefined, direction: Direction): { readonly route?: Hop; readonly duplicate?: Hop } {
  const route = state?.rule.filter?.route;
  if (state?.nextHop === undefined || route === undefined) return {};
  const hop = {
    nextHop: fromWords(addressOf(state.nextHop).words).text,
    ...(route.pool.interface !== undefined && { interface: route.pool.interface }),
  };
  if (route.kind === "dup-to") return { duplicate: hop };
  const along = direction === state.direction;
  return (route.kind === "route-to") === along ? { route: hop } : {};
}
