/**
 * Who this process is: root, an ordinary user, or such a user who is root in a user namespace of the lab's own
 * (user-namespace.ts).
 */

import { readFileSync } from "node:fs";

/** Set for the program that has been started in its user namespace: the folder of the user's runs. */
export const INSIDE = "ANCHORAGE_USER_NAMESPACE";

/** Root of the machine, or of a container that has users of its own. */
export const isRoot = (): boolean => process.getuid?.() === 0 && !hasOneUser();

/** The folder of the user's runs, in the user namespace that has been made for this program. */
export const inUserNamespace = (): string | undefined =>
  process.getuid?.() === 0 && hasOneUser() ? process.env[INSIDE] : undefined;

/** proc(5), uid_map: first id inside, first outside, how many. */
function hasOneUser(): boolean {
  try {
    const lines = readFileSync("/proc/self/uid_map", "utf8").trim().split("\n");
    return lines.length === 1 && lines[0]?.trim().split(/\s+/)[2] === "1";
  } catch {
    return false;
  }
}
