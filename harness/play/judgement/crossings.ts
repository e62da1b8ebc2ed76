/**
 * Which SYNs crossed the firewall: they came in by one interface and left by another. Recognised by the initial
 * sequence number, which translation keeps.
 *
 * @example
 * crossings.crossed({ address: "10.0.0.66", port: 40000 }, { address: "198.51.100.7", port: 49999 }) // true
 */

import type { Endpoint } from "../../../proxy/host.ts";
import type { LabEvent } from "../../contract/lab.ts";
import { TCP_FLAG } from "../../pf/packet.ts";

export class Crossings {
  /** Sequence numbers of the SYNs that came in, by their ends. */
  readonly #came = new Map<string, number>();
  readonly #left = new Set<number>();

  add({ packet, direction }: Extract<LabEvent, { kind: "packet" }>): void {
    if (!("flags" in packet) || (packet.flags & (TCP_FLAG.S | TCP_FLAG.A)) !== TCP_FLAG.S) return;
    const { source, sourcePort, destination, destinationPort, seq } = packet;
    if (direction === "out") this.#left.add(seq);
    else this.#came.set(`${source}|${sourcePort}|${destination}|${destinationPort}`, seq);
  }

  crossed(source: Endpoint, target: Endpoint): boolean {
    const seq = this.#came.get(`${source.address}|${source.port}|${target.address}|${target.port}`);
    return seq !== undefined && this.#left.has(seq);
  }
}
