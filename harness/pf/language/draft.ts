/**
 * A rule between text and kernel form: what all rules of one expansion share, and what each combination of list items
 * settles. `finishRule` makes the record of rule.ts out of it.
 */

import type { Family } from "../packet.ts";
import type {
  AddressSpec,
  BlockReturn,
  Criteria,
  Direction,
  FilterRule,
  LogOptions,
  OwnerOperator,
  Pool,
  RangeOperator,
  Rule,
  RuleEnd,
  ScrubActions,
  SetActions,
  StateKind,
  StateOptions,
} from "../rule.ts";
import type { Filling } from "./context.ts";

export interface DraftAnchor {
  /** As written; absent when unnamed. */
  readonly name?: string;
  readonly internalName?: string;
  /** Inline rules; taken by the first rule that the expansion adds. */
  inline?: Filling;
}

export interface DraftEnd {
  address: AddressSpec;
  negated: boolean;
  port: RangeOperator | undefined;
}

/** Undefined fields are absent. Fields after the blank line change from combination to combination. */
export interface Draft {
  readonly anchor?: DraftAnchor;
  readonly action: "pass" | "match" | "block";
  readonly line: number;
  readonly file: string;
  answer?: BlockReturn;
  log?: LogOptions;
  quick?: boolean;
  label: string;
  tag: string;
  tagged?: { readonly tag: string; readonly negated: boolean };
  rtable?: number;
  set?: SetActions;
  scrub?: ScrubActions;
  allowOpts?: boolean;
  once?: boolean;
  tos?: number;
  prio?: number;
  maxPacketRate?: { readonly limit: number; readonly seconds: number };
  probability?: number;
  fragment?: boolean;
  state: StateKind;
  stateOptions?: StateOptions;
  flags?: { readonly set: number; readonly mask: number };
  divert?: FilterRule["divert"];
  /** af-to, and its target family once known. */
  afTo?: boolean;
  targetFamily?: Family;
  route?: "route-to" | "reply-to" | "dup-to";

  direction: Direction | undefined;
  family: Family | undefined;
  interface?: { readonly name: string; readonly negated: boolean };
  rdomain?: { readonly number: number; readonly negated: boolean };
  protocol: number | undefined;
  icmp?: { readonly type: number; readonly code?: number };
  source: DraftEnd;
  destination: DraftEnd;
  os?: string;
  receivedOn?: { readonly name: string; readonly negated: boolean };
  user?: OwnerOperator;
  group?: OwnerOperator;
  nat?: Pool;
  rdr?: Pool;
  routePool?: Pool;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A mask that covers all of an address is not shown; which does depends on the family of the rule. */
export function dynamicFor(spec: AddressSpec, family: Family | undefined): AddressSpec {
  if (spec.kind !== "dynamic" || spec.prefix === undefined) return spec;
  if (spec.prefix < (family === "inet" ? 32 : 128)) return spec;
  return { kind: "dynamic", interface: spec.interface, modifiers: spec.modifiers };
}

function ruleEnd(end: DraftEnd): RuleEnd {
  const { address, negated, port } = end;
  return port === undefined ? { address, negated } : { address, negated, port };
}

function criteria(draft: Draft): Writable<Criteria> {
  const rule: Writable<Criteria> = { source: ruleEnd(draft.source), destination: ruleEnd(draft.destination) };
  if (draft.direction !== undefined) rule.direction = draft.direction;
  if (draft.interface !== undefined) rule.interface = draft.interface;
  if (draft.rdomain !== undefined) rule.rdomain = draft.rdomain;
  if (draft.family !== undefined) rule.family = draft.family;
  if (draft.protocol !== undefined) rule.protocol = draft.protocol;
  if (draft.os !== undefined) rule.sourceOs = draft.os;
  if (draft.receivedOn !== undefined) rule.receivedOn = draft.receivedOn;
  if (draft.user !== undefined) rule.user = draft.user;
  if (draft.group !== undefined) rule.group = draft.group;
  if (draft.flags !== undefined) rule.flags = draft.flags;
  if (draft.icmp !== undefined) rule.icmp = draft.icmp;
  if (draft.tos) rule.tos = draft.tos;
  if (draft.prio !== undefined) rule.prio = draft.prio;
  if (draft.maxPacketRate?.limit) rule.maxPacketRate = draft.maxPacketRate;
  if (draft.probability !== undefined) rule.probability = draft.probability;
  if (draft.fragment) rule.fragment = true;
  if (draft.tagged !== undefined) rule.tagged = draft.tagged;
  return rule;
}

export function finishRule(draft: Draft): Rule {
  const base = {
    ...criteria(draft),
    line: draft.line,
    file: draft.file,
    ...(draft.quick && { quick: true }),
    ...(draft.log && { log: draft.log }),
    ...(draft.label !== "" && { label: draft.label }),
    ...(draft.tag !== "" && { tag: draft.tag }),
    ...(draft.rtable !== undefined && { rtable: draft.rtable }),
    ...(draft.set && { set: draft.set }),
    ...(draft.scrub && { scrub: draft.scrub }),
    ...(draft.allowOpts && { allowOpts: true }),
    ...(draft.once && { once: true }),
  };
  const { anchor } = draft;
  if (anchor !== undefined) {
    const { inline } = anchor;
    delete anchor.inline;
    return {
      kind: "anchor",
      ...base,
      ...(anchor.name !== undefined && { name: anchor.name }),
      ...(anchor.internalName !== undefined && { internalName: anchor.internalName }),
      ...(inline && { rules: inline.rules }),
      ...(inline && inline.tables.length > 0 && { tables: inline.tables }),
    };
  }
  const { nat, rdr, routePool } = draft;
  const rule: Writable<FilterRule> = { kind: "filter", ...base, action: draft.action, state: draft.state };
  if (draft.answer !== undefined) rule.answer = draft.answer;
  if (draft.stateOptions !== undefined) rule.stateOptions = draft.stateOptions;
  if (draft.divert !== undefined) rule.divert = draft.divert;
  if (draft.afTo && nat !== undefined && draft.targetFamily !== undefined) {
    rule.afTo = { family: draft.targetFamily, from: nat, ...(rdr && { to: rdr }) };
  } else {
    if (nat !== undefined) rule.natTo = nat;
    if (rdr !== undefined) rule.rdrTo = rdr;
  }
  if (draft.route !== undefined && routePool !== undefined) rule.route = { kind: draft.route, pool: routePool };
  return rule;
}
