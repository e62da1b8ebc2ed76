/**
 * A rule between text and kernel form: fields that all rules of one expansion share, and fields that each combination
 * of list items sets. `finishRule` makes the record of rule.ts.
 */

import type { Family } from "../../packet.ts";
import type {
  AddressSpec,
  AnchorRule,
  BlockReturn,
  Criteria,
  Direction,
  Dummynet,
  FilterRule,
  LogOptions,
  OwnerOperator,
  Pool,
  RangeOperator,
  Rule,
  RuleEnd,
  ScrubActions,
  ScrubRule,
  SetActions,
  StateKind,
  StateOptions,
  Translation,
  TranslationType,
} from "../../rule.ts";
import type { Filling } from "../context.ts";

export interface DraftAnchor {
  /** As written; absent when unnamed. */
  readonly name?: string;
  readonly internalName?: string;
  /** Inline rules; taken by the first rule that the expansion adds. */
  inline?: Filling | undefined;
}

export interface DraftTranslation {
  readonly type: TranslationType;
  readonly exempt: boolean;
  readonly pass: boolean;
  /** Name of a translation anchor. */
  readonly anchor?: string;
  readonly rules?: readonly Translation[];
}

/** Undefined fields are absent. Those after the blank line change from combination to combination. */
export interface Draft {
  /** Era `rdr-anchor`: a translation rule instead of a filter rule … */
  translation: DraftTranslation | undefined;
  /** … or a scrub rule. */
  scrubRule: { readonly exempt: boolean; readonly fragments: ScrubRule["fragments"] } | undefined;
  readonly anchor: DraftAnchor | undefined;
  readonly action: "pass" | "match" | "block";
  readonly line: number;
  readonly file: string;
  answer: BlockReturn | undefined;
  log: LogOptions | undefined;
  quick: boolean;
  labels: readonly string[];
  ridentifier: number | undefined;
  dummynet: Dummynet | undefined;
  tag: string;
  tagged: { readonly tag: string; readonly negated: boolean } | undefined;
  rtable: number | undefined;
  set: SetActions | undefined;
  scrub: ScrubActions | undefined;
  allowOpts: boolean;
  once: boolean;
  tos: number | undefined;
  prio: number | undefined;
  maxPacketRate: { readonly limit: number; readonly seconds: number } | undefined;
  maxPacketSize: RangeOperator | undefined;
  probability: number | undefined;
  fragment: boolean;
  state: StateKind;
  stateOptions: StateOptions | undefined;
  flags: { readonly set: number; readonly mask: number } | undefined;
  divert: FilterRule["divert"] | undefined;
  /** af-to, and its target family once known. */
  afTo: boolean;
  targetFamily: Family | undefined;
  route: "route-to" | "reply-to" | "dup-to" | undefined;

  direction: Direction | undefined;
  family: Family | undefined;
  interface: { readonly name: string; readonly negated: boolean } | undefined;
  rdomain: { readonly number: number; readonly negated: boolean } | undefined;
  protocol: number | undefined;
  icmp: { readonly type: number; readonly code?: number } | undefined;
  source: RuleEnd;
  destination: RuleEnd;
  os: string | undefined;
  receivedOn: { readonly name: string; readonly negated: boolean } | undefined;
  user: OwnerOperator | undefined;
  group: OwnerOperator | undefined;
  nat: Pool | undefined;
  rdr: Pool | undefined;
  routePool: Pool | undefined;
}

const noLabels: readonly string[] = [];
const anywhere: RuleEnd = { address: { kind: "any" }, negated: false };

