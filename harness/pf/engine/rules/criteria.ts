/**
 * Whether a rule matches a packet. Criteria are tested in the kernel's order; the result says which one failed, because
 * skip steps depend on that.
 */

import { PROTOCOL } from "../../packet.ts";
import type { OwnerOperator, RangeOperator } from "../../rule.ts";
import { FRAGMENT } from "../description.ts";
import type { Question } from "../kernel.ts";
import { type Address, compareAddresses, inNetwork, isLinkLocal } from "../tables/address.ts";
import type { LoadedEnd, LoadedRule } from "./loaded-rule.ts";
import { SKIP } from "./skip-steps.ts";

export const MATCHES = -1;
/** A criterion without skip step failed. */
export const ELSEWHERE = 9;

/** MATCHES, the number of the skip step that fails, or ELSEWHERE. */
export function firstMismatch(rule: LoadedRule, question: Question): number {
  const { description, kernel } = question;
  const { rule: criteria, direction, family, protocol, on } = rule;
  const covers = on === undefined || kernel.interfaces.matches(on, description.interface);
  if (covers === rule.interfaceNegated) return SKIP.interface;
  if (direction !== undefined && direction !== description.direction) return SKIP.direction;
  if (rule.onRdomain !== undefined && (rule.onRdomain === description.rdomain) === rule.interfaceNegated) {
    return SKIP.rdomain;
  }
  if (family !== undefined && family !== description.family) return SKIP.family;
  if (protocol !== undefined && protocol !== description.protocol) return SKIP.protocol;
  const { source, destination } = rule;
  if (!endMatches(source, question, true)) return SKIP.sourceAddress;
  if (!endMatches(destination, question, false)) return SKIP.destinationAddress;
  const failed = protocolMismatch(rule, question);
  if (failed !== MATCHES) return failed;
  if (criteria.fragment && description.virtualProtocol !== FRAGMENT) return ELSEWHERE;
  if (criteria.tos !== undefined && criteria.tos !== 0 && criteria.tos !== description.tos) return ELSEWHERE;
  if (criteria.probability !== undefined && kernel.random(2 ** 32) >= criteria.probability * 2 ** 32) return ELSEWHERE;
  const { tagged, receivedOn, prio } = criteria;
  if (tagged !== undefined) {
    question.tag ??= description.notes.tag;
    if ((question.tag === tagged.tag) === tagged.negated) return ELSEWHERE;
  }
  if (receivedOn !== undefined) {
    const via = description.notes.receivedOn;
    const matched = via !== undefined && kernel.interfaces.matches(receivedOn.name, via);
    if (matched === receivedOn.negated) return ELSEWHERE;
  }
  if (prio !== undefined && prio !== (description.notes.prio ?? DEFAULT_PRIO)) return ELSEWHERE;
  if (rule.packetRate !== undefined) {
    // Last, because it counts.
    rule.packetRate.add(kernel.seconds());
    if (rule.packetRate.exceeded) return ELSEWHERE;
  }
  return MATCHES;
}

/** if.h: IFQ_DEFPRIO. */
const DEFAULT_PRIO = 3;

function protocolMismatch(rule: LoadedRule, question: Question): number {
  const { description, icmp } = question;
  const { rule: criteria, source, destination } = rule;
  switch (description.virtualProtocol) {
    case FRAGMENT:
      if (source.port !== undefined || destination.port !== undefined) return ELSEWHERE;
      if (description.protocol === PROTOCOL.tcp && criteria.flags !== undefined) return ELSEWHERE;
      if (criteria.icmp !== undefined || criteria.user !== undefined || criteria.group !== undefined) return ELSEWHERE;
      return MATCHES;
    case PROTOCOL.tcp: {
      const { flags } = criteria;
      if (flags !== undefined && (flags.mask & description.flags) !== flags.set) return ELSEWHERE;
      // The model has no fingerprints: every system is "unknown".
      if (criteria.sourceOs !== undefined && criteria.sourceOs !== "unknown") return ELSEWHERE;
      return portsMismatch(rule, question);
    }
    case PROTOCOL.udp:
      return portsMismatch(rule, question);
    case PROTOCOL.icmp:
    case PROTOCOL.icmp6: {
      const packet = description.icmp;
      if (packet === undefined || icmp === undefined) return MATCHES;
      if (criteria.icmp !== undefined) {
        if (criteria.icmp.type !== packet.type) return ELSEWHERE;
        if (criteria.icmp.code !== undefined && criteria.icmp.code !== packet.code) return ELSEWHERE;
      }
      // Replies make no state, so rules that keep state do not match them.
      if (rule.keepsState && !icmp.quotes && !rule.sloppy && icmp.direction !== "in") return ELSEWHERE;
      return MATCHES;
    }
    default:
      return MATCHES;
  }
}

