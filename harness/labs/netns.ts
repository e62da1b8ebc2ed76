/**
 * The `netns` lab: client, firewall, server and intruders are Linux network namespaces, connected by TUN devices
 * that the PF model reads. It has the kernel's TCP, real programs and real time.
 * Needs root, or a user namespace in which this program restarts; /dev/net/tun, ip(8), nft(8) and koffi.
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

/** Needs that this lab cannot meet, and why. */
const LACKING: Readonly<Partial<Record<Need, string>>> = {
  "virtual-time": "hours are hours in netns: its kernels keep real time",
  "own-packet-refusal": "Linux's connect(2) is under way before the model sees its packet",
  "own-network": "its firewall has em0 and em1, and the lab's addresses",
  "second-address": "the firewall has one address on each network",
};

const ONE_USER = "needs root: it becomes another user, and in a user namespace there is one";

const NO_CONTAINERS = "needs root: containers cannot join the networks of a user namespace";

/** Programs of the machine, and Debian's packages that have them. The agents on the hosts are Perl programs. */
const PROGRAMS: readonly (readonly [program: string, versionOption: string, packageName: string])[] = [
  ["ip", "-V", "iproute2"],
  ["nft", "-V", "nftables"],
  ...(agentCommand()[0] === "perl" ? [["perl", "-v", "perl-base"] as const] : []),
];

function isMissing(program: string, versionOption: string): boolean {
  return spawnSync(program, [versionOption], { stdio: "ignore" }).error !== undefined;
}

/** conntrack(8) clears the connections that the kernel remembers from the play before. */
const lacksConntrack = (): string | undefined =>
  isMissing("conntrack", "-V") ? "needs conntrack(8): apt-get install conntrack" : undefined;

const netns: LabKind = {
  name: "netns",
  title: "Linux network namespaces, PF model over TUN devices, real time",
  eras: ["divert-to", "rdr-to", "rdr-anchor"],
  lacks(need) {
    if (need === "kernel-forwarding") return lacksConntrack();
    if (need === "other-users" && !isRoot()) return ONE_USER;
    if (need === "containers" && !isRoot()) return NO_CONTAINERS;
    return LACKING[need];
  },
  startedBy: userNamespace,
  async unavailable() {
    if (process.platform !== "linux") return "needs Linux";
    if ((await loadKoffi()) === undefined) return "needs the optional package koffi: npm install koffi";
    if (!existsSync(TUN)) return NO_TUN;
    if (!isRoot() && inUserNamespace() === undefined) {
      return whyNoUserNamespace() ?? "needs root, or the command line, which restarts itself in a user namespace";
    }
    for (const [program, option, packageName] of PROGRAMS) {
      if (!isMissing(program, option)) continue;
      return `needs ${program}(${program === "perl" ? 1 : 8}): apt-get install ${packageName}`;
    }
    if (!mayOpenTun()) return `needs ${TUN}, to be read and written`;
    return undefined;
  },
  open: openPlay,
  // Plays mostly wait, to see that nothing more comes.
  plays: 4 * availableParallelism(),
  shutDown: closeNamespaces,
};

export default netns;