/** All fields exist from the start, in one order: one shape for every rule keeps expansion fast. */
export function emptyDraft(
  action: Draft["action"],
  place: { readonly file: string; readonly line: number },
  direction: Direction | undefined,
  family: Family | undefined,
  anchor?: DraftAnchor,
): Draft {
  return {
    translation: undefined,
    scrubRule: undefined,
    anchor,
    action,
    line: place.line,
    file: place.file,
    answer: undefined,
    log: undefined,
    quick: false,
    labels: noLabels,
    ridentifier: undefined,
    dummynet: undefined,
    tag: "",
    tagged: undefined,
    rtable: undefined,
    set: undefined,
    scrub: undefined,
    allowOpts: false,
    once: false,
    tos: undefined,
    prio: undefined,
    maxPacketRate: undefined,
    maxPacketSize: undefined,
    probability: undefined,
    fragment: false,
    state: "none",
    stateOptions: undefined,
    flags: undefined,
    divert: undefined,
    afTo: false,
    targetFamily: undefined,
    route: undefined,
    direction,
    family,
    interface: undefined,
    rdomain: undefined,
    protocol: undefined,
    icmp: undefined,
    source: anywhere,
    destination: anywhere,
    os: undefined,
    receivedOn: undefined,
    user: undefined,
    group: undefined,
    nat: undefined,
    rdr: undefined,
    routePool: undefined,
  };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Drops a mask that covers the whole address in the family of the rule: it is not shown. */
export function dynamicFor(spec: AddressSpec, family: Family | undefined, masks = true): AddressSpec {
  if (spec.kind !== "dynamic" || spec.prefix === undefined) return spec;
  if ((masks || family !== undefined) && spec.prefix < (family === "inet" ? 32 : 128)) return spec;
  return { kind: "dynamic", interface: spec.interface, modifiers: spec.modifiers };
}

export function fillCriteria(rule: Writable<Criteria>, draft: Draft): void {
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
  if (draft.maxPacketSize !== undefined) rule.maxPacketSize = draft.maxPacketSize;
  if (draft.probability !== undefined) rule.probability = draft.probability;
  if (draft.fragment) rule.fragment = true;
  if (draft.tagged !== undefined) rule.tagged = draft.tagged;
}

function fillCommon(rule: Writable<Omit<Rule, keyof Criteria>>, draft: Draft): void {
  if (draft.quick) rule.quick = true;
  if (draft.log !== undefined) rule.log = draft.log;
  // An empty label ends the list.
  const empty = draft.labels.indexOf("");
  const [label, ...moreLabels] = empty < 0 ? draft.labels : draft.labels.slice(0, empty);
  if (label !== undefined) rule.label = label;
  if (moreLabels.length > 0) rule.moreLabels = moreLabels;
  if (draft.ridentifier) rule.ridentifier = draft.ridentifier;
  if (draft.dummynet?.number || draft.dummynet?.back) rule.dummynet = draft.dummynet;
  if (draft.tag !== "") rule.tag = draft.tag;
  if (draft.rtable !== undefined) rule.rtable = draft.rtable;
  if (draft.set !== undefined) rule.set = draft.set;
  if (draft.scrub !== undefined) rule.scrub = draft.scrub;
  if (draft.allowOpts) rule.allowOpts = true;
  if (draft.once) rule.once = true;
}

export function finishRule(draft: Draft): Rule {
  const { source, destination, line, file, anchor } = draft;
  if (anchor !== undefined) return finishAnchor(draft, anchor);
  const { action, state, nat, rdr, routePool } = draft;
  const rule: Writable<FilterRule> = { kind: "filter", action, state, source, destination, line, file };
  fillCriteria(rule, draft);
  fillCommon(rule, draft);
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

function finishAnchor(draft: Draft, anchor: DraftAnchor): Rule {
  const { source, destination, line, file } = draft;
  const rule: Writable<AnchorRule> = { kind: "anchor", source, destination, line, file };
  fillCriteria(rule, draft);
  fillCommon(rule, draft);
  if (anchor.name !== undefined) rule.name = anchor.name;
  if (anchor.internalName !== undefined) rule.internalName = anchor.internalName;
  const { inline } = anchor;
  if (inline !== undefined) {
    rule.rules = inline.rules;
    if (inline.tables.length > 0) rule.tables = inline.tables;
    anchor.inline = undefined;
  }
  return rule;
}
