/**
 * `--proxy` and `--like`: the user's own proxies as subjects.
 *
 * @example
 * // anchorage run passive --proxy 'mine: ./mine -b {listen} -p {port} {options}' --like ftp-proxy
 */

import { type Command, Option } from "commander";
import type { LabKind } from "../contract/lab.ts";
import type { Subject } from "../contract/subject.ts";
import { type OwnProgram, PROXY_WORDS, parseCommandLine, wordsIn } from "../players/programs/command-line.ts";
import { mustBeThere } from "../run/own-players.ts";
import { UsageError } from "./exit-status.ts";

export interface OwnProxyOptions {
  readonly proxy?: readonly string[];
  readonly like?: "ftp-proxy" | "classic";
}

const gather = (text: string, before: readonly string[] | undefined): string[] => [...(before ?? []), text];

export const addOwnProxies = (command: Command): Command =>
  command
    .option(
      "--proxy <command>",
      "your own proxy as a subject, such as 'mine: ./mine -b {listen} -p {port} {options}'; may be repeated",
      gather,
    )
    .addOption(
      new Option("--like <proxy>", "hold --proxy to the letter of that one").choices(["ftp-proxy", "classic"]),
    );

/** Throws UsageError for a command line that cannot be played. */
export function ownProxies({ proxy = [], like }: OwnProxyOptions): readonly OwnProgram[] {
  if (like !== undefined && proxy.length === 0) throw new UsageError("--like needs a --proxy");
  const proxies = proxy.map(parsed);
  const twice = proxies.find(({ name }, place) => proxies.findIndex((one) => one.name === name) !== place);
  if (twice === undefined) return proxies;
  throw new UsageError(
    `--proxy: two are called "${twice.name}"; write a name in front, as in 'mine: ${twice.command}'`,
  );
}

function parsed(text: string): OwnProgram {
  let own: OwnProgram;
  try {
    own = parseCommandLine("proxy", text, PROXY_WORDS);
  } catch (error) {
    throw error instanceof Error && error.name === "CommandLineError" ? new UsageError(error.message) : error;
  }
  if (wordsIn(own.command).has("port")) return own;
  throw new UsageError(`--proxy: "${own.command}" must listen where PF leads clients: add {listen} and {port}`);
}

/** In the lab netns the program is one of this machine; elsewhere it is a path on the guest. */
export async function proxySubjects(
  options: OwnProxyOptions,
  labs: readonly LabKind[],
  known: readonly Subject[],
): Promise<Subject[]> {
  const proxies = ownProxies(options);
  if (proxies.length === 0) return [];
  const taken = proxies.find(({ name }) => known.some((subject) => subject.name === name));
  if (taken !== undefined) {
    throw new UsageError(
      `--proxy: "${taken.name}" is a subject of Anchorage; write another name in front, as in 'mine: ${taken.command}'`,
    );
  }
  if (labs.some((lab) => lab.services !== true && lab.lacks("processes") === undefined)) proxies.forEach(mustBeThere);
  const { ownProxy } = await import("../subjects/program/own-proxy.ts");
  return proxies.map((own) => ownProxy(own, options.like));
}
