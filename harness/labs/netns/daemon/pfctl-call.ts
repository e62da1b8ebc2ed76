/**
 * pfctl(8) of a running lab as a person calls it: the arguments go to the daemon, whose model answers;
 * files are read by the daemon, standard input here.
 */

import { readFileSync } from "node:fs";
import { parseOptions } from "../../../pf/pfctl/options.ts";
import type { CommandResult } from "../../../pf/pfctl.ts";
import { askOnce } from "./control-socket.ts";

/** Returns the exit status. Throws DaemonGone. */
export async function callPfctl(socket: string, args: readonly string[]): Promise<number> {
  const stdin = readsInput(args) ? readFileSync(0, "latin1") : "";
  const directory = process.cwd();
  const { status, stdout, stderr } = (await askOnce(socket, { ask: "pfctl", args, stdin, directory })) as CommandResult;
  process.stderr.write(stderr, "latin1");
  process.stdout.write(stdout, "latin1");
  return status;
}

/** What is wrong with a wrong command line, pfctl itself says. */
function readsInput(args: readonly string[]): boolean {
  try {
    return parseOptions(args).file === "-";
  } catch {
    return false;
  }
}
