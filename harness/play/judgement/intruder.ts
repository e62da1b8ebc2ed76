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

import type { Connection, Endpoint, Timer } from "../../../proxy/host.ts";
import type { TimelineEvent } from "../../../reports/model.ts";
import type { Era, HostName, Lab, LabEvent, Peer, Side } from "../../contract/lab.ts";
import type { Roles } from "../../contract/roles.ts";
import type { Family } from "../../pf/packet.ts";
import { parseRule } from "../observation/anchors.ts";
import { Crossings } from "./crossings.ts";

/** One attempt to connect that should fail. */
export interface ProbeResult {
  readonly host: HostName;
  readonly door: Endpoint;
  /** `inside intruder 10.0.0.66`. */
  readonly from: string;
  /** `198.51.100.7 port 49999`. */
  readonly to: string;
  /** When it was: `after the session`. */
  readonly what: string;
  readonly result: "no answer" | "refused" | "connected";
  /**
   * The firewall let it through: it connected, or its SYN left the firewall again. A SYN that the target refuses has
   * made a state, too.
   */
  readonly reached: boolean;
}

/** A connection that came to a third host of the script. */
export interface Visit {
  readonly door: Endpoint;
  /** The visitor's address, as the third host sees it. */
  readonly by: string;
}

/** In virtual time: more than a round trip, less than a retransmission. */
const PATIENCE_MS = 900;
/** In real time: this many times what an answer takes. */
const PATIENCE_ANSWERS = 3;
/** `block return` answers the packets that it drops. */
const AFTER_A_DROP_MS = 20;
/** For a lab that reports packets late. */
const REPORTS_LIMIT_MS = 3_000;

const AFTERWARDS = "after the session";

export interface IntruderOptions {
  readonly lab: Lab;
  readonly side: Side;
  readonly family: Family;
  readonly era: Era;
  readonly roles: Roles;
  /** Tries nothing: the same play without intruders. */
  readonly idle?: boolean;
  readonly record: (event: TimelineEvent) => void;
  readonly elapsed: () => number;
}

/** An attempt that has ended. */
interface Attempt {
  readonly host: HostName;
  readonly door: Endpoint;
  readonly what: string;
  readonly atMs: number;
  readonly source: Endpoint;
  readonly result: ProbeResult["result"];
}

export class Intruder {
  readonly #options: IntruderOptions;
  readonly #pending = new Set<Promise<void>>();
  readonly #ended: Attempt[] = [];
  #recorded = 0;
  /** Every door so far, each once. */
  readonly #doors = new Map<string, Endpoint>();
  /** Calls for a dropped SYN, by its source and door. */
  readonly #onDrop = new Map<string, Set<() => void>>();
  readonly #crossings = new Crossings();

