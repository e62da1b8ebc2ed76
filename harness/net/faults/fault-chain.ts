/**
 * The faults of one wire in order of installation; they decide the fate of each packet. Only the random numbers
 * have state: the caller keeps the time, virtual or real.
 *
 * @example
 * const chain = new FaultChain(random.stream("link/inside"));
 * const guard = chain.install(loss({ probability: 0.1 }));
 * for (const delayMs of chain.fate(packet, { nowMs, from, to })) clock.after(delayMs, arrive);
 */

import type { Packet } from "../../pf/packet.ts";
import type { SeededRandom } from "../time/random.ts";
import type { Fault, FaultGuard, Transit } from "./fault.ts";

interface Installed {
  readonly fault: Fault;
  readonly random: SeededRandom;
}

export class FaultChain {
  readonly #random: SeededRandom;
  #faults: readonly Installed[] = [];
  #installed = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Puts a fault behind those already there. Its random numbers do not shift those of other faults. */
  install(fault: Fault): FaultGuard {
    const installed = { fault, random: this.#random.stream(`fault ${this.#installed++} ${fault.name}`) };
    this.#faults = [...this.#faults, installed];
    return {
      remove: () => {
        this.#faults = this.#faults.filter((one) => one !== installed);
      },
    };
  }

  /** Milliseconds by which each copy that arrives is late; none: the packet and all its copies are lost. */
  fate(packet: Packet, transit: Omit<Transit, "random">): readonly number[] {
    return this.#faults.length === 0 ? UNHARMED : this.#from(0, 0, packet, transit);
  }

  #from(first: number, lateMs: number, packet: Packet, transit: Omit<Transit, "random">): number[] {
    const arrivals: number[] = [];
    let late = lateMs;
    for (let index = first; index < this.#faults.length; index++) {
      const { fault, random } = this.#faults[index]!;
      const answer = fault.judge(packet, { ...transit, random });
      switch (answer.kind) {
        case "pass":
          break;
        case "drop":
          return arrivals;
        case "delay":
          late += answer.milliseconds;
          break;
        case "duplicate":
          for (let copy = 1; copy <= answer.copies; copy++) {
            arrivals.push(...this.#from(index + 1, late + copy * answer.milliseconds, packet, transit));
          }
          break;
      }
    }
    arrivals.push(late);
    return arrivals;
  }
}

const UNHARMED: readonly number[] = [0];
