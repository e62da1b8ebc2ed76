/**
 * Ways to pass over rules that cannot match.
 *
 * Skip steps: neighbouring rules that agree in a criterion fail it together, so the evaluation jumps to the first that
 * differs. They change no decision, only which rules count an evaluation, and so what `pfctl -vsr` shows.
 */

import type { Family } from "../../packet.ts";
import type { Direction } from "../../rule.ts";
import type { Interfaces } from "../interfaces.ts";
import type { Network } from "../tables/address.ts";

/** The criteria of skip steps, in the order in which the kernel tests them (pfvar.h: PF_SKIP_*). */
export const SKIP = {
  interface: 0,
  direction: 1,
  rdomain: 2,
  family: 3,
  protocol: 4,
  sourceAddress: 5,
  destinationAddress: 6,
  sourcePort: 7,
  destinationPort: 8,
} as const;

/** The parts of a loaded rule that this page needs. */
export interface SkippableRule {
  readonly on: string | undefined;
  readonly onRdomain: number | undefined;
  readonly interfaceNegated: boolean;
  readonly direction: Direction | undefined;
  readonly family: Family | undefined;
  readonly protocol: number | undefined;
  readonly source: SkippableEnd & { readonly network?: Network };
  readonly destination: SkippableEnd;
  readonly filter: { readonly once?: boolean } | undefined;
  readonly skip: number[];
  quick: QuickReject | undefined;
}

interface SkippableEnd {
  readonly negated: boolean;
  readonly addressKey: string;
  readonly portKey: string;
}

type Same = (a: SkippableRule, b: SkippableRule) => boolean;

const SAME: readonly Same[] = [
  (a, b) => a.on === b.on && a.interfaceNegated === b.interfaceNegated,
  (a, b) => a.direction === b.direction,
  (a, b) => a.onRdomain === b.onRdomain && a.interfaceNegated === b.interfaceNegated,
  (a, b) => a.family === b.family,
  (a, b) => a.protocol === b.protocol,
  (a, b) => a.source.negated === b.source.negated && a.source.addressKey === b.source.addressKey,
  (a, b) => a.destination.negated === b.destination.negated && a.destination.addressKey === b.destination.addressKey,
  (a, b) => a.source.portKey === b.source.portKey,
  (a, b) => a.destination.portKey === b.destination.portKey,
];

/** Fills in `skip` of every rule of a ruleset. */
export function calculateSkipSteps(rules: readonly SkippableRule[]): void {
  for (let number = rules.length - 1; number >= 0; number--) {
    const rule = rules[number] as SkippableRule;
    const next = rules[number + 1];
    for (let i = 0; i < SAME.length; i++) {
      const goesOn = next !== undefined && (SAME[i] as Same)(rule, next);
      rule.skip[i] = goesOn ? (next.skip[i] as number) : number + 1;
    }
  }
}

/** None of the criteria here fails. */
export const UNDECIDED = -1;
const ANY = -1;
const CRITERIA = SAME.length;
const DIRECTIONS: Readonly<Record<Direction, number>> = { in: 0, out: 1 };
const FAMILIES: Readonly<Record<Family, number>> = { inet: 0, inet6: 1 };

/** The fields of a packet that are compared. */
export interface QuickPacket {
  readonly interface: string;
  readonly direction: Direction;
  readonly family: Family;
  readonly protocol: number;
  /** IPv4 source as a number, undefined for IPv6. */
  readonly source: number | undefined;
}

/**
 * The first criteria of a ruleset's rules side by side in typed arrays. Most rules of a long ruleset fail in one of
 * them, and are passed over without a look at the rule itself. Results are those of firstMismatch().
 */
export class QuickReject {
  /** How often each rule was passed over here. */
  readonly evaluations: Float64Array;
  readonly #rules: readonly SkippableRule[];
  readonly #direction: Int8Array;
  readonly #family: Int8Array;
  readonly #protocol: Int16Array;
  /** 1: the source must lie in #network under #mask; 2: must not. */
  readonly #sourceKind: Uint8Array;
  readonly #network: Uint32Array;
  readonly #mask: Uint32Array;
  readonly #skip: Int32Array;
  /** By interface: 1 where the rule covers it, 2 where only the rule itself can say. */
  readonly #covers = new Map<string, Uint8Array>();

  constructor(rules: readonly SkippableRule[]) {
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
        // A used up `once` rule is not counted, so the walk itself tests those.
        if (onRdomain !== undefined || filter?.once) return 2;
        return (on === undefined || interfaces.matches(on, name)) === interfaceNegated ? 0 : 1;
      });
      this.#covers.set(name, covers);
    }
    return covers;
  }
}
