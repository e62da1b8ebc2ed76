/**
 * The lab without root: in a user namespace of its own, where an ordinary user is root over networks that
 * nobody else sees. A process of several threads cannot enter one (unshare(2)), so the program is started anew
 * in it by unshare(1).
 *
 * @example
 * userNamespace() // { words: ["env", "ANCHORAGE_USER_NAMESPACE=…", "unshare", …] }: what stands before the command line
 */

import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import type { StartedBy } from "../../lab.ts";
import { INSIDE, inUserNamespace, isRoot } from "./privilege.ts";
import { makeRuns, RUNS } from "./run-folder.ts";

const UNSHARE = ["unshare", "--user", "--map-root-user", "--net", "--mount", "--"];
/**
 * ip-netns(8) keeps its names in /run/netns, where only root may write: this program sees another /run. The folder
 * of runs, which others look into, stays where it is.
 */
const OWN_RUN = `
folder=$1 here=$PWD
shift
cd "$folder" && mount -t tmpfs -o mode=755 anchorage /run && mkdir -p /run/netns "$folder" &&
mount --no-canonicalize --bind . "$folder" && cd "$here" && exec "$@"
`;

export const TUN = "/dev/net/tun";

/** Undefined: root needs none, and who is in one needs no other. */
export function userNamespace(): StartedBy | undefined {
  if (process.platform !== "linux" || isRoot() || inUserNamespace() !== undefined) return undefined;
  const refused = whyNoUserNamespace();
  return refused === undefined ? { words: words() } : { refused };
}

const words = (): string[] => ["env", `${INSIDE}=${RUNS}`, ...UNSHARE, "sh", "-c", OWN_RUN, "sh", RUNS];

/** Why an ordinary user cannot have the lab on this machine; undefined: a user namespace will do. */
export function whyNoUserNamespace(): string | undefined {
  if (!mayOpenTun()) return `needs root, or ${TUN} to be read and written by everybody: chmod 666 ${TUN}`;
  makeRuns();
  const [program = "", ...args] = words();
  const { error, status, stderr } = spawnSync(program, [...args, "true"], { encoding: "utf8" });
  if (error !== undefined) return `needs root, or env(1): ${error.message}`;
  return status === 0 ? undefined : refusal(stderr.trim(), readSetting);
}

/** What an administrator may have set, and what lifts it. */
const SETTINGS: readonly (readonly [name: string, forbids: string, allows: string])[] = [
  // Debian's kernels, until 10.
  ["kernel.unprivileged_userns_clone", "0", "1"],
  // Ubuntu's, since 23.10.
  ["kernel.apparmor_restrict_unprivileged_userns", "1", "0"],
  // user_namespaces(7)
  ["user.max_user_namespaces", "0", "10000"],
];

/** @example refusal("unshare: unshare failed: No space left on device", () => "0") // "needs root, or sysctl kernel.…" */
export function refusal(said: string, setting: (name: string) => string | undefined): string {
  if (/unshare.*(not found|No such file)/.test(said)) return "needs root, or unshare(1): apt-get install util-linux";
  const lifted = SETTINGS.filter(([name, forbids]) => setting(name) === forbids);
  const remedies = lifted.map(([name, , allows]) => `sysctl ${name}=${allows}`);
  if (remedies.length > 0) return `needs root, or a user namespace, which this machine forbids: ${remedies.join(" ")}`;
  return `needs root, or a user namespace, which this kernel or container forbids (${said})`;
}

const readSetting = (name: string): string | undefined => {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll(".", "/")}`, "utf8").trim();
  } catch {
    return undefined;
  }
};

export function mayOpenTun(): boolean {
  try {
    accessSync(TUN, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
