/**
 * The way over a wire: how long it takes, and what is lost, overtaken or doubled on it, by the same faults as in the
 * simulator but in real time. Without latency and faults a packet arrives at once.
 *
 * Each network has a chance of its own in either direction: so what one side sends more or less of, as real kernels do
 * from run to run, does not shift what befalls the other.
 *
 * @example
 * const crossing = new Crossing({ link: { latencyMs: 30, loss: 0.03 }, seed: 1, clock: realClock });
 * crossing.cross("inside", "in", carried, (arrived) => router.fromHost(arrived));
 * crossing.close();
 */

import type { Clock, Timer } from "../../../proxy/host.ts";
import type { LinkOptions } from "../../contract/lab.ts";
import { FaultChain } from "../../net/faults/fault-chain.ts";
import { SeededRandom } from "../../net/time/random.ts";
import type { Packet } from "../../pf/packet.ts";
import { linkFaults } from "../model/link-faults.ts";
import type { NetworkName } from "./layout.ts";

/** `in`: towards the firewall, or from host to host; `out`: from the firewall. */
export type Direction = "in" | "out";

export interface CrossingOptions {
  readonly link: LinkOptions;
  readonly seed: number;
  readonly clock: Clock;
}

interface OnTheWire {
  readonly packet: Packet;
  readonly bytes: Uint8Array;
}

export class Crossing {
  readonly #clock: Clock;
  readonly #latencyMs: number;
  readonly #chains: Readonly<Record<NetworkName, Readonly<Record<Direction, FaultChain>>>>;
  readonly #timers = new Set<Timer>();

  constructor({ link, seed, clock }: CrossingOptions) {
    this.#clock = clock;
    this.#latencyMs = link.latencyMs ?? 0;
    const random = new SeededRandom(seed);
    const chain = (network: NetworkName, direction: Direction) => {
      const made = new FaultChain(random.stream(`link/${network}/${direction}`));
      for (const fault of linkFaults(link)) made.install(fault);
      return made;
    };
    const both = (network: NetworkName) => ({ in: chain(network, "in"), out: chain(network, "out") });
    this.#chains = { inside: both("inside"), outside: both("outside") };
  }

  /** Calls `arrive` for each copy that gets over, with bytes of its own. */
  cross<T extends OnTheWire>(network: NetworkName, direction: Direction, carried: T, arrive: (one: T) => void): void {
    const ends = direction === "in" ? { from: network, to: "firewall" } : { from: "firewall", to: network };
    const late = this.#chains[network][direction].fate(carried.packet, { nowMs: this.#clock.now(), ...ends });
    const copies = late.map((_, copy) => (copy === 0 ? carried : { ...carried, bytes: carried.bytes.slice() }));
    for (const [copy, one] of copies.entries()) this.#after(this.#latencyMs + (late[copy] ?? 0), () => arrive(one));
  }

  /** What is under way arrives nowhere. */
  close(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #after(milliseconds: number, arrive: () => void): void {
    if (milliseconds === 0) {
      arrive();
      return;
    }
    const timer = this.#clock.after(milliseconds, () => {
      this.#timers.delete(timer);
      arrive();
    });
    this.#timers.add(timer);
  }
}
