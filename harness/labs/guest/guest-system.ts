/**
 * The differences between the guests' operating systems: starting a program on a host, PF's interfaces, services. Names
 * are those of vm/SYSTEM/topology.sh and provision.sh.
 */

import type { HostName } from "../../contract/lab.ts";
import type { Family } from "../../pf/packet.ts";
import type { SystemName } from "./release.ts";

export type ServiceName = "ftp-proxy" | "core-daemon";

export interface GuestSystem {
  readonly name: SystemName;
  readonly title: string;
  /** The firewall's, by the names of PF and tcpdump. */
  readonly interfaces: { readonly inside: string; readonly outside: string };
  /** Macros of vm/pf with another value here. */
  readonly macros: Readonly<Record<string, string>>;
  /** Where a redirected proxy must listen, if not at its default address. */
  readonly listenAt: Partial<Readonly<Record<Family, string>>>;
  /** Words before a program on a host. */
  within(host: HostName): readonly string[];
  /** Milliseconds by which tcpdump(8) may report a packet late. */
  readonly captureDelayMs: number;
  /** Options of tcpdump(8) that make it report packets sooner. */
  readonly promptCapture: readonly string[];
  /** Commands one after the other; the last must succeed. */
  start(service: ServiceName, family: Family, flags: readonly string[]): readonly (readonly string[])[];
  stop(service: ServiceName, family: Family): readonly (readonly string[])[];
  /** Arguments of pgrep(1) for a service's processes, where ktrace(1) can watch them. */
  readonly traced?: Readonly<Record<ServiceName, readonly string[]>>;
}

/** topology.sh: rdomain(4) numbers. */
const RDOMAIN: Readonly<Record<HostName, number>> = {
  firewall: 0,
  client: 1,
  server: 2,
  "inside-intruder": 3,
  "outside-intruder": 4,
};

/** /etc/rc.d: a service for each family. */
const RC = { "ftp-proxy": "ftpproxy", "core-daemon": "anchorage_ftpproxy" } as const;
const rcName = (service: ServiceName, family: Family) => `${RC[service]}${family === "inet6" ? "6" : ""}`;

export const openbsdGuest: GuestSystem = {
  name: "openbsd",
  title: "OpenBSD in a virtual machine, its own PF, rdomains joined by pair(4) and veb(4)",
  interfaces: { inside: "vport1", outside: "vport0" },
  macros: {},
  listenAt: {},
  within: (host) => (RDOMAIN[host] === 0 ? [] : ["route", "-T", String(RDOMAIN[host]), "exec"]),
  // tcpdump.c: a read timeout of one second, during which bpf(4) gathers packets.
  captureDelayMs: 1_200,
  promptCapture: [],
  start(service, family, flags) {
    const name = rcName(service, family);
    return [
      ["rcctl", "enable", name],
      ["rcctl", "set", name, "flags", flags.join(" ")],
      ["rcctl", "start", name],
    ];
  },
  stop(service, family) {
    const name = rcName(service, family);
    return [
      ["rcctl", "stop", name],
      ["rcctl", "disable", name],
    ];
  },
  traced: { "ftp-proxy": ["-x", "ftp-proxy"], "core-daemon": ["-f", "/anchorage/ftp-proxy.mjs"] },
};

/** FreeBSD's script for the base system's proxy and the name of its variables in rc.conf(5); its -6 is a flag there. */
const BASE = { script: "ftp-proxy", variable: "ftpproxy_flags" } as const;

export const freebsdGuest: GuestSystem = {
  name: "freebsd",
  title: "FreeBSD in a virtual machine, its own PF, vnet jails joined by epair(4)",
  interfaces: { inside: "inside0", outside: "outside0" },
  // FreeBSD bug 193568: its PF does not redirect to ::1.
  macros: { proxy6: "2001:db8:1::1" },
  listenAt: { inet6: "2001:db8:1::1" },
  within: (host) => (host === "firewall" ? [] : ["jexec", host]),
  captureDelayMs: 150,
  promptCapture: ["-U", "--immediate-mode"],
  start(service, family, flags) {
    if (service === "core-daemon") {
      const name = rcName(service, family);
      return [
        ["sysrc", `${name}_flags=${flags.join(" ")}`],
        ["service", name, "onestart"],
      ];
    }
    const all = family === "inet6" ? ["-6", ...flags] : flags;
    return [
      ["sysrc", `${BASE.variable}=${all.join(" ")}`],
      ["service", BASE.script, "onestart"],
    ];
  },
  stop: (service, family) => [
    ["service", service === "core-daemon" ? rcName(service, family) : BASE.script, "onestop"],
  ],
};
