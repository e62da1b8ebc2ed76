/**
 * The state clause as pfctl prints it, with `probability` between the words and the options, where pfctl has it:
 * `keep state probability 50% (max 10)`. Plain `keep state` is the default and not printed.
 */

import type { Rule, StateOptions } from "../../rule.ts";
import { stateTimeouts } from "../names/timeouts.ts";

/** `spelled`: plain `keep state` too, as before 4.7 and on FreeBSD. */
export function formatState(rule: Rule, spelled = false): string {
  let text = "";
  const options = rule.kind === "filter" ? rule.stateOptions : undefined;
  const list = options === undefined ? [] : formatOptions(options);
  if (rule.kind === "filter") {
    if (rule.state === "none") text += rule.action === "pass" ? " no state" : "";
    else if (spelled || rule.state !== "keep" || list.length > 0) text += ` ${rule.state} state`;
  }
  if (rule.probability !== undefined) text += ` probability ${formatProbability(rule.probability)}%`;
  return list.length > 0 ? `${text} (${list.join(", ")})` : text;
}

/** Six decimals, without trailing zeros. */
function formatProbability(fraction: number): string {
  return (fraction * 100).toFixed(6).replace(/\.?0+$/, "");
}

function formatOptions(options: StateOptions): string[] {
  const list: string[] = [];
  if (options.max !== undefined) list.push(`max ${options.max}`);
  if (options.noSync) list.push("no-sync");
  if (options.sourceTrack !== undefined) list.push(`source-track ${options.sourceTrack}`);
  if (options.maxSrcStates !== undefined) list.push(`max-src-states ${options.maxSrcStates}`);
  if (options.maxSrcConn !== undefined) list.push(`max-src-conn ${options.maxSrcConn}`);
  if (options.maxSrcConnRate !== undefined) {
    list.push(`max-src-conn-rate ${options.maxSrcConnRate.limit}/${options.maxSrcConnRate.seconds}`);
  }
  if (options.maxSrcNodes !== undefined) list.push(`max-src-nodes ${options.maxSrcNodes}`);
  if (options.overload !== undefined) {
    const { table, flush } = options.overload;
    list.push(`overload <${table}>${flush === undefined ? "" : flush === "global" ? " flush global" : " flush"}`);
  }
  if (options.policy === "if-bound") list.push("if-bound");
  if (options.sloppy) list.push("sloppy");
  if (options.pflow) list.push("pflow");
  for (const name of stateTimeouts) {
    const seconds = options.timeouts?.[name];
    if (seconds !== undefined) list.push(`${name} ${seconds}`);
  }
  return list;
}
