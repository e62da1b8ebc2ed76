/**
 * A LAN segment or a point-to-point cable: its interfaces reach each other by address. A packet meets the sender's
 * queue and line rate, then the faults, then the latency. Without faults, packets of one sender arrive in order.
 *
 * @example
 * const lan = network.link("inside", { latencyMs: 0.5, bandwidth: 100_000_000, mtu: 1500 });
 */

import type { Packet } from "../../pf/packet.ts";
import type { Fault, FaultGuard } from "../faults/fault.ts";
import { FaultChain } from "../faults/fault-chain.ts";
import type { VirtualClock } from "../time/clock.ts";
import type { SeededRandom } from "../time/random.ts";
import { packetLength } from "../wire/length.ts";
import type { Medium, NetworkInterface } from "./interface.ts";

export interface LinkOptions {
  /** One way; default 0.1 ms, a switched LAN. */
  readonly latencyMs?: number;
  /** Bits per second of each sender; default: without limit. */
  readonly bandwidth?: number;
  /** Bytes that wait for the line before further ones are dropped; default 256 KiB. */
  readonly queueBytes?: number;
  /** Bytes of the largest IP packet; default 1500. */
  readonly mtu?: number;
}

export interface LinkCounters {
  readonly carried: number;
  readonly bytes: number;
  /** Dropped by faults, with all copies. */
  readonly lost: number;
  /** Dropped because the queue was full. */
  readonly overflowed: number;
}

export class Link implements Medium {
  readonly name: string;
  readonly latencyMs: number;
  readonly mtu: number;
  readonly counters = { carried: 0, bytes: 0, lost: 0, overflowed: 0 } satisfies LinkCounters;
  readonly #bandwidth: number | undefined;
  readonly #queueBytes: number;
  readonly #clock: VirtualClock;
  readonly #faults: FaultChain;
  readonly #interfaces = new Map<string, NetworkInterface>();
  /** When each sender's line is free again, in microseconds. */
  readonly #busyUntil = new Map<NetworkInterface, number>();

  constructor(name: string, clock: VirtualClock, random: SeededRandom, options: LinkOptions = {}) {
    this.name = name;
    this.#clock = clock;
    this.#faults = new FaultChain(random);
    this.latencyMs = options.latencyMs ?? 0.1;
    this.mtu = options.mtu ?? 1500;
    this.#bandwidth = options.bandwidth;
    this.#queueBytes = options.queueBytes ?? 262_144;
  }

  attach(one: NetworkInterface): void {
    for (const { address } of one.addresses) {
      if (this.#interfaces.has(address)) throw new Error(`two interfaces on ${this.name} have the address ${address}`);
      this.#interfaces.set(address, one);
    }
  }

  /** Puts a fault behind those already there. */
  install(fault: Fault): FaultGuard {
    return this.#faults.install(fault);
  }

  /** False when no interface on the link has the address `nextHop`. */
  carry(from: NetworkInterface, packet: Packet, nextHop: string): boolean {
    const to = this.#interfaces.get(nextHop);
    if (to === undefined || to === from) return false;
    const length = packetLength(packet);
    const queued = this.#enqueue(from, length);
    if (queued === undefined) {
      this.counters.overflowed++;
      return true;
    }
    this.counters.bytes += length;
    this.#cross(packet, from, to, queued + this.latencyMs * 1000);
    return true;
  }

  /** Microseconds until the last bit is on the line; undefined when the queue is full. */
  #enqueue(from: NetworkInterface, length: number): number | undefined {
    if (this.#bandwidth === undefined) return 0;
    const now = this.#clock.microseconds();
    const start = Math.max(now, this.#busyUntil.get(from) ?? 0);
    const perByte = 8e6 / this.#bandwidth;
    if ((start - now) / perByte + length > this.#queueBytes + this.mtu) return undefined;
    const end = start + length * perByte;
    this.#busyUntil.set(from, end);
    return end - now;
  }

  #cross(packet: Packet, from: NetworkInterface, to: NetworkInterface, microseconds: number): void {
    const late = this.#faults.fate(packet, { nowMs: this.#clock.now(), from: from.path, to: to.path });
    if (late.length === 0) this.counters.lost++;
    this.counters.carried += late.length;
    for (const one of late) this.#clock.schedule(microseconds + one * 1000, () => to.arrive(packet));
  }
}
