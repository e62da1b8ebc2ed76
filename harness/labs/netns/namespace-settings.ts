/**
 * What is set by sysctl in a fresh network namespace, before there are devices: addresses can be used at once,
 * nobody asks for more, and packets come in as PF let them.
 *
 * @example
 * linux.within(namespace, () => applySettings(NAMESPACE_SETTINGS));
 */

import { writeFileSync } from "node:fs";

/** Paths below /proc/sys. Source: Linux, Documentation/networking/ip-sysctl.rst. */
export type Settings = Readonly<Record<string, string>>;

export const NAMESPACE_SETTINGS: Settings = {
  ...forAllDevices("ipv6", { accept_dad: "0", dad_transmits: "0", router_solicitations: "0", accept_ra: "0" }),
  // Packets come as PF lets them: also diverted ones and those to loopback addresses.
  ...forAllDevices("ipv4", { rp_filter: "0", route_localnet: "1" }),
  // The engine answers for the network, at the rate of its packets.
  "net/ipv4/icmp_ratelimit": "0",
  "net/ipv6/icmp/ratelimit": "0",
};

/** For devices that are there and for those to come. */
export function forAllDevices(family: "ipv4" | "ipv6", settings: Settings): Settings {
  return Object.fromEntries(
    ["all", "default"].flatMap((scope) =>
      Object.entries(settings).map(([name, value]) => [`net/${family}/conf/${scope}/${name}`, value]),
    ),
  );
}

/** In the namespace that is current. */
export function applySettings(settings: Settings): void {
  for (const [path, value] of Object.entries(settings)) writeFileSync(`/proc/sys/${path}`, value);
}
