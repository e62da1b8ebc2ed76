/**
 * The firewall of the decision cases: interfaces, addresses and routes as its kernel listed them.
 */

import type { Hop } from "../../../net/ip/routing-table.ts";
import { addressOf, inNetwork, isMulticast, networkOf } from "../../../pf/engine/tables/address.ts";
import type { Interface } from "../../../pf/ruleset.ts";

const inet = (address: string, prefix: number, broadcast?: string) => ({
  address,
  prefix,
  ...(broadcast !== undefined && { broadcast }),
});

/** In the order of ifconfig(8). */
export const INTERFACES: readonly Interface[] = [
  {
    name: "lo0",
    groups: ["lo"],
    loopback: true,
    addresses: [inet("::1", 128), inet("fe80::1", 64), inet("127.0.0.1", 8)],
  },
  {
    name: "vio0",
    groups: ["lan"],
    addresses: [
      inet("10.0.0.1", 24, "10.0.0.255"),
      inet("10.0.0.254", 32),
      inet("fe80::ff:fe00:10", 64),
      inet("fd00:1::1", 64),
    ],
  },
  {
    name: "vio1",
    groups: ["egress"],
    addresses: [
      inet("198.51.100.1", 24, "198.51.100.255"),
      inet("198.51.100.2", 32),
      inet("198.51.100.3", 32),
      inet("fe80::ff:fe00:11", 64),
      inet("2001:db8:1::1", 64),
      inet("2001:db8:1::2", 128),
    ],
  },
  {
    name: "vio2",
    groups: ["dmz"],
    addresses: [inet("172.16.0.1", 24, "172.16.0.255"), inet("fe80::ff:fe00:12", 64), inet("fd00:2::1", 64)],
  },
  { name: "vio3", groups: [], addresses: [] },
];

const CONNECTED = INTERFACES.flatMap((one) =>
  one.addresses.map(({ address, prefix }) => ({ name: one.name, network: networkOf(address, prefix) })),
).sort((a, b) => b.network.prefix - a.network.prefix);

export function routeOf(destination: string): Hop | undefined {
  const address = addressOf(destination);
  if (isMulticast(address)) return undefined;
  for (const { name, network } of CONNECTED) {
    if (inNetwork(address, network)) return { interface: name, nextHop: destination };
  }
  return { interface: "vio1", nextHop: destination, byDefault: true };
}

/** Whether a host is a neighbour on that interface. */
export function isNeighbour(host: string, interfaceName: string): boolean {
  return CONNECTED.some(
    ({ name, network }) => name === interfaceName && network.prefix < 128 && inNetwork(addressOf(host), network),
  );
}
