/**
 * The proxy core in the runner: its sockets and its pfctl are the lab firewall's, so the firewall
 * needs nothing of ours on it. Takes the options of ftp-proxy(8).
 */

import { parseCommandLine } from "../../proxy/command-line.ts";
import { startProxy } from "../../proxy/daemon.ts";
import type { Host } from "../../proxy/host.ts";
import { proxyChanges, takeLongOptions } from "../../proxy/long-options.ts";
import type { PacketFilter } from "../../proxy/pf/packet-filter.ts";
import { PfctlPacketFilter } from "../../proxy/pf/pfctl.ts";
import { type Resolver, resolveOptions } from "../../proxy/resolve-options.ts";
import type { Lab } from "../lab.ts";
import { CONTROL_PORT } from "../roles.ts";
import type { RunningSubject, Subject, SubjectSetup } from "../subject.ts";

/** Names the anchors (`ftp-proxy/4711.1`): the same in every run. */
const PID = 4711;

/** SIGTERM. */
const TERMINATE = 15;

/** Numeric addresses and port numbers are all that a play uses. */
const resolver: Resolver = { addresses: async () => [], service: async () => undefined };

/** How ftp-proxy(8) is started for that side and family (its manual page, and rc.d's ftpproxy6). */
export function commandLine(lab: Lab, setup: SubjectSetup): string[] {
  const { side, family, args } = setup;
  const own = family === "inet6" ? ["-6"] : [];
  const reverse =
    side === "forward"
      ? []
      : ["-R", lab.hosts.server.address(family), "-b", lab.firewall.outside[family], "-p", String(CONTROL_PORT)];
  return ["-d", "-D7", ...own, ...reverse, ...args];
}

/**
 * A core whose way to the firewall can be put out of order: that is how the tests know that the
 * invariants would see it.
 */
export function coreSubject(
  name: string,
  title: string,
  packetFilter: (host: Host) => PacketFilter = (host) => new PfctlPacketFilter(host),
): Subject {
  return {
    name,
    title,
    profile: "ftp-proxy",
    terminates: true,
    lacks({ era, args }) {
      if (era !== "divert-to") return `${name} learns where a client wanted to go from divert-to, not from ${era}`;
      // parse.y of 7.8: a queue must be defined in the text that names it, and no anchor may define one.
      if (args.includes("-q"))
        return "pfctl(8) refuses `set queue` in the text of an anchor: -q needs the ioctl of ftp-proxy(8)";
      return undefined;
    },
    async start(lab, setup): Promise<RunningSubject> {
      const args = commandLine(lab, setup);
      const command = `ftp-proxy ${args.join(" ")}`;
      const taken = takeLongOptions(args, "openbsd");
      if (taken.kind === "refused") throw new Error(`${command}: ${taken.stderr.trim()}`);
      const parsed = parseCommandLine(taken.rest);
      if (parsed.kind === "refused") throw new Error(`${command}: ${parsed.stderr.trim()}`);
      const resolved = await resolveOptions(parsed.options, resolver, { ...proxyChanges(taken.options), pid: PID });
      if (resolved.kind === "refused") throw new Error(`${command}: ${resolved.stderr.trim()}`);
      const host = lab.hosts.firewall;
      const proxy = await startProxy(host, resolved.options, packetFilter(host));
      return { command, stop: () => proxy.stop(TERMINATE) };
    },
  };
}

export default coreSubject("core", "Anchorage's proxy core, in the runner");
