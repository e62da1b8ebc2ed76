/**
 * Who this process is: root, an ordinary user, or such a user who is root in a user namespace of the lab's own
 * (user-namespace.ts). Root from whom a container has taken what networks are made with is an ordinary user here.
 */

import { readFileSync } from "node:fs";

/** Set for the program that has been started in its user namespace: the folder of the user's runs. */
export const INSIDE = "ANCHORAGE_USER_NAMESPACE";

/** Root of the machine, or of a container that has users of its own. */
export const isRoot = (): boolean => process.getuid?.() === 0 && !hasOneUser() && withheld().length === 0;

/** What the lab needs instead of a user namespace: "root", for who is root already with what it lacks. */
export function rootInWords(lacks = process.getuid?.() === 0 ? withheld() : []): string {
  if (lacks.length === 0) return "root";
  return `root with ${lacks.join(" and ")} (for a container: ${lacks.map((one) => `--cap-add ${one.slice("CAP_".length)}`).join(" ")})`;
}

/** Namespaces and mounts; devices, addresses, routes and nft(8). Source: Linux, include/uapi/linux/capability.h. */
const NEEDED = { CAP_SYS_ADMIN: 21n, CAP_NET_ADMIN: 12n } as const;

/** Which of the needed capabilities(7) this process lacks, by proc(5)'s `status`. */
export function withheld(status = read("/proc/self/status")): string[] {
  const effective = /^CapEff:\s*([\da-f]+)$/m.exec(status ?? "")?.[1];
  if (effective === undefined) return [];
  const has = BigInt(`0x${effective}`);
  return Object.entries(NEEDED).flatMap(([name, bit]) => (((has >> bit) & 1n) === 0n ? [name] : []));
}

/** The folder of the user's runs, in the user namespace that has been made for this program. */
export const inUserNamespace = (): string | undefined =>
  process.getuid?.() === 0 && hasOneUser() ? process.env[INSIDE] : undefined;

/** proc(5), uid_map: first id inside, first outside, how many. */
function hasOneUser(): boolean {
  const lines = read("/proc/self/uid_map")?.trim().split("\n");
  return lines?.length === 1 && lines[0]?.trim().split(/\s+/)[2] === "1";
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
