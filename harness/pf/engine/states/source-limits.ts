/**
 * max-src-conn and max-src-conn-rate: the end of a source's connection that is one too many.
 */

import type { Kernel } from "../kernel.ts";
import { hostPrefix } from "../tables/address.ts";
import { type State, TCPS } from "./state.ts";

/** Counts a connection whose handshake is over. True: it is one too many, and its state ends. */
export function connectionLimit(kernel: Kernel, state: State): boolean {
  const node = state.sourceNodes.find(({ use }) => use === "none");
  if (node === undefined) return false;
  const now = kernel.seconds();
  node.connections++;
  state.src.established = true;
  node.rate?.add(now);
  const { limits } = kernel.counters;
  const options = state.rule.filter?.stateOptions;
  let exceeded = false;
  if (options?.maxSrcConn !== undefined && node.connections > options.maxSrcConn) {
    limits["max-src-conn"]++;
    exceeded = true;
  }
  if (node.rate?.exceeded) {
    limits["max-src-conn-rate"]++;
    exceeded = true;
  }
  if (!exceeded) return false;
  const table = state.rule.overload?.effective() ?? state.rule.overload;
  if (table !== undefined) {
    limits["overload table insertion"]++;
    table.active = true;
    table.add({ address: node.address, prefix: hostPrefix(node.family), negated: false }, kernel.milliseconds());
    const flush = options?.overload?.flush;
    if (flush !== undefined) flushSource(kernel, state, node.address, flush === "global");
  }
  end(state);
  return true;
}

/** All states that the source has made: of this rule, or of all. */
function flushSource(kernel: Kernel, cause: State, address: string, everything: boolean): void {
  kernel.counters.limits["overload flush states"]++;
  for (const state of kernel.states.list()) {
    if (!everything && state.rule !== cause.rule) continue;
    const { wire } = state;
    if (wire.family !== cause.wire.family) continue;
    // pf.c looks into the slot that the causing state's direction has for the source: states that the same source
    // made in the other direction stay.
    if (wire.address(cause.direction === "in" ? 0 : 1) === address) end(state);
  }
}

function end(state: State): void {
  state.timeout = "purge";
  state.src.level = TCPS.CLOSED;
  state.dst.level = TCPS.CLOSED;
}
