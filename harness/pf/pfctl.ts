/**
 * pfctl(8) of OpenBSD 7.8 with the model as its kernel: the same options, messages and exit statuses.
 * Without a firewall only `-n` works, as without access to /dev/pf. Every pfctl of Anchorage calls this function:
 * the command line, the program on a lab's firewall, the labs themselves, the guest of the tests.
 *
 * @example
 * pfctl(["-a", "ftp-proxy/4711.1", "-f", "-"], { stdin: "pass in quick …\n", firewall })
 */

import type { Firewall } from "./engine/firewall.ts";
import { flush } from "./pfctl/flush.ts";
import { killSources, killStates } from "./pfctl/kill.ts";
import { type LoadSurroundings, load } from "./pfctl/load.ts";
import { type PfctlOptions, parseOptions, UsageError } from "./pfctl/options.ts";
import { type CommandResult, Output } from "./pfctl/output.ts";
import { show, zeroCounters } from "./pfctl/show.ts";
import { tableCommand } from "./pfctl/table-command.ts";

export type { CommandResult } from "./pfctl/output.ts";

export interface PfctlSurroundings extends LoadSurroundings {
  readonly firewall?: Firewall;
}

export function pfctl(args: readonly string[], surroundings: PfctlSurroundings = {}): CommandResult {
  let options: PfctlOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { stdout: "", stderr: error.message, status: 1 };
  }
  const output = new Output(options.quiet);
  run(options, surroundings, output);
  return output.result();
}

/** `path` without `/*`, and whether that was there. */
function anchorOf(options: PfctlOptions): { readonly anchor: string; readonly recurse: boolean } {
  const given = options.anchor ?? "";
  if (given === "*" || given === "/*") return { anchor: "", recurse: true };
  const recurse = given.endsWith("/*");
  const path = recurse ? given.slice(0, -2) : given;
  return { anchor: path.replace(/^\//, ""), recurse };
}

function run(options: PfctlOptions, surroundings: PfctlSurroundings, output: Output): void {
  const { firewall } = surroundings;
  if (options.anchor === "") {
    output.error("pfctl: anchor name must not be empty");
    return;
  }
  const { anchor, recurse } = anchorOf(options);
  const modifies = options.flush !== undefined || (options.file !== undefined && !options.noAction);
  if (modifies && (anchor.startsWith("_") || anchor.includes("/_"))) {
    output.error("pfctl: anchor names beginning with '_' cannot be modified from the command line");
    return;
  }
  if (firewall === undefined) {
    if (!options.noAction || options.file === undefined) {
      output.error("pfctl: /dev/pf: Permission denied");
      return;
    }
  } else {
    if (options.disable) setEnabled(firewall, false, output);
    if (options.show !== undefined) show(firewall, options, { anchor, recurse }, output, surroundings.era);
    if (options.zero && options.show === undefined) zeroCounters(firewall, anchor);
    if (options.flush !== undefined && !options.noAction) flush(firewall, options.flush, { anchor, recurse }, output);
    if (options.killStates.length > 0) killStates(firewall, options.killStates, output);
    if (options.killSources.length > 0) killSources(firewall, options.killSources, output);
    if (options.tableCommand !== undefined) tableCommand(firewall, options, anchor, output);
  }
  if (options.file !== undefined && output.status === 0) {
    load(firewall, options, anchor, surroundings, output);
  }
  if (firewall === undefined) return;
  if (options.enable && output.status === 0) setEnabled(firewall, true, output);
  if (options.debug !== undefined) firewall.settings.debug = options.debug;
  const reads = options.show !== undefined || ["show", "test"].includes(options.tableCommand ?? "");
  if (output.status !== 0 && reads) limitComplaints(firewall, output);
}

function setEnabled(firewall: Firewall, enabled: boolean, output: Output): void {
  if (firewall.settings.enabled === enabled) {
    output.error(enabled ? "pfctl: pf already enabled" : "pfctl: pf not enabled");
    return;
  }
  firewall.settings.enabled = enabled;
  firewall.since = firewall.now();
  output.say(enabled ? "pf enabled" : "pf disabled");
}

/** Seen on 7.8: a pfctl that has only read, and fails, tries to put back limits that it may not set. */
function limitComplaints({ settings }: Firewall, output: Output): void {
  for (const name of Object.keys(settings.limits)) output.warn(`pfctl: DIOCSETLIMIT (${name}): Permission denied`);
}
