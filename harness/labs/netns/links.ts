/**
 * The links of the two networks: latency, and the simulator's faults (loss, reordering, duplicates) in real time.
 * Without either a packet arrives at once.
 *
 * Each network has a random stream for each direction. The number of packets varies from run to run, and must not
 * change the faults of the other direction.
 *
 * @example
 * const links = new Links({ link: { latencyMs: 30, loss: 0.03 }, seed: 1, clock: realClock });
 * links.carry("inside", "in", datagram, (arrived) => firewall.arrive(arrived));
 * links.close();
 */

import type { Clock, Timer } from "../../../proxy/host.ts";
import type { LinkOptions } from "../../contract/lab.ts";
import { FaultChain } from "../../net/faults/fault-chain.ts";
import { SeededRandom } from "../../net/time/random.ts";
import type { Datagram } from "../../net/wire/datagram.ts";
import type { Direction } from "../../pf/rule.ts";
import { linkFaults } from "../model/link-faults.ts";
import type { NetworkName } from "./layout.ts";
import { CONNECT_LIMIT_MS } from "./namespaces.ts";

export interface LinksOptions {
  readonly link: LinkOptions;
  readonly seed: number;
  readonly clock: Clock;
}

export class Links {
  readonly #clock: Clock;
  readonly #latencyMs: number;
  readonly #chains: Readonly<Record<NetworkName, Readonly<Record<Direction, FaultChain>>>>;
  readonly #timers = new Set<Timer>();

  constructor({ link, seed, clock }: LinksOptions) {
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

  /**
   * Calls `arrive` for each copy that gets through; copies share no bytes. `in`: towards the firewall, or from host
   * to host; `out`: from the firewall.
   */
  carry(network: NetworkName, direction: Direction, one: Datagram, arrive: (arrived: Datagram) => void): void {
    const ends = direction === "in" ? { from: network, to: "firewall" } : { from: "firewall", to: network };
    const delays = this.#chains[network][direction].fate(one.packet, { nowMs: this.#clock.now(), ...ends });
    const copies = delays.map((_, copy) => (copy === 0 ? one : { ...one, bytes: one.bytes.slice() }));
    for (const [copy, arrived] of copies.entries()) {
      this.#after(this.#latencyMs + (delays[copy] ?? 0), () => arrive(arrived));
    }
  }

  /** Whether packets arrive later than they were sent. */
  get late(): boolean {
    return this.#latencyMs > 0;
  }

  /** Packets under way are lost. */
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

/** How long a play waits where links are slow or lose packets, which kernels then repeat. */
export interface LinkPace {
  /** Far longer than an answer takes. */
  readonly answerMs: number;
  /** The wires are quiet when nothing has happened on them, or in PF, for so long. */
  readonly quietMs: number;
  /** Players give up an attempt to connect after so long. */
  readonly connectLimitMs: number;
}

const ANSWER_MS = 150;
const QUIET_MS = 60;
/** Two networks, there and back. */
const CROSSINGS = 4;
/** Linux: TCP_TIMEOUT_INIT, and the longest of the first waits for data's acknowledgement. */
const REPETITION_MS = 1_000;
/** Time for SYNs at 0, 1, 3, 7 and 15 s: a link may lose one packet in ten. */
const LOSSY_CONNECT_LIMIT_MS = 20_000;

/** @example paceOf({ latencyMs: 30, loss: 0.03 }) // { answerMs: 1270, quietMs: 1180, connectLimitMs: 20000 } */
export function paceOf({ latencyMs = 0, loss = 0 }: LinkOptions): LinkPace {
  const slower = CROSSINGS * latencyMs + (loss > 0 ? REPETITION_MS : 0);
  return {
    answerMs: ANSWER_MS + slower,
    quietMs: QUIET_MS + slower,
    connectLimitMs: loss > 0 ? LOSSY_CONNECT_LIMIT_MS : CONNECT_LIMIT_MS,
  };
}
