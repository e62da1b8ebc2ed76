/**
 * A packet tracer: the rules that a packet met, and why each matched or did not.
 *
 * A firewall made with `considered: trace.considered` reports every rule that an evaluation looks at; with
 * `walk: "plain"` none is jumped over. A packet that belongs to a state meets no rules.
 *
 * @example
 * const trace = new Trace();
 * const firewall = new Firewall({ ...options, walk: "plain", considered: trace.considered });
 * firewall.test("in", "em0", packet, newNotes());
 * trace.take() // [{ path: "0", rule, missed: "interface", … }, { path: "1", rule, missed: undefined, … }]
 */

import type { Rule } from "../../rule.ts";
import type { Question } from "../kernel.ts";
import { ELSEWHERE, firstMismatch, MATCHES } from "./criteria.ts";
import type { LoadedRule } from "./loaded-rule.ts";

/** The criterion that failed; in the order in which the kernel tests them. */
export type Criterion =
  | "interface"
  | "direction"
  | "rdomain"
  | "family"
  | "protocol"
  | "source address"
  | "destination address"
  | "source port"
  | "destination port"
  | "fragment of a datagram"
  | "icmp reply"
  | "flags"
  | "os"
  | "owner"
  | "icmp-type"
  | "fragment"
  | "tos"
  | "tagged"
  | "received-on"
  | "prio"
  | "probability"
  | "max-pkt-rate";

/** The ends of the packet as the rule saw them, translations by earlier rules included. */
export interface Ends {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

export interface Consideration {
  /** `5`, `3/4711.1/1`: see RulePosition. */
  readonly path: string;
  readonly rule: LoadedRule;
  /** Undefined: it matched. */
  readonly missed: Criterion | undefined;
  readonly seen: Ends;
  /** The tag that the packet had then. */
  readonly tag: string | undefined;
}

export class Trace {
  #met: Consideration[] = [];

  readonly considered = (rule: LoadedRule, miss: number, prefix: string, question: Question): void => {
    const { description } = question;
    this.#met.push({
      path: `${prefix}${rule.number}`,
      rule,
      missed: miss === MATCHES ? undefined : criterion(rule, miss, question),
      seen: {
        source: description.newSource,
        sourcePort: description.newSourcePort,
        destination: description.newDestination,
        destinationPort: description.newDestinationPort,
      },
      tag: question.tag ?? description.notes.tag,
    });
  };

  /** Rules met since the last call. */
  take(): readonly Consideration[] {
    const met = this.#met;
    this.#met = [];
    return met;
  }
}

/** In the order of the numbers in skip-steps.ts. */
const STEPS: readonly Criterion[] = [
  "interface",
  "direction",
  "rdomain",
  "family",
  "protocol",
  "source address",
  "destination address",
  "source port",
  "destination port",
];

/** The rest in the order in which they are tested, with the fields that they look at. */
const REST: readonly (readonly [Criterion, readonly (keyof Rule)[]])[] = [
  ["flags", ["flags"]],
  ["os", ["sourceOs"]],
  ["owner", ["user", "group"]],
  ["icmp-type", ["icmp"]],
  ["fragment", ["fragment"]],
  ["tos", ["tos"]],
  ["tagged", ["tagged"]],
  ["received-on", ["receivedOn"]],
  ["prio", ["prio"]],
];

/** All of them, in the order in which the kernel tests them. */
export const CRITERIA: readonly Criterion[] = [
  ...STEPS,
  "fragment of a datagram",
  "icmp reply",
  ...REST.map(([name]) => name),
  "probability",
  "max-pkt-rate",
];

/** Tests again without the criteria that make no skip steps, then adds them one by one. */
function criterion(rule: LoadedRule, miss: number, question: Question): Criterion {
  if (miss !== ELSEWHERE) return STEPS[miss] as Criterion;
  const unasked = new Set(REST.flatMap(([, fields]) => fields)).add("probability").add("maxPacketRate");
  const matches = () => {
    const fields = Object.entries(rule.rule).filter(([name]) => !unasked.has(name as keyof Rule));
    const weaker = Object.create(rule, {
      rule: { value: Object.fromEntries(fields) },
      packetRate: { value: undefined },
    }) as LoadedRule;
    return firstMismatch(weaker, question) === MATCHES;
  };
  if (!matches()) return question.description.icmp === undefined ? "fragment of a datagram" : "icmp reply";
  for (const [name, fields] of REST) {
    for (const field of fields) unasked.delete(field);
    if (!matches()) return name;
  }
  return rule.rule.probability === undefined ? "max-pkt-rate" : "probability";
}
