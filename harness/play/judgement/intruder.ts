/**
 * Tries the doors: every address and port that a rule opens. The intruder on each network tries them the moment the
 * rules are loaded, and after the session, when the players try them, too. Each attempt is one SYN, given up soon. In real
 * time an attempt ends as soon as the firewall reports that it dropped the SYN, and waits longer without such a report.
 *
 * @example
 * intruder.tryDoors(rules, "while the rules are in force");
 * await intruder.done();
 * intruder.results; // [{ from: "inside intruder 10.0.0.66", to: "198.51.100.7 port 49999", result: "no answer", … }]
 */

import type { Endpoint, Timer } from "../../../proxy/host.ts";
import type { TimelineEvent } from "../../../reports/model.ts";
import type { Era, Lab, LabEvent, LabHost, Side } from "../../contract/lab.ts";
import type { Roles } from "../../contract/roles.ts";
import type { Family } from "../../pf/packet.ts";
import { parseRule } from "../observation/anchors.ts";

/** One attempt to connect that should fail. */
export interface ProbeResult {
  /** `inside intruder 10.0.0.66`. */
  readonly from: string;
  /** `198.51.100.7 port 49999`. */
  readonly to: string;
  /** When it was: `after the session`. */
  readonly what: string;
  readonly result: "no answer" | "refused" | "connected";
  readonly reached: boolean;
}

/** In virtual time: more than a round trip, less than a retransmission. */
const PATIENCE_MS = 900;
/** In real time: this many times what an answer takes. */
const PATIENCE_ANSWERS = 3;
/** `block return` answers the packets that it drops. */
const AFTER_A_DROP_MS = 20;

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
  readonly #pending = new Set<Promise<void>>();
  /** Every door so far, each once. */
  readonly #doors = new Map<string, Endpoint>();
  /** Calls for a dropped SYN, by its source and door. */
  readonly #onDrop = new Map<string, Set<() => void>>();
  readonly results: ProbeResult[] = [];

  constructor(options: IntruderOptions) {
    this.#options = options;
    if (options.lab.pace !== undefined) options.lab.observe((event) => this.#sees(event));
  }

  /** Rules have been loaded: tries their doors from both networks, without waiting. */
  tryDoors(rules: readonly string[], what: string): void {
    for (const door of doorsOf(rules, this.#options.era)) this.tryDoor(door, what);
  }

  tryDoor(door: Endpoint, what: string): void {
    this.#doors.set(`${door.address}|${door.port}`, door);
    this.#tryFromBothNetworks(door, what);
  }

  /** After the session: intruders and players try every door again. Returns the attempts of the players. */
  async revisit(): Promise<ProbeResult[]> {
    const { lab, roles } = this.#options;
    const what = "after the session";
    for (const door of this.#doors.values()) this.#tryFromBothNetworks(door, what);
    const attempts = [...this.#doors.values()].flatMap((door) =>
      (["client", "server"] as const)
        .filter((peer) => roles[peer] !== door.address)
        .map((peer) => this.#probe(lab.hosts[peer], door, `${peer} ${roles[peer]}`, what)),
    );
    const results = await Promise.all(attempts);
    await this.done();
    return results;
  }

  /** Settles when the intruders' attempts have ended. */
  async done(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #tryFromBothNetworks(door: Endpoint, what: string): void {
    for (const network of ["inside", "outside"] as const) {
      if (this.#isNeighbour(network, door)) continue;
      const { family, lab, record, elapsed } = this.#options;
      const host = lab.hosts[`${network}-intruder`];
      const from = `${network} intruder ${host.address(family)}`;
      const attempt = this.#probe(host, door, from, what).then((result) => {
        this.#pending.delete(attempt);
        this.results.push(result);
        record({ kind: "probe", atMs: elapsed(), ...result });
      });
      this.#pending.add(attempt);
    }
  }

  /** A host on the intruder's own network is reached without the firewall, so an attempt proves nothing. */
  #isNeighbour(network: "inside" | "outside", door: Endpoint): boolean {
    const { roles, side } = this.#options;
    const clientsNetwork = side === "forward" ? "inside" : "outside";
    return door.address === (network === clientsNetwork ? roles.client : roles.server);
  }

  /** One SYN. A connection that opens is reset at once. */
  #probe(host: LabHost, door: Endpoint, from: string, what: string): Promise<ProbeResult> {
    const { pace } = this.#options.lab;
    return new Promise((resolve) => {
      const connection = host.connect({ address: door.address, port: door.port });
      let timer: Timer;
      const wait = (milliseconds: number) => {
        timer = host.clock.after(milliseconds, () => finish("no answer"));
      };
      const forget = this.#onDropOf(host, door, () => {
        timer.cancel();
        wait(AFTER_A_DROP_MS);
      });
      const finish = (result: ProbeResult["result"]) => {
        timer.cancel();
        forget();
        connection.reset();
        const to = `${door.address} port ${door.port}`;
        resolve({ from, to, what, result, reached: result === "connected" });
      };
      wait(pace === undefined ? PATIENCE_MS : PATIENCE_ANSWERS * pace.answerMs);
      connection.handle({
        onConnect: () => finish("connected"),
        onClose: (error) => finish(error?.code === "ECONNREFUSED" ? "refused" : "no answer"),
      });
    });
  }

  /** Calls `act` when the firewall drops that host's SYN; returns how to stop that. */
  #onDropOf(host: LabHost, door: Endpoint, act: () => void): () => void {
    const family = door.address.includes(":") ? "inet6" : "inet";
    const key = keyOf(host.address(family), door);
    const waiting = this.#onDrop.get(key) ?? new Set();
    this.#onDrop.set(key, waiting.add(act));
    return () => waiting.delete(act);
  }

  #sees(event: LabEvent): void {
    if (event.kind !== "drop" || !("destinationPort" in event.packet)) return;
    const { source, destination, destinationPort } = event.packet;
    const waiting = this.#onDrop.get(keyOf(source, { address: destination, port: destinationPort }));
    for (const act of [...(waiting ?? [])]) act();
  }
}

/** Destinations of the rules, each once. */
function doorsOf(rules: readonly string[], era: Era): Endpoint[] {
  const doors = new Map<string, Endpoint>();
  for (const text of rules) {
    const rule = parseRule(text, era);
    if (rule === undefined) continue;
    const { address, port } = rule.destination;
    if (address.kind === "network" && port?.op === "=") {
      doors.set(`${address.address}|${port.value}`, { address: address.address, port: port.value });
    }
  }
  return [...doors.values()];
}

const keyOf = (source: string, { address, port }: Endpoint): string => `${source}|${address}|${port}`;
