/**
 * Links that are narrower than the hosts' devices: the hosts' kernels have to discover the path MTU (RFC 1191, RFC 8201)
 * by the firewall's ICMP errors. The firewall's own devices have the MTU of the link.
 *
 * Linux takes an MSS below 48 for 48 (ip-sysctl, tcp_min_snd_mss), and IPv6 from a device of less than 1280. On a link
 * that is narrower still, hosts send segments of any size, which are cut as a network card cuts them.
 *
 * @example
 * await setMtu(namespaces, 68);
 * for (const one of pieces(bytes, 68)) path.receive(at, one);
 */

import { segments, tcpHeaders } from "../../net/wire/offload.ts";
import { FIREWALL_INTERFACE } from "../model/topology.ts";
import type { Namespaces } from "./namespaces.ts";

/** Of all devices, unless a play wants others. */
export const MTU = 1_500;
/** Source: RFC 8200 §5: every link that carries IPv6 carries that; below it Linux takes IPv6 from the device. */
const LEAST_OF_A_DEVICE = 1_280;
/** Source: RFC 791 §3.2: every link carries that. */
const LEAST = 68;

const set = new WeakMap<Namespaces, number>();

/** Rejects with RangeError. */
export async function setMtu(namespaces: Namespaces, mtu: number): Promise<void> {
  if (mtu < LEAST || mtu > MTU) throw new RangeError(`a link has an MTU of ${LEAST} to ${MTU} here, not ${mtu}`);
  const wanted = isCut(mtu) ? MTU : mtu;
  const before = set.get(namespaces) ?? MTU;
  if (wanted === before) return;
  await namespaces.ip(
    "firewall",
    Object.values(FIREWALL_INTERFACE).map((name) => `link set ${name} mtu ${wanted}`),
  );
  set.set(namespaces, wanted);
  if (wanted < before) return;
  // Path MTUs of an earlier play are out of date.
  const hosts = ["client", "server", "firewall"] as const;
  await Promise.all(hosts.map((host) => namespaces.ip(host, ["route flush cache", "-6 route flush cache"])));
}

/** Are packets cut on links of this MTU? */
export const isCut = (mtu: number): boolean => mtu < LEAST_OF_A_DEVICE;

/** TCP data in segments that the link carries; anything else as it is. */
export function pieces(bytes: Uint8Array, mtu: number): readonly Uint8Array[] {
  if (!isCut(mtu) || bytes.length <= mtu) return [bytes];
  const headers = tcpHeaders(bytes);
  return headers === undefined || headers >= mtu ? [bytes] : segments(bytes, mtu - headers);
}
