/**
 * The privilege of this process: root, an ordinary user, or an ordinary user who is root in a user namespace of the
 * lab (user-namespace.ts). Root without the capabilities for networks, as in a container, counts as an ordinary user.
 */

import { readFileSync } from "node:fs";

/** Set for the program in its user namespace: the folder of the user's runs. */
export const INSIDE = "ANCHORAGE_USER_NAMESPACE";

/** Root of the machine, or of a container with more than one user. */
export const isRoot = (): boolean => process.getuid?.() === 0 && !hasOneUser() && withheld().length === 0;

/** The alternative to a user namespace, in words: "root", or for root the capabilities that it lacks. */
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

/** The folder of the user's runs; undefined outside the lab's user namespace. */
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
