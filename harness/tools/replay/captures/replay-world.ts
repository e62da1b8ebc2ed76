/**
 * Our proxy on a host in memory, with the peers of one capture around it and a firewall that answers
 * as the capture's did. Each method that acts on the proxy is one step; it returns when the proxy has
 * answered.
 *
 * @example
 * const world = await ReplayWorld.start(dialogue, options, facts);
 * await world.arrive();
 * world.journal.at(-1); // { text: "#1 FTP session 1/100 started: …", level: 6 }
 */

import { type RunningProxy, startProxy } from "../../../../proxy/daemon.ts";
import type { ProxyOptions } from "../../../../proxy/options.ts";
import { failed, type LoadOutcome, loaded, type PacketFilter } from "../../../../proxy/pf/packet-filter.ts";
import type { Peer } from "../../../../proxy/session/action.ts";
import { type Dialled, ScriptedHost } from "../../../labs/sim/scripted-host.ts";
import { type Dialogue, isFirewallChange, type JournalEntry } from "./capture.ts";
import type { ReplayFacts } from "./replay-facts.ts";
import { ReplayPeer } from "./replay-peer.ts";

/** Source: ftp-proxy.c 1.41: 49152 + random below 16383. */
const lowestProxyPort = 49_152;

export class ReplayWorld {
  readonly journal: JournalEntry[] = [];
  /** By session id, from 1. */
  readonly peers: Readonly<Record<Peer, Map<number, ReplayPeer>>> = { client: new Map(), server: new Map() };
  /** The anchors as pfctl prints them, after each step. */
  readonly anchorsAfter: string[] = [];
  /** The step that is under way. */
  step = 0;
  readonly #host: ScriptedHost;
  readonly #dialogue: Dialogue;
  readonly #facts: ReplayFacts;
  readonly #filter: RecordingFilter;
  readonly #dialled = new Map<number, Dialled>();
  #proxy: RunningProxy | undefined;
  #arrivals = 0;
  #accepted = 0;
  #dials = 0;
  #ports = 0;

