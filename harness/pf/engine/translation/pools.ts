/**
 * Address pools: the address that nat-to, rdr-to, route-to and af-to choose for a source.
 *
 * @example
 * chooseAddress(kernel, "inet", rule, rule.nat, "10.0.0.2", "nat", nodes) // "198.51.100.1"
 */

import type { Family } from "../../packet.ts";
import type { Kernel } from "../kernel.ts";
import type { LoadedPool, LoadedRule } from "../rules/loaded-rule.ts";
import type { SourceNode, SourceUse } from "../states/source-nodes.ts";
import {
  type Address,
  addressOf,
  combine,
  fromWords,
  increment,
  inNetwork,
  isLinkLocal,
  type Network,
  networkOf,
} from "../tables/address.ts";
import { sipHash24 } from "./siphash.ts";

/** Nodes that the packet's state will hold, by use. */
export type UsedNodes = Partial<Record<SourceUse, SourceNode>>;

/** Undefined if the pool has none to give. */
export function chooseAddress(
  kernel: Kernel,
  family: Family,
  rule: LoadedRule,
  pool: LoadedPool,
  source: string,
  use: SourceUse,
  nodes: UsedNodes,
): string | undefined {
  const { sticky, type } = pool.pool;
  if (sticky && type !== undefined && nodes[use] === undefined) {
    const node = kernel.sources.find(source, use, rule);
    if (node?.chosen !== undefined) {
      if (networksOf(kernel, pool, family).some((network) => inNetwork(addressOf(node.chosen as string), network))) {
        nodes[use] = node;
        return node.chosen;
      }
      // The choice is no longer in the pool.
      for (const state of kernel.states.list()) {
        if (!state.sourceNodes.includes(node)) continue;
        state.sourceNodes = state.sourceNodes.filter((other) => other !== node);
        node.states--;
      }
      kernel.sources.remove(node);
    }
  }
  const chosen = choose(kernel, family, pool, addressOf(source))?.text;
  if (chosen !== undefined && sticky) {
    const before = nodes[use];
    if (before !== undefined) kernel.sources.remove(before);
    const node = kernel.sources.claim(source, family, use, rule, kernel.seconds(), chosen);
    if (typeof node === "string") return undefined;
    nodes[use] = node;
  }
  return chosen;
}

function networksOf(kernel: Kernel, pool: LoadedPool, family: Family): readonly Network[] {
  const { address } = pool.pool;
  if (pool.table !== undefined) return pool.table.effective()?.choices(family) ?? [];
  if (address.kind === "dynamic") {
    // pf_lb.c: a link-local address gets no answers.
    return kernel.interfaces.dynamic(address, family).filter((network) => !isLinkLocal(network));
  }
  if (pool.network !== undefined) return pool.network.family === family ? [pool.network] : [];
  // `rdr-to any`, which binat-to makes: the address of all zeros.
  if (address.kind === "any") return [networkOf(family === "inet" ? "0.0.0.0" : "::", 0)];
  return [];
}

function choose(kernel: Kernel, family: Family, pool: LoadedPool, source: Address): Address | undefined {
  const networks = networksOf(kernel, pool, family);
  const first = networks[0];
  if (first === undefined) return undefined;
  const several = pool.table !== undefined || pool.pool.address.kind === "dynamic";
  switch (pool.pool.type) {
    case undefined:
      // pf_lb.c: tables need a pool type.
      return pool.table === undefined ? first : undefined;
    case "bitmask":
      return pool.table === undefined ? combine(first, source) : undefined;
    case "random": {
      if (several) return networks[kernel.random(networks.length)];
      return combine(first, fromWords(first.words.map(() => kernel.random(2 ** 32))));
    }
    case "source-hash": {
      const { index, host } = hashed(pool.pool.hashKey, source);
      return several ? networks[Number(index % BigInt(networks.length))] : combine(first, host);
    }
    case "round-robin":
      return next(pool, networks);
    case "least-states":
      return leastStates(kernel, pool, networks);
  }
  return undefined;
}

/** The next address: through each network to its end, then the next network. */
function next(pool: LoadedPool, networks: readonly Network[]): Address {
  const { counter } = pool;
  if (pool.index >= networks.length) pool.index = 0;
  let current = networks[pool.index] as Network;
  let chosen: Address;
  if (counter !== undefined && inNetwork(counter, current)) chosen = counter;
  else {
    if (counter !== undefined) pool.index = (pool.index + 1) % networks.length;
    current = networks[pool.index] as Network;
    chosen = current;
  }
  pool.counter = increment(chosen);
  return chosen;
}

/** The address with the fewest states through this pool, found in one round. */
function leastStates(kernel: Kernel, pool: LoadedPool, networks: readonly Network[]): Address {
  const load = new Map<string, number>();
  for (const { natRule, stack, wire } of kernel.states.list()) {
    if (natRule?.nat !== pool && natRule?.rdr !== pool && natRule?.route !== pool) continue;
    for (const address of new Set([stack.address0, stack.address1, wire.address0, wire.address1])) {
      load.set(address, (load.get(address) ?? 0) + 1);
    }
  }
  let best = next(pool, networks);
  for (let i = 1; i < networks.length && (load.get(best.text) ?? 0) > 0; i++) {
    const other = next(pool, networks);
    if ((load.get(other.text) ?? 0) < (load.get(best.text) ?? 0)) best = other;
  }
  return best;
}

/** The index of a source in a pool, and host bits made from it. */
function hashed(key: string | undefined, source: Address): { readonly index: bigint; readonly host: Address } {
  const hex = (key ?? "0x0").slice(2).padStart(32, "0");
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  const data = Uint8Array.from(source.words.flatMap((word) => [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff)));
  const hash = sipHash24(bytes, data);
  const low = swapped(Number(hash & 0xffffffffn));
  const high = swapped(Number(hash >> 32n));
  const words = source.words.length === 1 ? [low] : [low, high, ~high >>> 0, ~low >>> 0];
  return { index: hash, host: fromWords(words) };
}

/** The kernel's hash is little-endian, addresses are big-endian. */
const swapped = (word: number): number =>
  (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
