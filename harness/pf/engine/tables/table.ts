/**
 * One table: a set of networks. The longest that holds an address decides about it; a negated one decides "no".
 *
 * @example
 * table.match(addressOf("10.0.0.3")) // false with { 10.0.0.0/24 !10.0.0.3 }
 */

import type { Family } from "../../packet.ts";
import type { TableAddress } from "../../ruleset.ts";
import { type Address, compareAddresses, type Network, networkOf } from "./address.ts";

/** Packets and bytes by direction and outcome, as pfctl -vvsT and -vT show lists them. */
export type TableOutcome = "block" | "match" | "pass" | "xpass";
export type TableTraffic = Record<`${"in" | "out"}/${TableOutcome}`, { packets: number; bytes: number }>;

export interface TableEntry {
  readonly network: Network;
  readonly negated: boolean;
  clearedMs: number;
  traffic: TableTraffic | undefined;
}

/** Entries of one prefix length. */
interface Level {
  readonly prefix: number;
  readonly mask: readonly number[];
  readonly entries: Map<string | number, TableEntry>;
}

export class Table {
  readonly name: string;
  /** Ruleset that it belongs to, "" for the main one. */
  readonly anchor: string;
  /** For a table of an anchor: the main ruleset's table of that name, which replaces this one while it is inactive. */
  readonly root: Table | undefined;
  persist = false;
  constant = false;
  counting = false;
  /** Defined, not only named by a rule. */
  active = false;
  /** Rules of its own ruleset that name it. */
  references = 0;
  /** Tables of anchors that fall back to it. */
  anchorReferences = 0;
  matches = 0;
  misses = 0;
  clearedMs = 0;
  traffic = noTraffic();
  #levels: Record<Family, Level[]> = { inet: [], inet6: [] };
  #size = 0;
  #pool: Partial<Record<Family, readonly Network[]>> = {};

  constructor(name: string, anchor: string, root: Table | undefined) {
    this.name = name;
    this.anchor = anchor;
    this.root = root;
  }

  get size(): number {
    return this.#size;
  }

  /** The table that decides: this one, or the main ruleset's. Undefined if neither is defined. */
  effective(): Table | undefined {
    if (this.active) return this;
    return this.root?.active ? this.root : undefined;
  }

  /** The kernel's look-up, which counts. */
  match(address: Address): boolean {
    const table = this.effective();
    if (table === undefined) return false;
    const found = table.lookup(address);
    const matched = found !== undefined && !found.negated;
    if (matched) table.matches++;
    else table.misses++;
    return matched;
  }

  /** The longest entry that holds the address. */
  lookup(address: Address): TableEntry | undefined {
    for (const level of this.#levels[address.family]) {
      const found = level.entries.get(keyOf(address.words, level.mask));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The entry for exactly this network. */
  find(network: Network): TableEntry | undefined {
    const level = this.#levels[network.family].find(({ prefix }) => prefix === network.prefix);
    return level?.entries.get(keyOf(network.words, network.mask));
  }

  /** False if that network is there already. */
  add({ address, prefix, negated }: TableAddress, nowMs: number): boolean {
    const network = networkOf(address, prefix);
    const levels = this.#levels[network.family];
    let level = levels.find((one) => one.prefix === prefix);
    if (level === undefined) {
      level = { prefix, mask: network.mask, entries: new Map() };
      levels.push(level);
      levels.sort((a, b) => b.prefix - a.prefix);
    }
    const key = keyOf(network.words, network.mask);
    if (level.entries.has(key)) return false;
    level.entries.set(key, { network, negated, clearedMs: nowMs, traffic: undefined });
    this.#changed(1);
    return true;
  }

  /** False if it was not there. */
  delete(address: string, prefix: number): boolean {
    const network = networkOf(address, prefix);
    const level = this.#levels[network.family].find((one) => one.prefix === prefix);
    if (!level?.entries.delete(keyOf(network.words, network.mask))) return false;
    this.#changed(-1);
    return true;
  }

  clear(): void {
    this.#levels = { inet: [], inet6: [] };
    this.#changed(-this.#size);
  }

  /** In the order in which the kernel's tree is walked: ascending, the narrower of two at one address first. */
  entries(): TableEntry[] {
    const all = [...this.#levels.inet, ...this.#levels.inet6].flatMap(({ entries }) => [...entries.values()]);
    return all.sort((a, b) => compareAddresses(a.network, b.network) || b.network.prefix - a.network.prefix);
  }

  /** Networks that a pool may choose from, in order, without negated ones. */
  choices(family: Family): readonly Network[] {
    let choices = this.#pool[family];
    if (choices === undefined) {
      choices = this.entries()
        .filter(({ network, negated }) => network.family === family && !negated)
        .map(({ network }) => network);
      this.#pool[family] = choices;
    }
    return choices;
  }

  #changed(difference: number): void {
    this.#size += difference;
    this.#pool = {};
  }
}

export const noTraffic = (): TableTraffic => {
  const zero = () => ({ packets: 0, bytes: 0 });
  return {
    "in/block": zero(),
    "in/match": zero(),
    "in/pass": zero(),
    "in/xpass": zero(),
    "out/block": zero(),
    "out/match": zero(),
    "out/pass": zero(),
    "out/xpass": zero(),
  };
};

function keyOf(words: readonly number[], mask: readonly number[]): string | number {
  const first = ((words[0] as number) & (mask[0] as number)) >>> 0;
  if (words.length === 1) return first;
  let key = `${first}`;
  for (let i = 1; i < words.length; i++) key += `.${((words[i] as number) & (mask[i] as number)) >>> 0}`;
  return key;
}
