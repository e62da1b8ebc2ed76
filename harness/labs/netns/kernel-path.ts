/**
 * The wires of the firewall when PF is out of the way: what comes on a network is given to the firewall's
 * own kernel by its device there, and what that kernel sends is carried on. Nothing is decided here.
 *
 * @example
 * const path = new KernelPath({ devices, write, crossing, clock, tell, tap, leftovers });
 * wires.receiver = (place, bytes) => path.receive(place, bytes);
 */

import type { Clock, Timer } from "../../../proxy/host.ts";
import type { LabEvent } from "../../contract/lab.ts";
import { icmpError, mayBeReported } from "../../net/ip/icmp-error.ts";
import { decode } from "../../net/wire/decode.ts";
import { encode } from "../../net/wire/encode.ts";
import type { Packet } from "../../pf/packet.ts";
import type { Crossing } from "./crossing.ts";
import type { Device, NetworkName } from "./layout.ts";
import type { Leftovers } from "./leftovers.ts";

/** As in router.ts: three probes a second apart, for a neighbour that does not answer. */
const NEIGHBOUR_PROBES_MS = 3_000;

export interface KernelPathOptions {
  readonly devices: readonly Device[];
  /** Writes to the device at that place of the list. */
  readonly write: (place: number, bytes: Uint8Array, segmentSize?: number) => void;
  /** The way between a host and the firewall, or another host. */
  readonly crossing: Crossing;
  readonly clock: Clock;
  readonly tell: (event: LabEvent) => void;
  /** A packet at one of the firewall's interfaces, with its bytes. */
  readonly tap: (network: NetworkName, direction: "in" | "out", bytes: Uint8Array, packet: Packet) => void;
  /** Connections of earlier plays. */
  readonly leftovers: Leftovers;
}

export class KernelPath {
  readonly #options: KernelPathOptions;
  readonly #timers = new Set<Timer>();
  #open = true;

  constructor(options: KernelPathOptions) {
    this.#options = options;
  }

  /** A packet that the kernel behind the device at `place` has sent. */
  receive(place: number, bytes: Uint8Array): void {
    const { devices, leftovers, write, crossing } = this.#options;
    const { host, network } = devices[place] ?? {};
    const decoded = decode(bytes);
    if (!this.#open || network === undefined || !decoded.ok) return;
    const { packet } = decoded;
    if (/^(22[4-9]|23\d|255)\.|^ff/.test(packet.destination)) return;
    const old = leftovers.answer(packet);
    if (old !== undefined) {
      if (old !== "silence") write(place, encode(old));
      return;
    }
    const neighbour = this.#placeOf(network, packet.destination);
    if (host === "firewall") {
      this.#leave(place, network, neighbour, bytes, packet);
      return;
    }
    crossing.cross(network, "in", { packet, bytes }, (one) => {
      if (neighbour !== undefined && devices[neighbour]?.host !== "firewall") write(neighbour, one.bytes);
      else this.#arrive(network, one.bytes, one.packet);
    });
  }

  close(): void {
    this.#open = false;
    for (const timer of this.#timers) timer.cancel();
  }

  #arrive(network: NetworkName, bytes: Uint8Array, packet: Packet): void {
    this.#tap("in", network, bytes, packet);
    const { devices, write } = this.#options;
    write(
      devices.findIndex((device) => device.host === "firewall" && device.network === network),
      bytes,
    );
  }

  #leave(from: number, network: NetworkName, to: number | undefined, bytes: Uint8Array, packet: Packet): void {
    this.#tap("out", network, bytes, packet);
    const { clock, crossing, leftovers, write } = this.#options;
    leftovers.begins(packet);
    if (to !== undefined) {
      crossing.cross(network, "out", { packet, bytes }, (one) => write(to, one.bytes));
      return;
    }
    // On a device without neighbours the kernel does not find out that nobody is there.
    const timer = clock.after(NEIGHBOUR_PROBES_MS, () => {
      this.#timers.delete(timer);
      if (!mayBeReported(packet)) return;
      write(from, encode(icmpError("host-unreachable", packet, { source: packet.destination })));
    });
    this.#timers.add(timer);
  }

  #placeOf(network: NetworkName, address: string): number | undefined {
    const place = this.#options.devices.findIndex(
      (device) => device.network === network && device.addresses.some((text) => text.replace(/\/.*/, "") === address),
    );
    return place < 0 ? undefined : place;
  }

  #tap(direction: "in" | "out", network: NetworkName, bytes: Uint8Array, packet: Packet): void {
    const { clock, tap, tell } = this.#options;
    tap(network, direction, bytes, packet);
    tell({ kind: "packet", atMs: clock.now(), network, direction, packet });
  }
}
