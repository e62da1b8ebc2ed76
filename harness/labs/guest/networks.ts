/**
 * Which way a captured packet went: tcpdump does not tell, its addresses do. Pure.
 *
 * @example
 * sideOf({ source: "10.0.0.5", … }, "inside") // "in"
 */

import type { Packet } from "../../pf/packet.ts";
import { FIREWALL } from "../model/topology.ts";
import type { NetworkName } from "../netns/layout.ts";

/** The networks' addresses as they begin; documentation prefixes are printed in one way only. */
const BEGINS: Readonly<Record<NetworkName, readonly string[]>> = {
  inside: ["10.0.0.", "2001:db8:1::"],
  outside: ["198.51.100.", "2001:db8:2::"],
};

/** `in`: it arrives at the firewall; `out`: it leaves. Undefined: neighbours among themselves. */
export function sideOf({ source, destination }: Packet, network: NetworkName): "in" | "out" | undefined {
  const isNeighbour = (address: string) =>
    BEGINS[network].some((prefix) => address.startsWith(prefix)) && !isFirewall(address, network);
  if (!isNeighbour(source)) return "out";
  return isNeighbour(destination) ? undefined : "in";
}

const isFirewall = (address: string, network: NetworkName): boolean =>
  Object.values(FIREWALL[network]).includes(address);

export function networkOf(name: string, interfaces: Readonly<Record<NetworkName, string>>): NetworkName | undefined {
  if (name === interfaces.inside) return "inside";
  return name === interfaces.outside ? "outside" : undefined;
}
