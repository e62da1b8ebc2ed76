/**
 * A proxy of the user's own as a subject: `--proxy 'mine: ./mine -b {listen} -p {port} {options}'`. It runs on the
 * firewall, where a pfctl reaches PF. It has no reference, so it is held to service and harm; `--like ftp-proxy` holds
 * it to the letter, too.
 *
 * @example
 * const own = parseCommandLine("proxy", "mine: ./mine -b {listen} -p {port} {options}", PROXY_WORDS);
 * ownProxy(own).start(lab, setup);
 */

import { dirname } from "node:path";
import type { Lab } from "../../contract/lab.ts";
import type { Profile, Subject, SubjectSetup } from "../../contract/subject.ts";
import {
  asTyped,
  fillIn,
  type OwnProgram,
  type PROXY_WORDS,
  quoted,
  wordsIn,
} from "../../players/programs/command-line.ts";
import core, { listensAt, optionsOfPlay } from "../core.ts";
import { optionOfOurs } from "../ftp-proxy.ts";
import { startOnFirewall } from "./on-firewall.ts";

const ANCHOR = "ftp-proxy";
/** The level of a line that does not say its own: informational. */
const LOG_LEVEL = 6;

export function ownProxy(own: OwnProgram, like?: Profile): Subject {
  const words = wordsIn(own.command);
  return {
    name: own.name,
    title: `${own.command}, a process on the firewall`,
    profile: () => like ?? "proxy",
    terminates: true,
    options: `--proxy ${quoted(asTyped(own))}${like === undefined ? "" : ` --like ${like}`}`,
    lacks(setup, lab) {
      const noProcesses = lab.services === true ? undefined : lab.lacks("processes");
      if (noProcesses !== undefined) return `runs programs only where the hosts have processes: ${noProcesses}`;
      return lacksWord(own, words, setup) ?? optionOfOurs(own.name, setup) ?? core.lacks(setup, lab);
    },
    start(lab, setup) {
      const { programs } = lab.firewall;
      if (programs === undefined) throw new Error(`${lab.name} runs no programs on its firewall`);
      const command = fillIn(own.command, valuesOf(lab, setup, programs.pfctl));
      const path = `PATH=${quoted(dirname(programs.pfctl))}:$PATH; export PATH`;
      const line = ["sh", "-c", `exec </dev/null; ${path}\n${command}`];
      return startOnFirewall(lab, { name: own.name, command, line, at: listensAt(lab, setup), level: LOG_LEVEL });
    },
  };
}

/** Why the command line cannot ask for what the play needs. */
function lacksWord({ name }: OwnProgram, words: ReadonlySet<string>, { side, args }: SubjectSetup): string | undefined {
  if (words.has("options")) return undefined;
  if (args.length > 0) return `the scenario starts its proxy with ${args.join(" ")}: ${name} has no {options} for that`;
  return side === "reverse" && !words.has("server")
    ? `reverse mode needs {options} or {server} on the command line of ${name}`
    : undefined;
}

function valuesOf(lab: Lab, setup: SubjectSetup, pfctl: string): Readonly<Record<keyof typeof PROXY_WORDS, string>> {
  const { side, family, era } = setup;
  // Options of the scenario come last, and may name another listener.
  const { address, port } = listensAt(lab, { ...setup, args: [] });
  return {
    listen: address,
    port: String(port),
    pfctl: /^[\w./+~-]+$/.test(pfctl) ? pfctl : quoted(pfctl),
    options: ["-D7", ...optionsOfPlay(lab, setup)].join(" "),
    family,
    side,
    era,
    server: side === "reverse" ? lab.hosts.server.address(family) : "",
    anchor: ANCHOR,
  };
}
