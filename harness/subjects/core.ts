/**
 * The proxy core in the runner: its sockets and its pfctl are the lab firewall's, so nothing of ours has to be
 * installed there. Also the options of ftp-proxy(8) for each side, family and era, which all our subjects share.
 *
 * @example
 * commandLine(lab, setup); // ["-d", "-D7", "-b", "198.51.100.1", "-p", "21", "-R", "10.0.0.20"]
 */

import { parseCommandLine } from "../../proxy/command-line.ts";
import { startProxy } from "../../proxy/daemon.ts";
import type { Endpoint, Host } from "../../proxy/host.ts";
import { proxyChanges, takeLongOptions } from "../../proxy/long-options.ts";
import { type Resolver, resolveOptions } from "../../proxy/options.ts";
import { fromStateTable } from "../../proxy/original-destination.ts";
import type { PacketFilter } from "../../proxy/pf/packet-filter.ts";
import { PfctlPacketFilter } from "../../proxy/pf/pfctl.ts";
import type { Era, Lab } from "../contract/lab.ts";
import { CONTROL_PORT } from "../contract/roles.ts";
import type { RunningSubject, Subject, SubjectSetup } from "../contract/subject.ts";

/** Names the anchors (`ftp-proxy/4711.1`): the same in every run. */
const PID = 4711;

/** Source: ftp-proxy(8): where it listens by default. */
const PORT = 8021;
const LOOPBACK = { inet: "127.0.0.1", inet6: "::1" } as const;

/** SIGTERM. */
const TERMINATE = 15;

/** A play uses only numeric addresses and port numbers. */
const resolver: Resolver = { addresses: async () => [], service: async () => undefined };

/** The proxy of each era: the words of its rules, and its generation (ftp-proxy.md §17). Later options override it. */
const OF_ERA: Readonly<Record<Era, readonly string[]>> = {
  "divert-to": [],
  "rdr-to": ["--era", "rdr-to"],
  "rdr-anchor": ["--era", "rdr-anchor", "--generation", "classic"],
};

/** How ftp-proxy(8) is started for that side and family (its manual page, and rc.d's ftpproxy6), in the foreground. */
export const commandLine = (lab: Lab, setup: SubjectSetup): string[] => [
  ...["-d", "-D7"],
  ...OF_ERA[setup.era],
  ...optionsFor(lab, setup),
];

function optionsFor(lab: Lab, setup: SubjectSetup): string[] {
  const { family } = setup;
  const { address, port } = listensAt(lab, { ...setup, args: [] });
  const isDefault = port === PORT && address === LOOPBACK[family];
  const listen = port === PORT ? ["-b", address] : ["-b", address, "-p", String(port)];
  return [...(isDefault ? [] : listen), ...optionsOfPlay(lab, setup)];
}

/** `-6` where the family is IPv6, `-R` in reverse mode, the play's limit of sessions, and the scenario's own. */
export function optionsOfPlay(lab: Lab, { side, family, args, maxSessions }: SubjectSetup): string[] {
  return [
    ...(family === "inet6" ? ["-6"] : []),
    ...(side === "reverse" ? ["-R", lab.hosts.server.address(family)] : []),
    ...(maxSessions === undefined ? [] : ["-m", String(maxSessions)]),
    ...args,
  ];
}

/**
 * Where the proxy must listen: where PF leads clients, or in reverse mode at the firewall's own address. The scenario's
 * `-b` and `-p` come last, so they count.
 */
export function listensAt(lab: Lab, { side, family, era, args }: SubjectSetup): Endpoint {
  // Until 4.9 the proxy asks the state table with -R, too, so clients are redirected to the address where it listens.
  const direct = side === "reverse" && era === "divert-to";
  const redirected = lab.firewall.listenAt?.[family] ?? LOOPBACK[family];
  return {
    address: argumentOf("-b", args) ?? (direct ? lab.firewall.outside[family] : redirected),
    port: Number(argumentOf("-p", args) ?? (direct ? CONTROL_PORT : PORT)),
  };
}

const argumentOf = (option: string, args: readonly string[]): string | undefined =>
  args.includes(option) ? args[args.lastIndexOf(option) + 1] : undefined;

/**
 * The same under rc.d(8): the service of each family adds `-6` itself, and the log goes to syslog. The base system's
 * proxy has none of our options, and is of its era anyway.
 */
export const serviceFlags = (lab: Lab, setup: SubjectSetup, service: "ftp-proxy" | "core-daemon"): string[] =>
  ["-D7", ...(service === "ftp-proxy" ? [] : OF_ERA[setup.era]), ...optionsFor(lab, setup)].filter(
    (option) => option !== "-6",
  );

/** The core, with pfctl(8) or another packet filter. Tests give it a broken one, which the invariants must notice. */
export function coreSubject(
  name: string,
  title: string,
  packetFilter: (host: Host) => PacketFilter = (host) => new PfctlPacketFilter(host),
): Subject {
  return {
    name,
    title,
    profile: (era) => (era === "rdr-anchor" ? "classic" : "ftp-proxy"),
    terminates: true,
    inRunner: true,
    lacks({ era, args }) {
      // parse.y of 7.8: a queue must be defined in the text that names it, and no anchor may define one.
      if (args.includes("-q")) {
        return era === "divert-to"
          ? "pfctl(8) refuses `set queue` in the text of an anchor: -q needs the ioctl of ftp-proxy(8)"
          : "the model of PF has no altq(4), whose queues -q named until 5.5";
      }
      return undefined;
    },
    async start(lab, setup): Promise<RunningSubject> {
      const args = commandLine(lab, setup);
      const command = `ftp-proxy ${args.join(" ")}`;
      const taken = takeLongOptions(args, "openbsd");
      if (taken.kind === "refused") throw new Error(`${command}: ${taken.stderr.trim()}`);
      const parsed = parseCommandLine(taken.rest);
      if (parsed.kind === "refused") throw new Error(`${command}: ${parsed.stderr.trim()}`);
      const host = lab.hosts.firewall;
      const resolved = await resolveOptions(parsed.options, resolver, {
        ...proxyChanges(taken.options),
        ...(taken.options.era !== "divert-to" && { originalDestination: fromStateTable(host) }),
        pid: PID,
      });
      if (resolved.kind === "refused") throw new Error(`${command}: ${resolved.stderr.trim()}`);
      const proxy = await startProxy(host, resolved.options, packetFilter(host));
      return { command, stop: () => proxy.stop(TERMINATE) };
    },
  };
}

export default coreSubject("core", "Anchorage's proxy core, in the runner");