  private constructor(dialogue: Dialogue, facts: ReplayFacts, listenAddress: string) {
    this.#dialogue = dialogue;
    this.#facts = facts;
    const below = () => (facts.proxyPorts[this.#ports++] ?? lowestProxyPort) - lowestProxyPort;
    this.#host = new ScriptedHost({
      addresses: [facts.proxy, listenAddress],
      random: { below },
      log: ({ level, text }) => void this.journal.push({ level, text }),
    });
    this.#host.onDial = (dialled) => this.#dial(dialled);
    const recorded = dialogue.log.some(isFirewallChange);
    this.#filter = new RecordingFilter(facts, (text) => {
      if (recorded) this.journal.push({ text: `[pf] ${text}` });
    });
  }

  static async start(dialogue: Dialogue, options: ProxyOptions, facts: ReplayFacts): Promise<ReplayWorld> {
    const world = new ReplayWorld(dialogue, facts, options.listen.address);
    world.#proxy = await startProxy(world.#host, options, world.#filter);
    world.anchorsAfter[0] = world.#filter.printed();
    return world;
  }

  arrive(): Promise<void> {
    return this.#do(async () => {
      const peer = new ReplayPeer(this.#dialogue.client, this.#arrivals);
      const from = { address: this.#facts.client, port: 40_000 + this.#arrivals++ };
      const original = this.#facts.originals.get(this.#accepted + 1) ?? { address: this.#facts.server, port: 21 };
      const connection = this.#host.arrive(from, original);
      if (connection === undefined) return;
      peer.connected(connection, () => this.step);
      await this.#host.clock.advance(1);
      // An arrival over the limit gets no id, and the proxy never reads from it.
      if (!this.journal.at(-1)?.text.startsWith("client limit ")) this.peers.client.set(++this.#accepted, peer);
    });
  }

  send(from: Peer, id: number, bytes: Uint8Array): Promise<void> {
    return this.#do(() => void this.peers[from].get(id)?.connection?.write(bytes));
  }

  finish(from: Peer, id: number): Promise<void> {
    return this.#do(() => this.peers[from].get(id)?.connection?.end());
  }

  reset(from: Peer, id: number): Promise<void> {
    return this.#do(() => {
      const connection = this.peers[from].get(id)?.connection;
      if (connection !== undefined) connection.reset();
      else this.#dialled.get(id)?.refuse("ECONNREFUSED");
    });
  }

  wait(milliseconds: number): Promise<void> {
    return this.#do(() => this.#host.clock.advance(milliseconds));
  }

  signal(signal: number): Promise<void> {
    return this.#do(async () => {
      const stopped = this.#proxy?.stop(signal);
      await this.#host.clock.advance(10);
      await stopped;
    });
  }

  async #do(action: () => void | Promise<void>): Promise<void> {
    this.step++;
    await this.#host.clock.advance(1);
    await action();
    await this.#host.clock.advance(20);
    this.anchorsAfter[this.step] = this.#filter.printed();
  }

  #dial(dialled: Dialled): void {
    const id = ++this.#dials;
    this.#dialled.set(id, dialled);
    const failure = this.#facts.failedConnects.get(id);
    if (failure !== undefined) {
      dialled.refuse(failure);
      return;
    }
    const { client, server, log } = this.#dialogue;
    const number = this.peers.server.size;
    const seen = server.some((event) => event.kind === "connect" && event.connection === number);
    const logged = log.some((entry) => entry.text.startsWith(`#${id} server: `));
    const onlyLog = ![...client, ...server].some((event) => event.kind === "connect");
    // A log below -D7 alone shows no answer; a session that went on to negotiate had one.
    if (!seen && !logged && !onlyLog) return;
    const peer = new ReplayPeer(server, number);
    this.peers.server.set(id, peer);
    dialled.accept((connection) => peer.connected(connection, () => this.step));
  }
}

/** Keeps each anchor's rules, reports its changes in the words of the captures, and fails as they did. */
class RecordingFilter implements PacketFilter {
  readonly #facts: ReplayFacts;
  readonly #report: (text: string) => void;
  readonly #anchors = new Map<string, readonly string[]>();
  #loads = 0;

  constructor(facts: ReplayFacts, report: (text: string) => void) {
    this.#facts = facts;
    this.#report = report;
  }

  async load(anchor: string, rules: string): Promise<LoadOutcome> {
    const failure = this.#facts.loads[this.#loads++];
    if (failure !== undefined) return failed(failure.stage, failure.reason);
    return this.#replace(
      anchor,
      rules.split("\n").filter((line) => line !== ""),
    );
  }

  async flush(anchor: string): Promise<LoadOutcome> {
    const reason = this.#facts.failedRemovals.get(Number(anchor.split(".").at(-1)));
    return reason === undefined ? this.#replace(anchor, []) : failed("begin", reason);
  }

  async close(): Promise<void> {}

  #replace(anchor: string, rules: readonly string[]): LoadOutcome {
    this.#report(`DIOCXBEGIN anchor=${anchor} type=0`);
    for (const rule of rules) this.#report(`DIOCADDRULE anchor=${anchor}: ${rule}`);
    this.#report(`DIOCXCOMMIT anchor=${anchor} rules=${rules.length}`);
    if (rules.length > 0) this.#anchors.set(anchor, rules);
    else this.#anchors.delete(anchor);
    return loaded;
  }

  /** Children in the order of strcmp(3) of their names. Source: capture many_sessions_order. */
  printed(): string {
    const anchors = [...this.#anchors].sort(([one], [other]) => (one < other ? -1 : 1));
    return anchors
      .flatMap(([name, rules]) => [
        `anchor "${name.split("/").at(-1)}" all {`,
        ...rules.map((rule) => `  ${rule}`),
        "}",
      ])
      .join("\n");
  }
}
