/**
 * The lab without root: an ordinary user is root in a private user namespace, over networks that no other process
 * sees. A process of several threads cannot enter one (unshare(2)), so unshare(1) restarts the program in it.
 *
 * @example
 * userNamespace() // { words: ["env", "ANCHORAGE_USER_NAMESPACE=…", "unshare", …] }: goes before the command line
 */

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import type { StartedBy } from "../../contract/lab.ts";
import { INSIDE, inUserNamespace, isRoot, rootInWords } from "./privilege.ts";
import { makeRuns, RUNS } from "./run-folder.ts";

const UNSHARE = ["unshare", "--user", "--map-root-user", "--net", "--mount", "--"];
/**
 * ip-netns(8) keeps its names in /run/netns, where only root may write. So this program gets a private /run: the
 * machine's folders, except /run/netns.
 */
const OWN_RUN = `
here=$PWD
cd /run && mount -t tmpfs -o mode=755 anchorage /run && mkdir /run/netns || exit
for one in *; do
  if [ -L "$one" ]; then cp -P "$one" /run
  elif [ -d "$one" ] && mkdir "/run/$one" 2>/dev/null; then mount --no-canonicalize --rbind "$one" "/run/$one"
  fi
done
cd "$here" && exec "$@"
`;
/** The folders of ip(8), nft(8) and conntrack(8), which an ordinary user's PATH may lack. */
const SBIN = "/usr/local/sbin:/usr/sbin:/sbin";

export const TUN = "/dev/net/tun";
export const NO_TUN = `needs ${TUN}, which is not there: modprobe tun, or for a container --device ${TUN}`;

/** Undefined for root, and inside a user namespace of the lab. */
export function userNamespace(): StartedBy | undefined {
  if (process.platform !== "linux" || isRoot() || inUserNamespace() !== undefined) return undefined;
  const refused = whyNoUserNamespace();
  return refused === undefined ? { words: words() } : { refused };
}

function words(): string[] {
  const env = [`${INSIDE}=${RUNS}`, `PATH=${process.env.PATH ?? "/usr/bin:/bin"}:${SBIN}`];
  return ["env", ...env, ...UNSHARE, "sh", "-c", OWN_RUN, "sh"];
}

/** Why an ordinary user cannot have the lab on this machine; undefined: a user namespace will do. */
export function whyNoUserNamespace(): string | undefined {
  const root = rootInWords();
  if (!existsSync(TUN)) return NO_TUN;
  if (!mayOpenTun()) return `needs ${root}, or ${TUN} to be read and written by everybody: chmod 666 ${TUN}`;
  try {
    makeRuns();
  } catch (error) {
    return `needs ${root}, or a folder for its runs: ${error instanceof Error ? error.message : String(error)}`;
  }
  const [program = "", ...args] = words();
  const { error, status, stderr } = spawnSync(program, [...args, "true"], { encoding: "utf8" });
  if (error !== undefined) return `needs ${root}, or env(1): ${error.message}`;
  return status === 0 ? undefined : refusal(stderr.trim(), readSetting, root);
}

/** Settings by which an administrator forbids user namespaces, and the value that allows them. */
const SETTINGS: readonly (readonly [name: string, forbids: string, allows: string])[] = [
  // Debian's kernels, until 10.
  ["kernel.unprivileged_userns_clone", "0", "1"],
  // Ubuntu's, since 23.10.
  ["kernel.apparmor_restrict_unprivileged_userns", "1", "0"],
  // user_namespaces(7)
  ["user.max_user_namespaces", "0", "10000"],
];

/** @example refusal("unshare: unshare failed: No space left on device", () => "0") // "needs root, or sysctl kernel.…" */
export function refusal(said: string, setting: (name: string) => string | undefined, root = "root"): string {
  if (/unshare.*(not found|No such file)/.test(said)) return `needs ${root}, or unshare(1): apt-get install util-linux`;
  const lifted = SETTINGS.filter(([name, forbids]) => setting(name) === forbids);
  const remedies = lifted.map(([name, , allows]) => `sysctl ${name}=${allows}`);
  if (remedies.length > 0)
    return `needs ${root}, or a user namespace, which this machine forbids: ${remedies.join(" ")}`;
  return `needs ${root}, or a user namespace, which this kernel or container forbids (${said})`;
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
