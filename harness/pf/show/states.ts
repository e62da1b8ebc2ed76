/**
 * `pfctl -ss`: states, with sequence windows and ages (-v) and identities (-vv). And `-sS`: source nodes.
 */

import type { Firewall } from "../engine/firewall.ts";
import type { LoadedRule } from "../engine/rules/loaded-rule.ts";
import type { SourceNode } from "../engine/states/source-nodes.ts";
import type { Peer, State } from "../engine/states/state.ts";
import { stateLine } from "../engine/states/state-line.ts";
import { PROTOCOL } from "../packet.ts";
import { clock } from "./columns.ts";

export function showStates(firewall: Firewall, verbose = 0, interfaceName?: string): string[] {
  return firewall
    .states()
    .filter((state) => interfaceName === undefined || state.interface === interfaceName)
    .flatMap((state) => showState(firewall, state, verbose));
}

function showState(firewall: Firewall, state: State, verbose: number): string[] {
  const lines = [stateLine(state)];
  if (verbose === 0) return lines;
  const { src, dst, direction } = state;
  const [first, second] = direction === "out" ? [src, dst] : [dst, src];
  if (state.wire.protocol === PROTOCOL.tcp) {
    const scaled = src.scale !== undefined && dst.scale !== undefined;
    lines.push(`   ${window(first, scaled)}  ${window(second, scaled)}`);
  }
  const age = Math.floor(firewall.now() / 1000) - state.creation;
  const expires = firewall.stateTable.expiresIn(state);
  const traffic = `${state.packets.join(":")} pkts, ${state.bytes.join(":")} bytes`;
  let line = `   age ${clock(age)}, expires in ${clock(expires)}, ${traffic}`;
  const anchor = numberOf(state.anchor);
  const rule = numberOf(state.rule);
  if (anchor !== undefined) line += `, anchor ${anchor}`;
  if (rule !== undefined) line += `, rule ${rule}`;
  if (state.sloppy) line += ", sloppy";
  if (state.rule.filter?.stateOptions?.pflow) line += ", pflow";
  if (state.sourceNodes.some(({ use }) => use === "none")) line += ", source-track";
  if (state.sourceNodes.some(({ use }) => use !== "none")) line += ", sticky-address";
  lines.push(line);
  if (verbose > 1) lines.push(`   id: ${stateId(firewall, state)} creatorid: ${hex(firewall.settings.hostid)}`);
  return lines;
}

/** 16 hex digits: when PF was started, and a running number. */
export const stateId = (firewall: Firewall, { id }: State): string =>
  `${hex(Math.floor(firewall.since / 1000))}${hex(id)}`;

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");

/** Rules that have left their ruleset have no number, and the default rule never had one. */
const numberOf = (rule: LoadedRule | undefined): number | undefined =>
  rule === undefined || rule.removed || rule.number < 0 ? undefined : rule.number;

function window({ low, high, difference, scale }: Peer, scaled: boolean): string {
  const modulated = difference === 0 ? "" : `(+${difference})`;
  return `[${low} + ${(high - low) >>> 0}]${modulated}${scaled ? ` wscale ${scale}` : ""}`;
}

export function showSources(firewall: Firewall, verbose = 0): string[] {
  return firewall.sources.list().flatMap((node) => showSource(firewall, node, verbose));
}

function showSource(firewall: Firewall, node: SourceNode, verbose: number): string[] {
  const now = Math.floor(firewall.now() / 1000);
  const chosen = node.chosen === undefined ? "" : ` -> ${node.chosen}`;
  const rate = node.rate === undefined ? "0.0/0s" : `${node.rate.current(now).toFixed(1)}/${node.rate.seconds}s`;
  const counts = `states ${node.states}, connections ${node.connections}, rate ${rate}`;
  const lines = [`${node.address}${chosen} ( ${counts} )`];
  if (verbose === 0) return lines;
  let line = `   age ${clock(now - node.creation)}`;
  if (node.states === 0) line += `, expires in ${clock(node.expires - now)}`;
  line += `, ${node.packets[0] + node.packets[1]} pkts, ${node.bytes[0] + node.bytes[1]} bytes`;
  const rule = numberOf(node.rule);
  if (rule !== undefined) line += `, rule ${rule}`;
  return [...lines, line];
}
