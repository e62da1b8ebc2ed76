/** Which standing lab a command means. */

import { Option } from "commander";
import { DEFAULT_NAME, findLab, isName, type StandingLab, standingLabs } from "../../labs/netns/keeper/standing-lab.ts";
import { isRoot } from "../../labs/netns/privilege.ts";
import { UsageError } from "../usage-error.ts";

export const nameOption = (): Option =>
  new Option("--name <name>", "which lab, where several stand").default(DEFAULT_NAME);

/** No lab of that name stands; the message says what to do. */
export class NoLab extends Error {
  override readonly name = "NoLab";
}

/** Throws NoLab. */
export function labOf(name: string): StandingLab {
  const lab = findLab(checked(name));
  if (lab !== undefined) return lab;
  const others = standingLabs().map((one) => one.name);
  const known = others.length === 0 ? "" : ` (there are: ${others.join(", ")})`;
  const named = name === DEFAULT_NAME ? "" : ` --name ${name}`;
  throw new NoLab(`no lab "${name}" stands${known}: ${sudo()}npx anchorage lab up${named}`);
}

/** Root's labs are root's; an ordinary user has labs of their own. */
export const sudo = (): string => (isRoot() ? "sudo " : "");

/** Throws UsageError. */
export function checked(name: string): string {
  if (isName(name)) return name;
  throw new UsageError(`"${name}" is no name for a lab: small letters, digits and "-", a letter first, 31 at most`);
}
