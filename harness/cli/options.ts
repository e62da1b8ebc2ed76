/**
 * Options that several commands share: their words and their checks, written once.
 *
 * @example
 * new Command("lint").addOption(eraOption("--era <era>", "PF language of the firewall"))
 */

import { type Command, InvalidArgumentError, Option } from "commander";
import { ERA_NAMES } from "../pf/language/eras.ts";
import { releaseNames } from "../pf/language/releases.ts";

export const ERAS = Object.keys(ERA_NAMES);

export const eraOption = (flags: string, description: string): Option => new Option(flags, description).choices(ERAS);

export const releaseOption = (): Option =>
  new Option(
    "--release <release>",
    "the release whose pfctl reads the text, such as freebsd@14; its era goes with it",
  ).choices(releaseNames);

/** How ftp-proxy runs, for commands that look at rules: `-R`, `-p` and `-T`. */
export const addProxyOptions = (command: Command, portByDefault: string): Command =>
  command
    .option("--reverse", "ftp-proxy runs with -R (default: guessed from the rules)")
    .option(
      "--port <number>",
      `the port ftp-proxy listens on, its -p (default: ${portByDefault})`,
      wholeNumber("A port", 1, 65535),
    )
    .option("--tag <name>", "ftp-proxy runs with -T name");

export const sideOption = (flags: string): Option =>
  new Option(flags, "forward: clients inside; reverse: the server inside (ftp-proxy -R)").choices([
    "forward",
    "reverse",
  ]);

export const interfacesOption = (): Option =>
  new Option(
    "--interfaces <file>",
    "the firewall's interfaces, as ifconfig prints them or as JSON (default: guessed from the rules)",
  );

/** What a rule set needs to know of its firewall: for each command that reads one. */
export const addFirewallOptions = (command: Command): Command =>
  command
    .addOption(interfacesOption())
    .option("-D, --define <name=value>", "define a macro, as pfctl -D does (several times)", defined, undefined)
    .option("--root <folder>", "a copy of the firewall's files, or of its /etc: tables and includes are read there");

function defined(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("A macro is written NAME=VALUE.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Runs are the same every time, unless a seed is given. */
const DEFAULT_SEED = 1;

export const seedOption = (): Option =>
  new Option("--seed <number>", "seed of everything random")
    .default(DEFAULT_SEED)
    .argParser(wholeNumber("A seed", 0, 0xffff_ffff));

/** For argParser. `what` begins the message: "A port is a number from 1 to 65535." */
export function wholeNumber(what: string, from: number, to: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`${what} is a number from ${from} to ${to}.`);
  };
}