  constructor(options: IntruderOptions) {
    this.#options = options;
    options.lab.observe((event) => this.#sees(event));
  }

  /** Rules have been loaded: tries their doors from both networks, without waiting. */
  tryDoors(rules: readonly string[], what: string): void {
    for (const door of doorsOf(rules, this.#options.era)) this.tryDoor(door, what);
  }

  tryDoor(door: Endpoint, what: string): void {
    if (this.#options.idle === true) return;
    this.#doors.set(`${door.address}|${door.port}`, door);
    this.#tryFromBothNetworks(door, what);
  }

  /** One host tries one door, without waiting. */
  tries(host: HostName, door: Endpoint, what: string): void {
    if (this.#options.idle === true) return;
    const attempt = this.#probe(host, door, what).then((ended) => {
      this.#pending.delete(attempt);
      this.#ended.push(ended);
    });
    this.#pending.add(attempt);
  }

  /** After the session: intruders and players try every door again. */
  async revisit(): Promise<void> {
    if (this.#doors.size === 0) return;
    for (const door of this.#doors.values()) {
      this.#tryFromBothNetworks(door, AFTERWARDS);
      for (const peer of ["client", "server"] as const) {
        if (this.#options.roles[peer] !== door.address) this.tries(peer, door, AFTERWARDS);
      }
    }
    await this.done();
    await this.reported();
  }

  /** Settles when all attempts have ended. */
  async done(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  /** Settles when a lab that reports late has reported the packets of all attempts. */
  async reported(): Promise<void> {
    const { lab } = this.#options;
    if (lab.inOrder !== undefined) await lab.pace?.quiet(REPORTS_LIMIT_MS);
  }

  /** Puts the intruders' attempts so far on the time line. */
  record(): void {
    for (const attempt of this.#ended.slice(this.#recorded)) {
      const { from, to, what, result, reached } = this.#resultOf(attempt);
      this.#options.record({ kind: "probe", atMs: attempt.atMs, from, to, what, result, reached });
    }
    this.#recorded = this.#ended.length;
  }

  /** Attempts of hosts without a part in the play, during it and after. */
  get results(): ProbeResult[] {
    return this.#ended.filter(({ host }) => !isPeer(host)).map((attempt) => this.#resultOf(attempt));
  }

  /** Attempts of the players after the session, at ports that had been open for them. */
  get revisits(): ProbeResult[] {
    return this.#ended.filter(({ host }) => isPeer(host)).map((attempt) => this.#resultOf(attempt));
  }

  #resultOf({ host, door, what, source, result }: Attempt): ProbeResult {
    return {
      ...{ host, door, what, result },
      from: `${host.replace("-", " ")} ${this.#addressOf(host)}`,
      to: `${door.address} port ${door.port}`,
      reached: result === "connected" || this.#crossings.crossed(source, door),
    };
  }

  #addressOf(host: HostName): string {
    const { roles, lab, family } = this.#options;
    return isPeer(host) ? roles[host] : lab.hosts[host].address(family);
  }

  #tryFromBothNetworks(door: Endpoint, what: string): void {
    for (const network of ["inside", "outside"] as const) {
      if (!this.#isNeighbour(network, door)) this.tries(`${network}-intruder`, door, what);
    }
  }

  /** A host on the intruder's own network is reached without the firewall, so an attempt proves nothing. */
  #isNeighbour(network: "inside" | "outside", door: Endpoint): boolean {
    const { roles, side } = this.#options;
    const clientsNetwork = side === "forward" ? "inside" : "outside";
    return door.address === (network === clientsNetwork ? roles.client : roles.server);
  }

  /** One SYN. A connection that opens is reset at once. */
  #probe(name: HostName, door: Endpoint, what: string): Promise<Attempt> {
    const { elapsed, lab } = this.#options;
    const { pace } = lab;
    const host = lab.hosts[name];
    return new Promise((resolve) => {
      const connection: Connection = host.connect({ address: door.address, port: door.port });
      let timer: Timer;
      const wait = (milliseconds: number) => {
        timer = host.clock.after(milliseconds, () => finish("no answer"));
      };
      const forget = this.#onDropOf(host.address(door.address.includes(":") ? "inet6" : "inet"), door, () => {
        timer.cancel();
        wait(AFTER_A_DROP_MS);
      });
      const finish = (result: ProbeResult["result"]) => {
        timer.cancel();
        forget();
        const source = connection.local;
        connection.reset();
        resolve({ host: name, door, what, atMs: elapsed(), source, result });
      };
      wait(pace === undefined ? PATIENCE_MS : PATIENCE_ANSWERS * pace.answerMs);
      connection.handle({
        onConnect: () => finish("connected"),
        onClose: (error) => finish(error?.code === "ECONNREFUSED" ? "refused" : "no answer"),
      });
    });
  }

  /** Calls `act` when the firewall drops that host's SYN; returns how to stop that. In virtual time nothing is hurried. */
  #onDropOf(source: string, door: Endpoint, act: () => void): () => void {
    if (this.#options.lab.pace === undefined) return () => {};
    const key = keyOf(source, door);
    const waiting = this.#onDrop.get(key) ?? new Set();
    this.#onDrop.set(key, waiting.add(act));
    return () => waiting.delete(act);
  }

  #sees(event: LabEvent): void {
    if (event.kind === "packet") this.#crossings.add(event);
    if (event.kind !== "drop" || !("destinationPort" in event.packet)) return;
    const { source, destination, destinationPort } = event.packet;
    const waiting = this.#onDrop.get(keyOf(source, { address: destination, port: destinationPort }));
    for (const act of [...(waiting ?? [])]) act();
  }
}

/** An attempt got through while the play went on, and may have taken what the session needed. */
export const wasDisturbed = (probes: readonly ProbeResult[]): boolean =>
  probes.some(({ reached, what }) => reached && what !== AFTERWARDS);

const isPeer = (host: HostName): host is Peer => host === "client" || host === "server";

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
