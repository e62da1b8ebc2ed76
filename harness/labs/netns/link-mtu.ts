/**
 * Links that are narrower than the devices of the hosts on them: the hosts' kernels have to find out (path
 * MTU discovery, RFC 1191 and RFC 8201) from what the firewall tells them. Its own devices know.
 */

import { FIREWALL_INTERFACE } from "../../sim/topology.ts";
import type { Standing } from "./standing.ts";

/** Of all devices, unless a play wants others. */
export const MTU = 1_500;
/** Source: RFC 8200 §5: every link that carries IPv6 carries that; below it Linux takes IPv6 from the device. */
const LEAST = 1_280;

const set = new WeakMap<Standing, number>();

/** Throws RangeError. */
export function setMtu(place: Standing, mtu: number): void {
  if (mtu < LEAST || mtu > MTU) throw new RangeError(`a link has an MTU of ${LEAST} to ${MTU} here, not ${mtu}`);
  const before = set.get(place) ?? MTU;
  if (mtu === before) return;
  const lines = Object.values(FIREWALL_INTERFACE).map((name) => `link set ${name} mtu ${mtu}\n`);
  place.configure("firewall", "ip", ["-batch", "-"], lines.join(""));
  set.set(place, mtu);
  if (mtu < before) return;
  // What hosts have found out in an earlier play holds no more.
  for (const host of ["client", "server", "firewall"] as const) {
    for (const family of ["-4", "-6"]) place.configure(host, "ip", [family, "route", "flush", "cache"], "");
  }
}
