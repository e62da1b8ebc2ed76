/**
 * The hosts of the netns lab, their devices and addresses: the same as in the simulator (harness/labs/model/topology.ts).
 * Each host is a network namespace with one TUN device; the firewall has one on each network and a third for packets that
 * PF diverts.
 */

import type { HostName, Side } from "../../contract/lab.ts";
import { isLinkLocal } from "../../net/wire/address.ts";
import type { PcapngInterface } from "../../net/wire/pcapng.ts";
import type { Family } from "../../pf/packet.ts";
import type { Interface } from "../../pf/ruleset.ts";
import { FIREWALL, FIREWALL_INTERFACE } from "../model/topology.ts";

export type NetworkName = "inside" | "outside";

/** A TUN device in a host's namespace. */
export interface Device {
  readonly host: HostName;
  readonly name: string;
  /** Absent: the device for diverted packets. */
  readonly network?: NetworkName;
  /** With prefix lengths. */
  readonly addresses: readonly string[];
  /** Prefixes that are reached through it, besides its own networks. */
  readonly routes: readonly string[];
}

export const HOSTS: readonly HostName[] = ["client", "firewall", "server", "inside-intruder", "outside-intruder"];

/** Packets that PF diverts come to the firewall's kernel by this device, and by no other. */
export const DIVERT_DEVICE = "divert0";

export const PREFIX = {
  inside: { inet: "10.0.0.0/24", inet6: "2001:db8:1::/64" },
  outside: { inet: "198.51.100.0/24", inet6: "2001:db8:2::/64" },
} as const;

export const INTRUDER = 66;

const inside = (host: HostName, number: number): Device => ({
  host,
  name: "em0",
  network: "inside",
  addresses: [`10.0.0.${number}/24`, `2001:db8:1::${number}/64`, `fe80::${number}/64`],
  routes: ["0.0.0.0/0", "::/0"],
});

/** Hosts outside have no way back to the private network. */
const outside = (host: HostName, number: number): Device => ({
  host,
  name: "em0",
  network: "outside",
  addresses: [`198.51.100.${number}/24`, `2001:db8:2::${number}/64`],
  routes: [PREFIX.inside.inet6],
});

export function devices(side: Side): readonly Device[] {
  const [client, server] =
    side === "forward" ? [inside("client", 5), outside("server", 7)] : [outside("client", 50), inside("server", 20)];
  const own = (network: NetworkName): Device => ({
    host: "firewall",
    name: FIREWALL_INTERFACE[network],
    network,
    addresses: [`${FIREWALL[network].inet}/24`, `${FIREWALL[network].inet6}/64`],
    routes: [],
  });
  return [
    client,
    server,
    inside("inside-intruder", INTRUDER),
    outside("outside-intruder", INTRUDER),
    own("inside"),
    own("outside"),
    { host: "firewall", name: DIVERT_DEVICE, addresses: [], routes: [] },
  ];
}

/** A host's address without its prefix length; the firewall's is its outside one. */
export function addressOf(list: readonly Device[], host: HostName, family: Family): string {
  const device = list.find((one) => one.host === host && (host !== "firewall" || one.network === "outside"));
  const text = device?.addresses.find((one) => one.includes(":") === (family === "inet6"));
  return (text ?? "").replace(/\/.*/, "");
}

export function linkLocalOf(list: readonly Device[], host: HostName): string | undefined {
  const addresses = list.filter((device) => device.host === host).flatMap((device) => device.addresses);
  return addresses.find(isLinkLocal)?.replace(/\/.*/, "");
}

/** The name of the firewall's interface on a network in recordings. */
export const recordedInterface = (network: NetworkName): string => `firewall.${FIREWALL_INTERFACE[network]}`;

export const RECORDED_INTERFACES: readonly PcapngInterface[] = (["outside", "inside"] as const).map((network) => ({
  name: recordedInterface(network),
  description: `${FIREWALL[network].inet}/24 ${FIREWALL[network].inet6}/64`,
}));

/** The firewall's interfaces as the PF model wants to know them. */
export function firewallInterfaces(): Interface[] {
  const one = (network: NetworkName, groups: readonly string[]): Interface => ({
    name: FIREWALL_INTERFACE[network],
    groups: ["em", ...groups],
    addresses: [
      { address: FIREWALL[network].inet, prefix: 24 },
      { address: FIREWALL[network].inet6, prefix: 64 },
    ],
  });
  return [
    {
      name: "lo0",
      groups: ["lo"],
      addresses: [
        { address: "127.0.0.1", prefix: 8 },
        { address: "::1", prefix: 128 },
      ],
      loopback: true,
    },
    one("outside", ["egress"]),
    one("inside", []),
  ];
}
