/**
 * The command line of pfctl(8), as getopt(3) reads it.
 *
 * @example
 * parseOptions(["-vvsr"]) // { verbose: 2, show: "rules", … }
 */

import { getopt } from "../../../proxy/getopt.ts";

export interface PfctlOptions {
  anchor: string | undefined;
  defines: Record<string, string>;
  disable: boolean;
  enable: boolean;
  flush: string | undefined;
  file: string | undefined;
  interface: string | undefined;
  killSources: string[];
  killStates: string[];
  noAction: boolean;
  optimization: string | undefined;
  portNames: boolean;
  quiet: boolean;
  ruleNumber: number | undefined;
  show: string | undefined;
  table: string | undefined;
  tableCommand: string | undefined;
  verbose: number;
  debug: string | undefined;
  zero: boolean;
  /** The words after the options: addresses. */
  rest: readonly string[];
}

/** pfctl.c 1.395: showopt_list, clearopt_list, tblcmdopt_list; a prefix is enough, and the first match counts. */
const SHOW = [
  "queue",
  "rules",
  "Anchors",
  "Sources",
  "states",
  "info",
  "Interfaces",
  "labels",
  "timeouts",
  "memory",
  "Tables",
  "osfp",
  // Only before 4.7, and on FreeBSD.
  "nat",
  "Running",
  "all",
];
const FLUSH = ["rules", "Sources", "states", "info", "Tables", "osfp", "Reset", "all"];
const TABLE = ["kill", "flush", "add", "delete", "load", "replace", "show", "test", "zero", "expire"];
const LEVELS = ["none", "basic", "profile"];

const USAGE = `usage: pfctl [-deghNnPqrvz] [-a anchor] [-D macro=value] [-F modifier] [-f file]
\t[-i interface] [-K key] [-k key] [-L statefile] [-o level]
\t[-p device] [-S statefile] [-s modifier [-R id]]
\t[-t table -T command [address ...]] [-V rdomain] [-x level]
`;

/** A command line that pfctl refuses. The message is its output; the exit status is 1. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const usage = (complaint?: string): UsageError =>
  new UsageError((complaint === undefined ? "" : `pfctl: ${complaint}\n`) + USAGE);

/** Source: pfctl.c 1.395, main. */
const LETTERS = "a:dD:eqf:F:ghi:k:K:L:Nno:Pp:R:rS:s:t:T:vV:x:z";

/** @throws UsageError */
export function parseOptions(args: readonly string[]): PfctlOptions {
  const options: PfctlOptions = {
    anchor: undefined,
    defines: {},
    disable: false,
    enable: false,
    flush: undefined,
    file: undefined,
    interface: undefined,
    killSources: [],
    killStates: [],
    noAction: false,
    optimization: undefined,
    portNames: false,
    quiet: false,
    ruleNumber: undefined,
    show: undefined,
    table: undefined,
    tableCommand: undefined,
    verbose: 0,
    debug: undefined,
    zero: false,
    rest: [],
  };
  const found = getopt(args, LETTERS);
  for (const one of found.options) {
    if ("problem" in one) throw usage(one.problem);
    if (one.argument === undefined) flag(options, one.option);
    else value(options, one.option, one.argument);
  }
  options.rest = found.operands;
  const { table, tableCommand, show } = options;
  if ((table === undefined) !== (tableCommand === undefined)) throw usage();
  if (options.ruleNumber !== undefined && show !== "rules") throw usage();
  if (options.rest.length > 0 && tableCommand === undefined)
    throw usage(`unknown command line argument: ${options.rest[0]} ...`);
  return options;
}

/** Whether a call reads its standard input. A wrong command line reads nothing: `pfctl` reports it. */
export function readsStdin(args: readonly string[]): boolean {
  try {
    return parseOptions(args).file === "-";
  } catch {
    return false;
  }
}

function flag(options: PfctlOptions, letter: string): void {
  if (letter === "d") options.disable = true;
  else if (letter === "e") options.enable = true;
  else if (letter === "n") options.noAction = true;
  else if (letter === "P") options.portNames = true;
  else if (letter === "q") options.quiet = true;
  else if (letter === "v") options.verbose++;
  else if (letter === "z") options.zero = true;
  else if (letter === "h") throw usage();
}

function value(options: PfctlOptions, letter: string, given: string): void {
  switch (letter) {
    case "a":
      options.anchor = given;
      break;
    case "D": {
      const at = given.indexOf("=");
      if (at < 0) throw new UsageError("pfctl: could not parse macro definition\n");
      options.defines[given.slice(0, at)] = given.slice(at + 1);
      break;
    }
    case "f":
      options.file = given;
      break;
    case "F":
      options.flush = lookUp(FLUSH, given, "flush modifier");
      break;
    case "i":
      options.interface = given;
      break;
    case "K":
      options.killSources.push(given);
      break;
    case "k":
      options.killStates.push(given);
      break;
    case "o":
      options.optimization = lookUp(LEVELS, given, "optimization level");
      break;
    case "R":
      options.ruleNumber = Number(given);
      break;
    case "s":
      options.show = lookUp(SHOW, given, "show modifier");
      break;
    case "t":
      options.table = given;
      break;
    case "T":
      options.tableCommand = lookUp(TABLE, given, "table command");
      break;
    case "x":
      options.debug = given;
      break;
  }
}

function lookUp(names: readonly string[], given: string, what: string): string {
  const found = names.find((name) => name.startsWith(given));
  if (found === undefined) throw usage(`Unknown ${what} '${given}'`);
  return found;
}
