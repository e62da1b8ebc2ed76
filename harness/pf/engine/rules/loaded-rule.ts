/**
 * A rule as the kernel holds it: criteria resolved for quick comparison, counters, and its place.
 *
 * The record of `../rule.ts` never changes; all that changes while packets pass lives here.
 */

import type { RulePosition } from "../../decision.ts";
import { printRule } from "../../language/print/print.ts";
import type { Family } from "../../packet.ts";
import type {
  AddressSpec,
  AnchorRule,
  Direction,
  FilterRule,
  Pool,
  RangeOperator,
  Rule,
  RuleEnd,
  Translation,
} from "../../rule.ts";
import { Threshold } from "../counters.ts";
import { dynamicName } from "../interfaces.ts";
import { type Address, addressOf, type Network, networkOf } from "../tables/address.ts";
import type { Table } from "../tables/table.ts";
import type { QuickReject } from "./skip-steps.ts";

/** One end of a rule, ready to be compared. */
export interface LoadedEnd {
  readonly spec: AddressSpec;
  readonly negated: boolean;
  readonly network?: Network;
  readonly range?: readonly [Address, Address];
  readonly table?: Table;
  readonly port?: RangeOperator;
  /** Equal for ends that the kernel's skip steps treat as equal. */
  readonly addressKey: string;
  readonly portKey: string;
}

/** A pool with its round-robin position. */
export interface LoadedPool {
  readonly pool: Pool;
  readonly table?: Table;
  readonly network?: Network;
  /** Round robin: entry in use, and the next address of it. */
  index: number;
  counter?: Address;
}

export type Attach = (name: string) => Table;

/** A ruleset that an anchor rule calls, as the evaluation sees it. */
export interface CalledAnchor {
  readonly path: string;
  /** Last component of the path. */
  readonly name: string;
  readonly rules: readonly LoadedRule[];
  /** In evaluation order. */
  readonly children: readonly CalledAnchor[];
  /** Era `rdr-anchor`: tested before the rules. */
  readonly translations: readonly LoadedTranslation[];
  /** For long rulesets. */
  readonly quick: QuickReject | undefined;
}

/** A translation rule of the era `rdr-anchor`, as rules that match and translate: two for binat, one for each way. */
export interface LoadedTranslation {
  readonly translation: Translation;
  readonly number: number;
  readonly rules: readonly LoadedRule[];
}

export class LoadedRule {
  readonly rule: Rule;
  readonly number: number;
  readonly filter: FilterRule | undefined;
  readonly anchorRule: AnchorRule | undefined;
  /** Anchor rules: the ruleset that they call. */
  readonly anchor: CalledAnchor | undefined;
  /** `name/*`: calls the children, not the anchor's own rules. */
  readonly wildcard: boolean;
  /** The most frequent criteria, where they are quick to reach. */
  readonly on: string | undefined;
  readonly direction: Direction | undefined;
  readonly onRdomain: number | undefined;
  readonly family: Family | undefined;
  readonly protocol: number | undefined;
  readonly source: LoadedEnd;
  readonly destination: LoadedEnd;
  /** `!` before the interface or the rdomain: the kernel has one flag for both. */
  readonly interfaceNegated: boolean;
  readonly keepsState: boolean;
  readonly sloppy: boolean;
  readonly nat: LoadedPool | undefined;
  readonly rdr: LoadedPool | undefined;
  readonly route: LoadedPool | undefined;
  readonly overload: Table | undefined;
  readonly packetRate: Threshold | undefined;
  readonly tables: Table[] = [];
  /** For each criterion of skip-steps.ts: the number of the next rule that differs in it. */
  readonly skip: number[] = [];
  /** Counts for the ruleset it is in; undefined before it is loaded. */
  quick: QuickReject | undefined;
  #evaluations = 0;
  /** Both directions: [in, out]. */
  readonly packets: [number, number] = [0, 0];
  readonly bytes: [number, number] = [0, 0];
  states = 0;
  creations = 0;
  sourceNodes = 0;
  /** Seconds: when a `once` rule matched. It stays in the ruleset, but never matches again. */
  expiredAt: number | undefined;
  /** No longer in a ruleset; states may still refer to it. */
  removed = false;
  /** Its tables and its anchor are released. */
  released = false;
  /** Process that loaded it. */
  pid = 0;