function portsMismatch(rule: LoadedRule, question: Question): number {
  const { description, kernel } = question;
  const { source, destination, rule: criteria } = rule;
  if (source.port !== undefined && !inRange(source.port, description.newSourcePort)) return SKIP.sourcePort;
  if (destination.port !== undefined && !inRange(destination.port, description.newDestinationPort)) {
    return SKIP.destinationPort;
  }
  if (criteria.user !== undefined || criteria.group !== undefined) {
    const owner = kernel.owner(description);
    if (criteria.user !== undefined && !owns(criteria.user, owner?.uid)) return ELSEWHERE;
    if (criteria.group !== undefined && !owns(criteria.group, owner?.gid)) return ELSEWHERE;
  }
  return MATCHES;
}

/** `a:b` and the like, as pf.conf(5) defines them. */
export function inRange(range: RangeOperator, value: number): boolean {
  switch (range.op) {
    case "=":
      return value === range.value;
    case "!=":
      return value !== range.value;
    case "<":
      return value < range.value;
    case "<=":
      return value <= range.value;
    case ">":
      return value > range.value;
    case ">=":
      return value >= range.value;
    case ":":
      return value >= range.from && value <= range.to;
    case "><":
      return value > range.from && value < range.to;
    case "<>":
      return value < range.from || value > range.to;
  }
}

function owns(operator: OwnerOperator, id: number | undefined): boolean {
  if (operator.op === "=" || operator.op === "!=") {
    const same = operator.value === "unknown" ? id === undefined : operator.value === id;
    return same === (operator.op === "=");
  }
  return id !== undefined && inRange(operator as RangeOperator, id);
}

function endMatches(end: LoadedEnd, question: Question, isSource: boolean): boolean {
  if (end.spec.kind === "any") return !end.negated;
  const { description } = question;
  const address = isSource ? description.newSourceAddress : description.newDestinationAddress;
  if (end.network !== undefined) return inNetwork(address, end.network) !== end.negated;
  return addressMatches(end, address, question, isSource) !== end.negated;
}

function addressMatches(end: LoadedEnd, address: Address, question: Question, isSource: boolean): boolean {
  const { kernel, actions, description } = question;
  const { spec } = end;
  switch (spec.kind) {
    case "any":
      return true;
    case "network":
      return end.network !== undefined && inNetwork(address, end.network);
    case "range": {
      if (end.range === undefined) return false;
      const [first, last] = end.range;
      if (first.family !== address.family) return false;
      return compareAddresses(address, first) >= 0 && compareAddresses(address, last) <= 0;
    }
    case "table":
      return end.table?.match(address) ?? false;
    case "dynamic":
      return kernel.interfaces.inDynamic(address, spec);
    case "no-route":
      return kernel.interfaces.routeTo(address.text, actions.rtable) === undefined;
    case "urpf-failed": {
      // Tested for sources only; as a destination it would match anything.
      if (!isSource) return true;
      if (isLinkLocal(address)) return false;
      return kernel.interfaces.routeTo(address.text, actions.rtable)?.interface !== description.interface;
    }
    case "route":
      // The model's routes carry no labels.
      return false;
  }
}
