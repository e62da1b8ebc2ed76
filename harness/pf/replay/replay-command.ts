/**
 * pfctl commands that were run on the firewall in the middle of a case.
 */

import type { Firewall } from "../engine/firewall.ts";
import { pfctl } from "../pfctl.ts";
import { INTERFACES } from "./topology.ts";

/** What it printed on both outputs. */
export function runCommand(firewall: Firewall, commandLine: string, stdin: string): string {
  return commandLine
    .split(";")
    .map((command) => {
      const [name, ...args] = words(command);
      if (name !== "pfctl") throw new Error(`the replay knows no command "${name}"`);
      const { stdout, stderr } = pfctl(args, { firewall, stdin, interfaces: INTERFACES });
      return stderr + stdout;
    })
    .join("");
}

/** As sh(1) splits them: blanks, and quotes of both kinds. */
const words = (command: string): string[] =>
  [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare ?? "");
