/**
 * The firewall's kernel as router and filter, for plays without PF: packets from a network go to that kernel by its
 * device there, and packets that it sends go on. In all other plays forwarding is off, so that nothing gets past PF.
 */

import { NEIGHBOUR_PROBES_MS } from "../../net/ip/forwarder.ts";
import { icmpError, mayBeReported } from "../../net/ip/icmp-error.ts";
import { asDatagrams, type Datagram } from "../../net/wire/datagram.ts";
import type { KernelReasons } from "./kernel-reasons.ts";
import type { Device, NetworkName } from "./layout.ts";
import type { Namespaces } from "./namespaces.ts";
import type { FirewallForwarding, PacketPath } from "./packet-path.ts";

export class KernelForwarding implements FirewallForwarding {
  readonly #path: PacketPath;
  readonly #devices: readonly Device[];
  readonly #reasons: Pick<KernelReasons, "arrived">;

  constructor(path: PacketPath, devices: readonly Device[], reasons: Pick<KernelReasons, "arrived">) {
    this.#path = path;
    this.#devices = devices;
    this.#reasons = reasons;
  }

  arrive(one: Datagram, network: NetworkName): void {
    this.#reasons.arrived(one.packet, network);
    this.#path.write(this.#path.firewallDevice(network), one);
  }

  send(one: Datagram, place: number): void {
    const { packet } = one;
    const network = this.#devices[place]?.network;
    if (network === undefined || this.#path.leave(one, network, packet.destination)) return;
    // On a TUN device the kernel cannot find out that no host has the address.
    this.#path.after(NEIGHBOUR_PROBES_MS, () => {
      if (!mayBeReported(packet)) return;
      const error = icmpError("host-unreachable", packet, { source: packet.destination });
      this.#path.write(place, asDatagrams.made(error));
    });
  }
}

const FLUSH_LIMIT_MS = 10_000;

/** Those whose firewall forwards now. */
const forwarding = new WeakSet<Namespaces>();

export function kernelForwards(namespaces: Namespaces, on: boolean): void {
  if (forwarding.has(namespaces) === on) return;
  const value = on ? "1" : "0";
  namespaces.set("firewall", { "net/ipv4/ip_forward": value, "net/ipv6/conf/all/forwarding": value });
  if (on) forwarding.add(namespaces);
  else forwarding.delete(namespaces);
}

/** A later play may have the same addresses and ports. Expectations go with the connection that announced them. */
export async function forgetConnections({ hosts }: Namespaces): Promise<void> {
  await hosts.firewall.run("conntrack", ["-F"], { signal: AbortSignal.timeout(FLUSH_LIMIT_MS) });
}
