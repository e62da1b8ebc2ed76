/**
 * Counts a tested packet: interface, rules, anchor rule, state, source nodes and tables.
 */

import type { Direction } from "../rule.ts";
import type { Description } from "./description.ts";
import type { Kernel } from "./kernel.ts";
import type { LoadedEnd, LoadedRule } from "./rules/loaded-rule.ts";
import type { State } from "./states/state.ts";
import { addressOf } from "./tables/address.ts";
import { noTraffic, type TableOutcome } from "./tables/table.ts";

/** `passed` as the kernel means it: false for packets that the SYN proxy takes. */
export function account(
  kernel: Kernel,
  description: Description,
  passed: boolean,
  rule: LoadedRule,
  anchor: LoadedRule | undefined,
  state: State | undefined,
): void {
  const { direction, family, length, packet } = description;
  kernel.counters.traffic(description.interface, direction, family === "inet" ? 4 : 6, passed, length);
  if (!passed && rule.filter?.action !== "block") return;
  const index = direction === "out" ? 1 : 0;
  rule.packets[index]++;
  rule.bytes[index] += length;
  if (anchor !== undefined) {
    anchor.packets[index]++;
    anchor.bytes[index] += length;
  }
  if (state !== undefined) {
    for (const node of state.sourceNodes) {
      node.packets[index]++;
      node.bytes[index] += length;
    }
    const way = direction === state.direction ? 0 : 1;
    state.packets[way]++;
    state.bytes[way] += length;
    for (const matched of state.matchRules) {
      matched.packets[way]++;
      matched.bytes[way] += length;
      if (matched.tables.length > 0) countTables(matched, state, packet.source, packet.destination, direction, length);
    }
  }
  if (rule.tables.length > 0) countTables(rule, state, packet.source, packet.destination, direction, length);
}

function countTables(
  rule: LoadedRule,
  state: State | undefined,
  source: string,
  destination: string,
  direction: Direction,
  length: number,
): void {
  let from = source;
  let to = destination;
  if (state !== undefined) {
    const key = state.direction === "in" ? state.stack : state.wire;
    from = key.address(state.direction === "out" ? 1 : 0);
    to = key.address(state.direction === "out" ? 0 : 1);
  }
  const action = rule.filter?.action ?? "pass";
  countTable(rule.source, from, direction, action, length);
  countTable(rule.destination, to, direction, action, length);
}

function countTable(end: LoadedEnd, text: string, direction: Direction, action: TableOutcome, length: number): void {
  const table = end.table?.effective();
  if (table === undefined) return;
  const entry = table.lookup(addressOf(text));
  const inside = entry !== undefined && !entry.negated;
  const outcome: TableOutcome = inside === end.negated ? "xpass" : action;
  const traffic = table.traffic[`${direction}/${outcome}`];
  traffic.packets++;
  traffic.bytes += length;
  if (entry !== undefined && outcome !== "xpass" && table.counting) {
    entry.traffic ??= noTraffic();
    const own = entry.traffic[`${direction}/${outcome}`];
    own.packets++;
    own.bytes += length;
  }
}
