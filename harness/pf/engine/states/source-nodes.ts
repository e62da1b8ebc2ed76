/**
 * Source nodes: PF's memory of a source address, for max-src-* limits and sticky-address.
 */

import type { Family } from "../../packet.ts";
import { type Counters, Threshold } from "../counters.ts";
import type { LoadedRule } from "../rules/loaded-rule.ts";

/** The use of a node: tracking, or the choice made for nat-to, rdr-to, route-to. */
export type SourceUse = "none" | "nat" | "rdr" | "route";

export class SourceNode {
  readonly address: string;
  readonly family: Family;
  readonly use: SourceUse;
  /** The rule it belongs to; undefined for global tracking. */
  readonly rule: LoadedRule | undefined;
  /** The rule that made it. */
  readonly madeBy: LoadedRule;
  /** Address chosen for this source. */
  readonly chosen: string | undefined;
  readonly rate: Threshold | undefined;
  readonly creation: number;
  states = 0;
  connections = 0;
  /** Seconds, when there are no states left. */
  expires = 0;
  packets: [number, number] = [0, 0];
  bytes: [number, number] = [0, 0];

  constructor(
    made: Pick<SourceNode, "address" | "family" | "use" | "rule" | "madeBy" | "chosen" | "rate" | "creation">,
  ) {
    this.address = made.address;
    this.family = made.family;
    this.use = made.use;
    this.rule = made.rule;
    this.madeBy = made.madeBy;
    this.chosen = made.chosen;
    this.rate = made.rate;
    this.creation = made.creation;
  }
}

export class SourceNodes {
  readonly #nodes = new Map<LoadedRule | undefined, Map<string, SourceNode>>();
  readonly #counters: Counters;
  readonly #limit: () => number;
  #size = 0;

  constructor(counters: Counters, limit: () => number) {
    this.#counters = counters;
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  list(): SourceNode[] {
    return [...this.#nodes.values()].flatMap((nodes) => [...nodes.values()]);
  }

  find(address: string, use: SourceUse, rule: LoadedRule): SourceNode | undefined {
    this.#counters.sources.searches++;
    return this.#nodes.get(owner(rule, use))?.get(`${use} ${address}`);
  }

  /** The node of a source, created if missing; a string names the limit that forbids it. */
  claim(
    address: string,
    family: Family,
    use: SourceUse,
    rule: LoadedRule,
    now: number,
    chosen?: string,
  ): SourceNode | "max-src-nodes" | "max-src-states" {
    const options = rule.filter?.stateOptions;
    const known = this.find(address, use, rule);
    if (known !== undefined) {
      const { maxSrcStates } = options ?? {};
      return maxSrcStates !== undefined && known.states >= maxSrcStates ? "max-src-states" : known;
    }
    const { maxSrcNodes, maxSrcConnRate } = options ?? {};
    if ((maxSrcNodes !== undefined && rule.sourceNodes >= maxSrcNodes) || this.#size >= this.#limit()) {
      return "max-src-nodes";
    }
    const key = owner(rule, use);
    const node = new SourceNode({
      address,
      family,
      use,
      rule: key,
      madeBy: rule,
      chosen,
      rate: maxSrcConnRate && new Threshold(maxSrcConnRate.limit, maxSrcConnRate.seconds),
      creation: now,
    });
    let nodes = this.#nodes.get(key);
    if (nodes === undefined) {
      nodes = new Map();
      this.#nodes.set(key, nodes);
    }
    nodes.set(`${use} ${address}`, node);
    rule.sourceNodes++;
    this.#size++;
    this.#counters.sources.inserts++;
    return node;
  }

  /** Removes a node without states; others stay. */
  remove(node: SourceNode): void {
    const nodes = this.#nodes.get(node.rule);
    if (node.states > 0 || !nodes?.delete(`${node.use} ${node.address}`)) return;
    if (nodes.size === 0) this.#nodes.delete(node.rule);
    node.madeBy.sourceNodes--;
    this.#size--;
    this.#counters.sources.removals++;
  }

  /** Removes expired nodes. */
  purge(now: number): void {
    if (this.#size === 0) return;
    for (const node of this.list()) if (node.states === 0 && node.expires <= now) this.remove(node);
  }
}

/** pf.c: only rule tracking and address choices belong to a rule. */
const owner = (rule: LoadedRule, use: SourceUse): LoadedRule | undefined =>
  use !== "none" || rule.filter?.stateOptions?.sourceTrack === "rule" ? rule : undefined;
