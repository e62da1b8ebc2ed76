/**
 * Our proxy on a host in memory, with the peers of one capture around it.
 *
 * @example
 * const world = await ReplayWorld.start(dialogue, options, facts);
 * await world.deliver({ kind: "arrive" });
 * world.journal.at(-1); // { text: "#1 FTP session 1/100 started: …", level: 6 }
 */

import { type RunningProxy, startProxy } from "../../../../proxy/daemon.ts";
import type { ProxyOptions } from "../../../../proxy/options.ts";
import { failed, type LoadOutcome, loaded, type PacketFilter } from "../../../../proxy/pf/packet-filter.ts";
import type { Peer } from "../../../../proxy/session/action.ts";
import { type Dialled, ScriptedHost } from "../../../labs/sim/scripted-host.ts";
import type { Dialogue, JournalEntry } from "./capture.ts";
import type { ReplayFacts } from "./replay-facts.ts";
import { ReplayPeer } from "./replay-peer.ts";

export type Stimulus =
  | { readonly kind: "arrive" }
  | { readonly kind: "bytes"; readonly from: Peer; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: "finish"; readonly from: Peer; readonly id: number }
  | { readonly kind: "reset"; readonly from: Peer; readonly id: number }
  | { readonly kind: "wait"; readonly milliseconds: number }
  | { readonly kind: "signal"; readonly signal: number };

/** Source: ftp-proxy.c 1.41: 49152 + random below 16383. */
const lowestProxyPort = 49_152;

export class ReplayWorld {
  readonly host: ScriptedHost;
  readonly journal: JournalEntry[] = [];
  /** By session id, from 1. */
  readonly clients = new Map<number, ReplayPeer>();
  readonly servers = new Map<number, ReplayPeer>();
  /** The anchors as pfctl prints them, after each step. */
  readonly anchorsAfter: string[] = [];
  readonly #dialogue: Dialogue;
  readonly #facts: ReplayFacts;
  readonly #filter: RecordingFilter;
  readonly #dialled = new Map<number, Dialled>();
  #proxy: RunningProxy | undefined;
  #arrivals = 0;
  #accepted = 0;
  #dials = 0;
  #step = 0;
  #ports = 0;

  private constructor(dialogue: Dialogue, facts: ReplayFacts) {
    this.#dialogue = dialogue;
    this.#facts = facts;
    const below = () => (facts.proxyPorts[this.#ports++] ?? lowestProxyPort) - lowestProxyPort;
    this.host = new ScriptedHost({ address: facts.proxy, random: { below } });
    this.host.loopback = true;
    this.host.onDial = (dialled) => this.#dial(dialled);
    this.host.onLog = (level, text) => {
      this.journal.push({ level, text });
    };
    const native = dialogue.log.some((event) => event.kind === "pf");
    this.#filter = new RecordingFilter(facts, (text) => {
      if (native) this.journal.push({ text });
    });
  }

  static async start(dialogue: Dialogue, options: ProxyOptions, facts: ReplayFacts): Promise<ReplayWorld> {
    const world = new ReplayWorld(dialogue, facts);
    world.#proxy = await startProxy(world.host, options, world.#filter);
    world.#noteStep();
    return world;
  }

  /** The step that is under way. */
  get step(): number {
    return this.#step;
  }

  async deliver(stimulus: Stimulus): Promise<void> {
    this.#step++;
    await this.host.clock.advance(1);
    await this.#carryOut(stimulus);
    await this.host.clock.advance(20);
    this.#noteStep();
  }

  peer(from: Peer, id: number): ReplayPeer | undefined {
    return (from === "client" ? this.clients : this.servers).get(id);
  }

