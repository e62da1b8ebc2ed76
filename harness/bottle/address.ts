/**
 * Addresses as node:net tells them: family names, and IPv4 peers of a dual-stack server as `::ffff:…`.
 *
 * @example
 * nodeAddress({ address: "2001:db8::7", port: 21 }); // { address: "2001:db8::7", port: 21, family: "IPv6" }
 */
import type { Endpoint } from "../../proxy/host.ts";

export interface NodeAddress {
  readonly address: string;
  readonly port: number;
  readonly family: "IPv4" | "IPv6";
}

/** A server bound to no address of its own takes both families on one IPv6 socket (ip6(4), IPV6_V6ONLY off). */
export function nodeAddress(endpoint: Endpoint, dualStack = false): NodeAddress {
  const isIPv6 = endpoint.address.includes(":");
  if (isIPv6) return { address: endpoint.address, port: endpoint.port, family: "IPv6" };
  if (dualStack) return { address: `::ffff:${endpoint.address}`, port: endpoint.port, family: "IPv6" };
  return { address: endpoint.address, port: endpoint.port, family: "IPv4" };
}

/** What the network knows an address by: without the IPv6 wrapping of an IPv4 address. */
export function networkAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return mapped?.[1] ?? address;
}
