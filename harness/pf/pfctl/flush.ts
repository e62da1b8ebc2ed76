/**
 * `pfctl -F`: clears rules, states, counters, tables and settings of the main ruleset or of an anchor.
 */

import type { Firewall } from "../engine/firewall.ts";
import type { Output } from "./output.ts";

export interface FlushTarget {
  readonly anchor: string;
  /** `-a 'x/*'`: with all anchors below. */
  readonly recurse: boolean;
}

export function flush(firewall: Firewall, what: string, target: FlushTarget, output: Output): void {
  const { anchor, recurse } = target;
  switch (what) {
    case "rules":
      if (recurse) removeBelow(firewall, anchor, output);
      else flushRules(firewall, anchor, output);
      break;
    case "states":
      flushStates(firewall, output);
      break;
    case "Sources":
      flushSources(firewall, output);
      break;
    case "info":
      flushInfo(firewall, output);
      break;
    case "Tables":
      flushTables(firewall, anchor, output);
      break;
    case "Reset":
      reset(firewall, output);
      break;
    case "all":
      if (!recurse) {
        flushTables(firewall, anchor, output);
        flushRules(firewall, anchor, output);
      }
      if (anchor === "") {
        flushStates(firewall, output);
        flushSources(firewall, output);
        flushInfo(firewall, output);
        reset(firewall, output);
      }
      if (recurse) removeBelow(firewall, anchor, output);
      break;
  }
}

function flushRules(firewall: Firewall, anchor: string, output: Output): void {
  firewall.flushRules(anchor);
  output.say("rules cleared");
}

function flushStates(firewall: Firewall, output: Output): void {
  output.say(`${firewall.flushStates()} states cleared`);
}

function flushSources(firewall: Firewall, output: Output): void {
  for (const state of firewall.states()) {
    for (const node of state.sourceNodes) node.states--;
    state.sourceNodes = [];
  }
  for (const node of firewall.sources.list()) firewall.sources.remove(node);
  output.say("source tracking entries cleared");
}

function flushInfo(firewall: Firewall, output: Output): void {
  firewall.counters.clear();
  firewall.since = firewall.now();
  output.say("pf: statistics cleared");
}

function flushTables(firewall: Firewall, anchor: string, output: Output): void {
  const tables = firewall.tables.list(anchor);
  for (const table of tables) firewall.tables.kill(table);
  output.say(`${tables.length} tables deleted.`);
}

function reset(firewall: Firewall, output: Output): void {
  firewall.settings.load({});
  output.say("pf: interface flags reset");
}

/** Deepest first, the anchor itself last. */
function removeBelow(firewall: Firewall, anchor: string, output: Output): void {
  const below = firewall.anchors().filter((path) => anchor === "" || path.startsWith(`${anchor}/`));
  output.say("Removing:");
  for (const path of [...below].reverse().concat(anchor)) {
    for (const table of firewall.tables.list(path)) firewall.tables.kill(table);
    firewall.flushRules(path);
    output.say(`  ${path === "" ? "/" : path}`);
  }
}
