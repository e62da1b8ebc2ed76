/**
 * The intruder on each side, who tries the doors: every address and port that a rule opens, the
 * moment it is loaded, and again after the session. A firewall that only fits its rules to the
 * right peers lets none of these in.
 */

import type { TimelineEvent } from "../../reports/model.ts";
import type { Era, Lab, LabHost, Side } from "../lab.ts";
import type { Family } from "../pf/packet.ts";
import type { Roles } from "../roles.ts";
import { parseRuleText } from "./rule-text.ts";

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

/** A door: an address and port named by a rule. */
export interface Door {
  readonly address: string;
  readonly port: number;
}

/** How long a probe waits for an answer: more than a round trip, less than a retransmission. */
const PATIENCE_MS = 900;

/** Destinations of the rules, each once. */
function doorsOf(rules: readonly string[], era: Era): Door[] {
  const doors = new Map<string, Door>();
  for (const text of rules) {
    const rule = parseRuleText(text, era);
    if (rule === undefined) continue;
    const { address, port } = rule.destination;
    if (address.kind === "network" && port?.op === "=") {
      doors.set(`${address.address}|${port.value}`, { address: address.address, port: port.value });
    }
  }
  return [...doors.values()];
}

export interface IntruderOptions {
  readonly lab: Lab;
  readonly side: Side;
  readonly family: Family;
  readonly era: Era;
  readonly roles: Roles;
  readonly record: (event: TimelineEvent) => void;
  readonly elapsed: () => number;
}

export class Intruder {
  readonly #options: IntruderOptions;
  readonly #under = new Set<Promise<void>>();
  readonly results: ProbeResult[] = [];
  readonly doors = new Map<string, Door>();

  constructor(options: IntruderOptions) {
    this.#options = options;
  }

  /** Rules have been loaded: tries their doors from both sides, without waiting. */
  tryDoors(rules: readonly string[], what: string): void {
    for (const door of doorsOf(rules, this.#options.era)) this.tryDoor(door, what);
  }

  tryDoor(door: Door, what: string): void {
    this.doors.set(`${door.address}|${door.port}`, door);
    this.#try(door, what);
  }

  /** Tries once more every door that ever was. */
  tryAgain(what: string): void {
    for (const door of this.doors.values()) this.#try(door, what);
  }

  /** When all probes have come to an end. */
  async done(): Promise<void> {
    while (this.#under.size > 0) await Promise.all(this.#under);
  }

  #try(door: Door, what: string): void {
    for (const place of ["inside", "outside"] as const) {
      if (this.#isNeighbour(place, door)) continue;
      const { family, lab } = this.#options;
      const host = lab.hosts[`${place}-intruder`];
      const from = `${place} intruder ${host.address(family)}`;
      const attempt = probe(host, door, from, what, lab.pace?.answerMs).then((result) => {
        this.#under.delete(attempt);
        this.results.push(result);
        this.#options.record({ kind: "probe", atMs: this.#options.elapsed(), ...result });
      });
      this.#under.add(attempt);
    }
  }

  /** A host on the intruder's own network is reached without any firewall: that says nothing. */
  #isNeighbour(place: "inside" | "outside", door: Door): boolean {
    const { roles, side } = this.#options;
    const clientPlace = side === "forward" ? "inside" : "outside";
    const neighbour = place === clientPlace ? roles.client : roles.server;
    return door.address === neighbour;
  }
}

/** One attempt to connect, given up soon; a connection that comes about is reset at once. */
export function probe(
  host: LabHost,
  door: Door,
  from: string,
  what: string,
  patienceMs = PATIENCE_MS,
): Promise<ProbeResult> {
  const base = { from, to: `${door.address} port ${door.port}`, what };
  return new Promise((resolve) => {
    const connection = host.connect({ address: door.address, port: door.port });
    const finish = (result: string, reached: boolean) => {
      timer.cancel();
      connection.reset();
      resolve({ ...base, result, reached });
    };
    const timer = host.clock.after(patienceMs, () => finish("no answer", false));
    connection.handle({
      onConnect: () => finish("connected", true),
      onClose: (error) => finish(error?.code === "ECONNREFUSED" ? "refused" : "no answer", false),
    });
  });
}