  async #carryOut(stimulus: Stimulus): Promise<void> {
    switch (stimulus.kind) {
      case "arrive":
        this.#arrive();
        break;
      case "bytes":
        this.peer(stimulus.from, stimulus.id)?.connection?.write(stimulus.bytes);
        break;
      case "finish":
        this.peer(stimulus.from, stimulus.id)?.connection?.end();
        break;
      case "reset": {
        const peer = this.peer(stimulus.from, stimulus.id);
        if (peer?.connection !== undefined) peer.connection.reset();
        else this.#dialled.get(stimulus.id)?.refuse("ECONNREFUSED");
        break;
      }
      case "wait":
        await this.host.clock.advance(stimulus.milliseconds);
        break;
      case "signal": {
        const stopped = this.#proxy?.stop(stimulus.signal);
        await this.host.clock.advance(10);
        await stopped;
        break;
      }
      default:
        stimulus satisfies never;
    }
  }

  #arrive(): void {
    const peer = new ReplayPeer(this.#dialogue.client, this.#arrivals);
    const from = { address: this.#facts.client, port: 40_000 + this.#arrivals++ };
    const original = this.#facts.originals.get(this.#accepted + 1) ?? { address: "198.51.100.9", port: 21 };
    const connection = this.host.arrive(from, original);
    if (connection === undefined) return;
    peer.connected(connection, () => this.#step);
    // An arrival over the limit takes no id and has no say any more.
    if (!this.journal.at(-1)?.text.startsWith("client limit ")) this.clients.set(++this.#accepted, peer);
  }

  #dial(dialled: Dialled): void {
    const id = ++this.#dials;
    this.#dialled.set(id, dialled);
    const failure = this.#facts.failedConnects.get(id);
    if (failure !== undefined) {
      dialled.refuse(failure);
      return;
    }
    const number = this.servers.size;
    const seen = this.#dialogue.server.some((event) => event.kind === "connect" && event.connection === number);
    const logged = this.#dialogue.log.some((event) => event.text.startsWith(`#${id} server: `));
    // A log below -D7 and no word from the peers: whoever went on to negotiate had been answered.
    const silent = [...this.#dialogue.client, ...this.#dialogue.server].some((event) => event.kind === "connect");
    if (!seen && !logged && silent) return;
    const peer = new ReplayPeer(this.#dialogue.server, number);
    peer.connected(dialled.far, () => this.#step);
    this.servers.set(id, peer);
    dialled.accept();
  }

  #noteStep(): void {
    this.anchorsAfter[this.#step] = this.#filter.printed();
  }
}

export class RecordingFilter implements PacketFilter {
  readonly #facts: ReplayFacts;
  readonly #write: (text: string) => void;
  readonly #anchors = new Map<string, readonly string[]>();
  #loads = 0;

  constructor(facts: ReplayFacts, write: (text: string) => void) {
    this.#facts = facts;
    this.#write = write;
  }

  async load(anchor: string, rules: string): Promise<LoadOutcome> {
    const failure = this.#facts.loads[this.#loads++];
    if (failure !== undefined) return failed(failure.stage, failure.reason);
    const lines = rules.split("\n").filter((line) => line !== "");
    this.#write(`[pf] DIOCXBEGIN anchor=${anchor} type=0`);
    for (const line of lines) this.#write(`[pf] DIOCADDRULE anchor=${anchor}: ${line}`);
    this.#write(`[pf] DIOCXCOMMIT anchor=${anchor} rules=${lines.length}`);
    this.#anchors.set(anchor, lines);
    return loaded;
  }

  async flush(anchor: string): Promise<LoadOutcome> {
    const reason = this.#facts.failedRemovals.get(Number(anchor.split(".").at(-1)));
    if (reason !== undefined) return failed("begin", reason);
    this.#write(`[pf] DIOCXBEGIN anchor=${anchor} type=0`);
    this.#write(`[pf] DIOCXCOMMIT anchor=${anchor} rules=0`);
    this.#anchors.delete(anchor);
    return loaded;
  }

  async close(): Promise<void> {}

  /** Children in the order of strcmp(3) of their names. Source: capture many_sessions_order. */
  printed(): string {
    const names = [...this.#anchors.keys()].sort((one, other) => (one < other ? -1 : 1));
    return names
      .flatMap((name) => {
        const rules = this.#anchors.get(name) ?? [];
        return [`anchor "${name.split("/").at(-1)}" all {`, ...rules.map((rule) => `  ${rule}`), "}"];
      })
      .join("\n");
  }
}
