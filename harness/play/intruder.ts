/**
 * The intruder on each side, who tries the doors: every address and port that a rule opens, the
 * moment it is loaded, and again after the session. A firewall that only fits its rules to the
 * right peers lets none of these in.
 */

import type { TimelineEvent } from "../../reports/model.ts";
import type { Era, Lab, Side } from "../contract/lab.ts";
import type { Roles } from "../contract/roles.ts";
import type { Family } from "../pf/packet.ts";
import type { Door, ProbeResult, Probes } from "./probes.ts";
import { parseRuleText } from "./rule-text.ts";

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
  readonly probes: Probes;
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
      const { family, lab, probes } = this.#options;
      const host = lab.hosts[`${place}-intruder`];
      const from = `${place} intruder ${host.address(family)}`;
      const attempt = probes.try(host, door, from, what).then((result) => {
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
