/** The lab that a command means, by `--name`; how a command line and a duration are written for people. */

import { Option } from "commander";
import { DEFAULT_NAME, findLab, isName, type RunningLab, runningLabs } from "../../labs/netns/daemon/running-lab.ts";
import { isRoot } from "../../labs/netns/privilege.ts";
import { UsageError } from "../exit-status.ts";

export const nameOption = (): Option => new Option("--name <name>", "the lab, if several are up").default(DEFAULT_NAME);

/** No lab has that name; the message says how to start one. */
export class NoLab extends Error {
  override readonly name = "NoLab";
}

/** Throws NoLab. */
export function labOf(name: string): RunningLab {
  const lab = findLab(checkedName(name));
  if (lab !== undefined) return lab;
  const others = runningLabs().map((one) => one.name);
  const known = others.length === 0 ? "" : ` (there are: ${others.join(", ")})`;
  throw new NoLab(`no lab "${name}" is up${known}: start it by ${labCommandLine("up", name)}`);
}

/** `sudo npx anchorage lab watch --name other`. Root's labs need root; an ordinary user has labs too. */
export function labCommandLine(words: string, name: string): string {
  const named = name === DEFAULT_NAME ? "" : ` --name ${name}`;
  return `${isRoot() ? "sudo " : ""}npx anchorage lab ${words.replace(/^\w+/, `$&${named}`)}`;
}

/** Throws UsageError. */
export function checkedName(name: string): string {
  if (isName(name)) return name;
  throw new UsageError(
    `"${name}" cannot be a lab's name: a small letter, then small letters, digits and "-", 31 characters at most`,
  );
}

/**
 * @example
 * duration(3_723_000) // "1:02:03"
 */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (number: number) => String(number).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
