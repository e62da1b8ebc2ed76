/**
 * The firewall's kernel as router and filter: switched on for plays with PF out of the way, and off for all
 * others, where it must not carry anything past PF. What it remembers of connections ends with the play.
 */

import type { Standing } from "./standing.ts";

const FLUSH_LIMIT_MS = 10_000;

/** Who has been told to forward. */
const forwarding = new WeakSet<Standing>();

export function kernelForwards(place: Standing, on: boolean): void {
  if (forwarding.has(place) === on) return;
  const value = on ? "1" : "0";
  const paths = ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"];
  const lines = paths.map((path) => `echo ${value} > /proc/sys/${path}`);
  place.configure("firewall", "sh", ["-e"], `${lines.join("\n")}\n`);
  if (on) forwarding.add(place);
  else forwarding.delete(place);
}

/** A later play may have the same addresses and ports. What was expected goes with the connection that announced it. */
export async function forgetConnections({ hosts }: Standing): Promise<void> {
  await hosts.firewall.run("conntrack", ["-F"], { signal: AbortSignal.timeout(FLUSH_LIMIT_MS) });
}
