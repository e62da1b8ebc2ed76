/**
 * pfctl commands that were run on the firewall in the middle of a case.
 */

import type { Firewall } from "../../../pf/engine/firewall.ts";
import { pfctl } from "../../../pf/pfctl.ts";
import { INTERFACES } from "./topology.ts";

/** Both outputs together; undefined if a program other than pfctl took part. */
export function runCommand(firewall: Firewall, commandLine: string, stdin: string): string | undefined {
  let output: string | undefined = "";
  for (const command of commandLine.split(";")) {
    const [name, ...args] = words(command.split("|")[0] ?? "");
    if (command.includes("|") || name !== "pfctl") output = undefined;
    if (name !== "pfctl") continue;
    const { stdout, stderr } = pfctl(args, { firewall, stdin, interfaces: INTERFACES });
    if (output !== undefined) output += stderr + stdout;
  }
  return output;
}

/** Two outputs compared but for what a kernel chooses by chance or by the clock, and the order of the two streams. */
export const sameOutput = (a: string, b: string): boolean => masked(a) === masked(b);

const masked = (output: string): string =>
  output
    .replace(/([:[])[56]\d{4}\b/g, "$1NAT")
    .replace(/^(all (?:ipv6-)?icmp \S+?[:[])\d+/gm, "$1ID")
    .replace(/\b(pid|age|expires in|id:|creatorid:) ?\S+/g, "$1")
    .replace(/Cleared: .*/g, "Cleared")
    .replace(/\[\d+ \+ \d+\](\(\+\d+\))?/g, "[window]")
    .split("\n")
    .sort()
    .join("\n");

/** As sh(1) splits them: blanks, and quotes of both kinds. */
const words = (command: string): string[] =>
  [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare ?? "");
