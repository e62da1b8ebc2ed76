/**
 * The first criteria of a ruleset's rules side by side in typed arrays: most rules of a long ruleset fail in one of
 * them, and are passed over without touching the rule itself. What it answers is what firstMismatch() would.
 */

import type { Family } from "../../packet.ts";
import type { Direction } from "../../rule.ts";
import type { Interfaces } from "../interfaces.ts";
import type { Network } from "../tables/address.ts";
import { SKIP } from "./skip.ts";

/** A loaded rule, as far as it is looked at here. */
export interface QuickRule {
  readonly on: string | undefined;
  readonly onRdomain: number | undefined;
  readonly interfaceNegated: boolean;
  readonly direction: Direction | undefined;
  readonly family: Family | undefined;
  readonly protocol: number | undefined;
  readonly source: { readonly network?: Network; readonly negated: boolean };
  readonly filter: { readonly once?: boolean } | undefined;
  readonly skip: readonly number[];
  quick: QuickReject | undefined;
}

/** Nothing of what is looked at here fails. */
export const UNDECIDED = -1;
const ANY = -1;
const CRITERIA = 9;
const DIRECTIONS: Readonly<Record<Direction, number>> = { in: 0, out: 1 };
const FAMILIES: Readonly<Record<Family, number>> = { inet: 0, inet6: 1 };

/** What of a packet is compared. */
export interface QuickPacket {
  readonly interface: string;
  readonly direction: Direction;
  readonly family: Family;
  readonly protocol: number;
  /** IPv4 source as a number, undefined for IPv6. */
  readonly source: number | undefined;
}

export class QuickReject {
  /** Times that a rule was passed over here. */
  readonly evaluations: Float64Array;
  readonly #rules: readonly QuickRule[];
  readonly #direction: Int8Array;
  readonly #family: Int8Array;
  readonly #protocol: Int16Array;
  /** 1: the source must lie in #network under #mask; 2: must not. */
  readonly #sourceKind: Uint8Array;
  readonly #network: Uint32Array;
  readonly #mask: Uint32Array;
  readonly #skip: Int32Array;
  /** By interface: 1 where the rule covers it, 2 where nothing can be said here. */
  readonly #covers = new Map<string, Uint8Array>();

  constructor(rules: readonly QuickRule[]) {
    const count = rules.length;
    this.#rules = rules;
    this.evaluations = new Float64Array(count);
    this.#direction = new Int8Array(count).fill(ANY);
    this.#family = new Int8Array(count).fill(ANY);
    this.#protocol = new Int16Array(count).fill(ANY);
    this.#sourceKind = new Uint8Array(count);
    this.#network = new Uint32Array(count);
    this.#mask = new Uint32Array(count);
    this.#skip = new Int32Array(count * CRITERIA);
    for (const [at, rule] of rules.entries()) {
      const { direction, family, protocol, source } = rule;
      if (direction !== undefined) this.#direction[at] = DIRECTIONS[direction];
      if (family !== undefined) this.#family[at] = FAMILIES[family];
      if (protocol !== undefined) this.#protocol[at] = protocol;
      if (source.network?.family === "inet") {
        this.#sourceKind[at] = source.negated ? 2 : 1;
        this.#network[at] = source.network.words[0] as number;
        this.#mask[at] = source.network.mask[0] as number;
      }
      this.#skip.set(rule.skip, at * CRITERIA);
      rule.quick = this;
    }
  }

  /** Where rule `at` fails, counted; or UNDECIDED, not counted. */
  test(at: number, covers: Uint8Array, packet: QuickPacket): number {
    const covered = covers[at];
    if (covered === 2) return UNDECIDED;
    let miss = UNDECIDED;
    if (covered === 0) miss = SKIP.interface;
    else if (this.#direction[at] !== ANY && this.#direction[at] !== DIRECTIONS[packet.direction]) miss = SKIP.direction;
    else if (this.#family[at] !== ANY && this.#family[at] !== FAMILIES[packet.family]) miss = SKIP.family;
    else if (this.#protocol[at] !== ANY && this.#protocol[at] !== packet.protocol) miss = SKIP.protocol;
    else if (packet.source !== undefined && this.#sourceKind[at] !== 0) {
      const inside = ((packet.source & (this.#mask[at] as number)) ^ (this.#network[at] as number)) === 0;
      if (inside === (this.#sourceKind[at] === 2)) miss = SKIP.sourceAddress;
    }
    if (miss !== UNDECIDED) (this.evaluations[at] as number)++;
    return miss;
  }

  /** The next rule to look at after rule `at` has failed in `miss`. */
  next(at: number, miss: number): number {
    return this.#skip[at * CRITERIA + miss] as number;
  }

  /** For `test`, of one interface. */
  covers(interfaces: Interfaces, name: string): Uint8Array {
    let covers = this.#covers.get(name);
    if (covers === undefined) {
      covers = Uint8Array.from(this.#rules, ({ on, onRdomain, interfaceNegated, filter }) => {
        // Used up rules are not counted, so those that may be are left to the walk itself.
        if (onRdomain !== undefined || filter?.once) return 2;
        return (on === undefined || interfaces.matches(on, name)) === interfaceNegated ? 0 : 1;
      });
      this.#covers.set(name, covers);
    }
    return covers;
  }
}
