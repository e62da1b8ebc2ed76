/**
 * A LAN segment or a point-to-point cable: whatever interfaces are attached reach each other by
 * address. Order on its way: the sender's queue and line rate, then the faults, then the latency.
 * Without faults packets of one sender arrive in order.
 *
 * @example
 * const lan = network.link("inside", { latencyMs: 0.5, bandwidth: 100_000_000, mtu: 1500 });
 */

import type { Packet } from "../pf/packet.ts";
import { packetLength } from "../wire/length.ts";
import type { VirtualClock } from "./clock.ts";
import type { Crossing, Fault, FaultGuard } from "./fault.ts";
import type { Interface, Medium } from "./interface.ts";
import type { SeededRandom } from "./random.ts";

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
  /** Dropped by faults. */
  readonly lost: number;
  /** Dropped because the queue was full. */
  readonly overflowed: number;
}

interface Installed {
  readonly fault: Fault;
  readonly random: SeededRandom;
}

export class Link implements Medium {
  readonly name: string;
  readonly latencyMs: number;
  readonly mtu: number;
  readonly counters = { carried: 0, bytes: 0, lost: 0, overflowed: 0 } satisfies LinkCounters;
  readonly #bandwidth: number | undefined;
  readonly #queueBytes: number;
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #interfaces = new Map<string, Interface>();
  /** When each sender's line is free again, in microseconds. */
  readonly #busyUntil = new Map<Interface, number>();
  #faults: readonly Installed[] = [];
  #installed = 0;

  constructor(name: string, clock: VirtualClock, random: SeededRandom, options: LinkOptions = {}) {
    this.name = name;
    this.#clock = clock;
    this.#random = random;
    this.latencyMs = options.latencyMs ?? 0.1;
    this.mtu = options.mtu ?? 1500;
    this.#bandwidth = options.bandwidth;
    this.#queueBytes = options.queueBytes ?? 262_144;
  }

  attach(one: Interface): void {
    for (const { address } of one.addresses) {
      if (this.#interfaces.has(address)) throw new Error(`two interfaces on ${this.name} have the address ${address}`);
      this.#interfaces.set(address, one);
    }
  }

  /** Puts a fault behind those already there. Its random numbers are its own: they shift nobody else's. */
  install(fault: Fault): FaultGuard {
    const installed = { fault, random: this.#random.stream(`fault ${this.#installed++} ${fault.name}`) };
    this.#faults = [...this.#faults, installed];
    return {
      remove: () => {
        this.#faults = this.#faults.filter((one) => one !== installed);
      },
    };
  }

  /** False when no interface on the link has the address `nextHop`. */
  carry(from: Interface, packet: Packet, nextHop: string): boolean {
    const to = this.#interfaces.get(nextHop);
    if (to === undefined || to === from) return false;
    const length = packetLength(packet);
    const queued = this.#enqueue(from, length);
    if (queued === undefined) {
      this.counters.overflowed++;
      return true;
    }
    this.counters.bytes += length;
    this.#cross(packet, from, to, queued + this.latencyMs * 1000, 0);
    return true;
  }

  /** Microseconds until the last bit is on the line; undefined when the queue is full. */
  #enqueue(from: Interface, length: number): number | undefined {
    if (this.#bandwidth === undefined) return 0;
    const now = this.#clock.microseconds();
    const start = Math.max(now, this.#busyUntil.get(from) ?? 0);
    const perByte = 8e6 / this.#bandwidth;
    if ((start - now) / perByte + length > this.#queueBytes + this.mtu) return undefined;
    const end = start + length * perByte;
    this.#busyUntil.set(from, end);
    return end - now;
  }

  /** Asks the faults from `first` on. */
  #cross(packet: Packet, from: Interface, to: Interface, microseconds: number, first: number): void {
    let delay = microseconds;
    for (let index = first; index < this.#faults.length; index++) {
      const { fault, random } = this.#faults[index]!;
      const crossing: Crossing = { nowMs: this.#clock.now(), from: from.path, to: to.path, random };
      const answer = fault.judge(packet, crossing);
      switch (answer.kind) {
        case "pass":
          break;
        case "drop":
          this.counters.lost++;
          return;
        case "delay":
          delay += answer.milliseconds * 1000;
          break;
        case "duplicate":
          for (let copy = 1; copy <= answer.copies; copy++) {
            this.#cross(packet, from, to, delay + copy * answer.milliseconds * 1000, index + 1);
          }
          break;
      }
    }
    this.counters.carried++;
    this.#clock.schedule(delay, () => to.arrive(packet));
  }
}
