/**
 * The `netns` lab: client, firewall, server and intruders are Linux network namespaces; what lies
 * between them are TUN devices that the PF model reads. Real kernels' TCP, real programs, real time.
 * Needs root, or a user namespace in which this program is started anew; /dev/net/tun, ip(8), nft(8) and koffi.
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { agentCommand } from "../agent/runner/pipe.ts";
import type { LabKind, Need } from "../contract/lab.ts";
import { closeNamespaces } from "./netns/namespace-pool.ts";
import { openPlay } from "./netns/play.ts";
import { inUserNamespace, isRoot } from "./netns/privilege.ts";
import { loadKoffi } from "./netns/system-calls.ts";
import { mayOpenTun, NO_TUN, TUN, userNamespace, whyNoUserNamespace } from "./netns/user-namespace.ts";

/** What this lab cannot carry, and why. */
const LACKING: Readonly<Partial<Record<Need, string>>> = {
  "virtual-time": "hours are hours in netns: its kernels keep real time",
  "own-packet-refusal": "Linux's connect(2) is under way before the model sees its packet",
};

const ONE_USER = "needs root: it becomes another user, and in a user namespace there is one";

/** Programs of the machine, and Debian's packages that have them. The agents on the hosts are Perl programs. */
const PROGRAMS: readonly (readonly [program: string, versionOption: string, packageName: string])[] = [
  ["ip", "-V", "iproute2"],
  ["nft", "-V", "nftables"],
  ...(agentCommand()[0] === "perl" ? [["perl", "-v", "perl-base"] as const] : []),
];

function isMissing(program: string, versionOption: string): boolean {
  return spawnSync(program, [versionOption], { stdio: "ignore" }).error !== undefined;
}

/** A play must not see connections that the kernel remembers of the one before. */
const lacksConntrack = (): string | undefined =>
  isMissing("conntrack", "-V") ? "needs conntrack(8): apt-get install conntrack" : undefined;

const netns: LabKind = {
  name: "netns",
  title: "Linux network namespaces, PF model over TUN devices, real time",
  eras: ["divert-to", "rdr-to", "rdr-anchor"],
  lacks(need) {
    if (need === "kernel-forwarding") return lacksConntrack();
    if (need === "other-users" && !isRoot()) return ONE_USER;
    return LACKING[need];
  },
  startedBy: userNamespace,
  async unavailable() {
    if (process.platform !== "linux") return "needs Linux";
    if ((await loadKoffi()) === undefined) return "needs the optional package koffi: npm install koffi";
    if (!existsSync(TUN)) return NO_TUN;
    if (!isRoot() && inUserNamespace() === undefined) {
      return whyNoUserNamespace() ?? "needs root, or the command line, which starts itself anew in a user namespace";
    }
    for (const [program, option, packageName] of PROGRAMS) {
      if (!isMissing(program, option)) continue;
      return `needs ${program}(${program === "perl" ? 1 : 8}): apt-get install ${packageName}`;
    }
    if (!mayOpenTun()) return `needs ${TUN}, to be read and written`;
    return undefined;
  },
  open: openPlay,
  // Plays mostly wait: for what is not to come.
  plays: 4 * availableParallelism(),
  shutDown: closeNamespaces,
};

export default netns;