  constructor(rule: Rule, number: number, attach: Attach, anchor: CalledAnchor | undefined) {
    const named: Attach = (name) => {
      const table = attach(name);
      this.tables.push(table);
      return table;
    };
    this.rule = rule;
    this.number = number;
    this.filter = rule.kind === "filter" ? rule : undefined;
    this.anchorRule = rule.kind === "anchor" ? rule : undefined;
    this.anchor = anchor;
    this.wildcard = rule.kind === "anchor" && (rule.name === "*" || (rule.name?.endsWith("/*") ?? false));
    this.on = rule.interface?.name;
    this.direction = rule.direction;
    this.onRdomain = rule.rdomain?.number;
    this.family = rule.family;
    this.protocol = rule.protocol;
    this.source = loadEnd(rule.source, named);
    this.destination = loadEnd(rule.destination, named);
    this.interfaceNegated = (rule.interface?.negated ?? false) || (rule.rdomain?.negated ?? false);
    this.keepsState = rule.kind === "filter" && rule.state !== "none";
    this.sloppy = rule.kind === "filter" && (rule.stateOptions?.sloppy ?? false);
    const { filter } = this;
    this.nat = loadPool(filter?.natTo ?? filter?.afTo?.from, named);
    this.rdr = loadPool(filter?.rdrTo ?? filter?.afTo?.to, named);
    this.route = loadPool(filter?.route?.pool, named);
    const overload = filter?.stateOptions?.overload;
    this.overload = overload === undefined ? undefined : named(overload.table);
    const rate = rule.maxPacketRate;
    this.packetRate = rate === undefined ? undefined : new Threshold(rate.limit, rate.seconds);
  }

  get evaluations(): number {
    return this.#evaluations + (this.quick?.evaluations[this.number] ?? 0);
  }

  set evaluations(count: number) {
    this.#evaluations = count;
    if (this.quick !== undefined) this.quick.evaluations[this.number] = 0;
  }

  /** Counts one evaluation. */
  evaluated(): void {
    this.#evaluations++;
  }

  get expired(): boolean {
    return this.expiredAt !== undefined;
  }
}

/** A rule's place on a packet's way through the anchors. */
export class Position implements RulePosition {
  readonly loaded: LoadedRule;
  readonly #prefix: string;

  constructor(loaded: LoadedRule, prefix: string) {
    this.loaded = loaded;
    this.#prefix = prefix;
  }

  get path(): string {
    return `${this.#prefix}${this.loaded.number}`;
  }

  get text(): string {
    return printRule(this.loaded.rule);
  }

  get line(): number {
    return this.loaded.rule.line;
  }

  toJSON(): RulePosition {
    return { path: this.path, text: this.text, line: this.line };
  }
}

function loadEnd({ address: spec, negated, port }: RuleEnd, attach: Attach): LoadedEnd {
  const common = { spec, negated, ...(port && { port }), portKey: portKey(port) };
  switch (spec.kind) {
    case "any":
      return { ...common, addressKey: "any" };
    case "network": {
      // A mask of no bits is "any", whatever the address.
      if (spec.prefix === 0) return { ...common, spec: { kind: "any" }, addressKey: "any" };
      const network = networkOf(spec.address, spec.prefix);
      return { ...common, network, addressKey: `${network.text}/${network.prefix}` };
    }
    case "range": {
      const range = [addressOf(spec.first), addressOf(spec.last)] as const;
      return { ...common, range, addressKey: `${spec.first}-${spec.last}` };
    }
    case "table":
      return { ...common, table: attach(spec.name), addressKey: `<${spec.name}>` };
    case "dynamic":
      return { ...common, addressKey: `(${dynamicName(spec)})` };
    case "no-route":
    case "urpf-failed":
      return { ...common, addressKey: spec.kind };
    case "route":
      return { ...common, addressKey: `route ${spec.label}` };
  }
}

function portKey(port: RangeOperator | undefined): string {
  if (port === undefined) return "";
  return "value" in port ? `${port.op}${port.value}` : `${port.from}${port.op}${port.to}`;
}

function loadPool(pool: Pool | undefined, attach: Attach): LoadedPool | undefined {
  if (pool === undefined) return undefined;
  const { address } = pool;
  if (address.kind === "table") return { pool, table: attach(address.name), index: 0 };
  if (address.kind === "network") return { pool, network: networkOf(address.address, address.prefix), index: 0 };
  return { pool, index: 0 };
}
