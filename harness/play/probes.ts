/**
 * Attempts to connect that ought to be in vain: one SYN at a door, given up soon. In real time a probe ends as soon as
 * the firewall tells that it has dropped that SYN; so it is quick, and waits long enough where no such word comes.
 *
 * @example
 * const probes = new Probes(lab);
 * await probes.try(intruder, { address: "198.51.100.7", port: 49999 }, "inside intruder 10.0.0.66", "after the session");
 * // { …, result: "no answer", reached: false }
 */

import type { Timer } from "../../proxy/host.ts";
import type { Lab, LabEvent, LabHost } from "../contract/lab.ts";

export interface ProbeResult {
  /** `inside intruder 10.0.0.66`. */
  readonly from: string;
  /** `198.51.100.7 port 49999`. */
  readonly to: string;
  readonly what: string;
  /** `no answer`, `refused`, `connected`. */
  readonly result: string;
  readonly reached: boolean;
}

/** An address and port that a rule names. */
export interface Door {
  readonly address: string;
  readonly port: number;
}

/** In virtual time: more than a round trip, less than a retransmission. */
const PATIENCE_MS = 900;
/** In real time, in answers' times. */
const PATIENCE_ANSWERS = 3;
/** `block return` answers what it drops. */
const AFTER_A_DROP_MS = 20;

export class Probes {
  readonly #lab: Lab;
  /** What to do when the SYN of a probe has been dropped, by where from and where to. */
  readonly #dropped = new Map<string, Set<() => void>>();

  constructor(lab: Lab) {
    this.#lab = lab;
    if (lab.pace !== undefined) lab.observe((event) => this.#see(event));
  }

  /** A connection that comes about is reset at once. */
  try(host: LabHost, door: Door, from: string, what: string): Promise<ProbeResult> {
    const base = { from, to: `${door.address} port ${door.port}`, what };
    const { pace } = this.#lab;
    return new Promise((resolve) => {
      const connection = host.connect({ address: door.address, port: door.port });
      let timer: Timer;
      const wait = (milliseconds: number) => {
        timer = host.clock.after(milliseconds, () => finish("no answer", false));
      };
      const forget = this.#onDrop(host, door, () => {
        timer.cancel();
        wait(AFTER_A_DROP_MS);
      });
      const finish = (result: string, reached: boolean) => {
        timer.cancel();
        forget();
        connection.reset();
        resolve({ ...base, result, reached });
      };
      wait(pace === undefined ? PATIENCE_MS : PATIENCE_ANSWERS * pace.answerMs);
      connection.handle({
        onConnect: () => finish("connected", true),
        onClose: (error) => finish(error?.code === "ECONNREFUSED" ? "refused" : "no answer", false),
      });
    });
  }

  /** Returns what takes the wish back. */
  #onDrop(host: LabHost, door: Door, act: () => void): () => void {
    const family = door.address.includes(":") ? "inet6" : "inet";
    const key = keyOf(host.address(family), door);
    const waiting = this.#dropped.get(key) ?? new Set();
    this.#dropped.set(key, waiting.add(act));
    return () => waiting.delete(act);
  }

  #see(event: LabEvent): void {
    if (event.kind !== "drop" || !("destinationPort" in event.packet)) return;
    const { source, destination, destinationPort } = event.packet;
    const waiting = this.#dropped.get(keyOf(source, { address: destination, port: destinationPort }));
    for (const act of [...(waiting ?? [])]) act();
  }
}

const keyOf = (source: string, { address, port }: Door): string => `${source}|${address}|${port}`;
