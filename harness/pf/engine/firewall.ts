/**
 * A model of PF's kernel half: interfaces, rulesets, tables, states, counters and options of one firewall. It decides
 * packets as OpenBSD 7.8 does. A router calls `test("in")`, routes a packet that passed, and calls `test("out")` with
 * the same notes; the firewall's own sockets call only one of the two. Clock and random numbers come in from outside.
 *
 * @example
 * const firewall = new Firewall({ interfaces, now: () => clock.ms, random: (below) => generator.below(below) });
 * firewall.load("", parseRuleset("block\npass out", { interfaces }).ruleset);
 * firewall.test("in", "em0", packet, newNotes()).verdict // "drop"
 */

import type { Decision, PacketNotes } from "../decision.ts";
import type { Packet } from "../packet.ts";
import type { Direction, FilterRule } from "../rule.ts";
import type { Interface, Ruleset } from "../ruleset.ts";
import { Counters } from "./counters.ts";
import type { Description } from "./description.ts";
import { FragmentCache, type Piece } from "./fragments.ts";
import { Interfaces, type Route } from "./interfaces.ts";
import type { Kernel, SocketOwner } from "./kernel.ts";
import { testPacket, tests } from "./packet-test.ts";
import type { Walk } from "./rules/evaluate.ts";
import { LoadedRule } from "./rules/loaded-rule.ts";
import { Rulesets, Transaction } from "./rules/rulesets.ts";
import { Settings } from "./settings.ts";
import { SourceNodes } from "./states/source-nodes.ts";
import type { State } from "./states/state.ts";
import { stateLine } from "./states/state-line.ts";
import { type Expiry, States } from "./states/states.ts";
import { Tables } from "./tables/tables.ts";

/** Events for a transcript. */
export interface FirewallObserver {
  /** Rules of these rulesets were replaced in one transaction. */
  committed?(anchors: readonly string[]): void;
  /** `line` is what pfctl -ss prints. */
  stateCreated?(line: string, state: State): void;
  /** `expiry`: it timed out. */
  stateRemoved?(line: string, state: State, expiry?: Expiry): void;
  dropped?(
    direction: Direction,
    interfaceName: string,
    packet: Packet,
    decision: Decision & { readonly verdict: "drop" },
  ): void;
}

export interface FirewallOptions {
  readonly interfaces: readonly Interface[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A whole number of 0 to `below` - 1. */
  readonly random: (below: number) => number;
  /** The routing table; by default the interfaces' networks, and the group `egress` for the rest. */
  readonly route?: Route;
  /** The owner of the packet's local socket: for `user` and `group`. */
  readonly owner?: (direction: Direction, packet: Packet) => SocketOwner | undefined;
  readonly observer?: FirewallObserver;
  /** Called for every rule that is looked at: see trace.ts. */
  readonly considered?: NonNullable<Kernel["considered"]>;
  /** How rules are walked; both ways decide alike. */
  readonly walk?: Walk;
}

/** The fate of a fragment: it waits for others, is dropped, or completes a datagram of these pieces. */
export type Reassembled = "as-is" | "waits" | readonly Piece[] | (Decision & { readonly verdict: "drop" });

export const newNotes = (): PacketNotes => ({});

/** pf_ioctl.c: the default rule passes, without state. */
const DEFAULT_RULE: FilterRule = {
  kind: "filter",
  action: "pass",
  state: "none",
  source: { address: { kind: "any" }, negated: false },
  destination: { address: { kind: "any" }, negated: false },
  line: 0,
};

export class Firewall {
  readonly interfaces: Interfaces;
  readonly tables = new Tables();
  readonly rulesets = new Rulesets(this.tables);
  readonly counters = new Counters();
  readonly settings = new Settings();
  /** States with their keys; `states()` lists them. */
  readonly stateTable: States;
  readonly sources: SourceNodes;
  readonly #kernel: Kernel;
  readonly #options: FirewallOptions;
  readonly #walk: Walk;
  readonly #fragments: FragmentCache;
  /** Milliseconds: when PF was enabled, or disabled. */
  since: number;

  constructor(options: FirewallOptions) {
    this.#options = options;
    this.#walk = options.walk ?? "skip-steps";
    this.interfaces = new Interfaces(options.interfaces, options.route);
    this.sources = new SourceNodes(this.counters, () => this.settings.limits["src-nodes"]);
    this.since = options.now();
    this.settings.hostid = options.random(2 ** 32);
    const { interfaces, tables, rulesets, counters, settings, sources } = this;
    const owner = options.owner ?? (() => undefined);
    const kernel: Omit<Kernel, "states"> & { states?: States } = {
      interfaces,
      tables,
      rulesets,
      counters,
      settings,
      sources,
      defaultRule: new LoadedRule(DEFAULT_RULE, -1, (name) => tables.attach("", name), undefined),
      seconds: () => Math.floor(options.now() / 1000),
      milliseconds: options.now,
      random: options.random,
      owner: (description: Description) => owner(description.direction, description.packet),
      ...(options.considered && { considered: options.considered }),
    };
    const { observer } = options;
    this.stateTable = new States(kernel as Kernel, {
      created: (state) => observer?.stateCreated?.(stateLine(state), state),
      removed: (state, expiry) => observer?.stateRemoved?.(stateLine(state), state, expiry),
      freed: (rule) => rulesets.stateFreed(rule),
    });
    kernel.states = this.stateTable;
    this.#kernel = kernel as Kernel;
    this.#fragments = new FragmentCache(
      () => settings.timeouts.frag * 1000,
      () => settings.limits.frags,
    );
  }

  /** Milliseconds. */
  now(): number {
    return this.#options.now();
  }

  /** Decides one packet in one direction. `notes` go with the packet to its second test. */
  test(direction: Direction, interfaceName: string, packet: Packet, notes: PacketNotes): Decision {
    this.purge();
    const decision = testPacket(this.#kernel, this.#walk, direction, interfaceName, packet, notes);
    if (decision.verdict === "drop") this.#options.observer?.dropped?.(direction, interfaceName, packet, decision);
    return decision;
  }

  /**
   * Keeps a fragment until its datagram is complete, before anything is tested. `length`: its bytes behind the IP
   * header. "as-is": no fragment, or one that rules see as it is (`set reassemble no`).
   */
  reassemble(direction: Direction, interfaceName: string, packet: Packet, length: number): Reassembled {
    const { settings, counters } = this;
    if (packet.fragment === undefined || !tests(this.#kernel, interfaceName)) return "as-is";
    if (packet.dontFragment && !settings.noDf) return this.#refused(direction, interfaceName, packet);
    if (!settings.reassemble) return "as-is";
    counters.fragments.searches++;
    const kept = this.#fragments.add(direction, packet, length, this.now());
    return kept === "refused" ? this.#refused(direction, interfaceName, packet) : kept;
  }

  #refused(direction: Direction, interfaceName: string, packet: Packet): Decision & { readonly verdict: "drop" } {
    this.counters.reasons.fragment++;
    const decision = { verdict: "drop", reason: "fragment", rules: [], answers: [], logged: [] } as const;
    this.#options.observer?.dropped?.(direction, interfaceName, packet, decision);
    return decision;
  }

  /** The kernel's work of each second: removes states and source nodes whose time is over. */
  purge(): void {
    if (this.stateTable.purge()) this.sources.purge(this.#kernel.seconds());
  }

  /** Replaces the rules and tables of one ruleset ("" is the main one, whose text also carries the options). */
  load(anchorPath: string, ruleset: Ruleset, pid = 0): void {
    const transaction = this.begin(pid);
    this.put(transaction, anchorPath, ruleset);
    this.commit(transaction);
    if (anchorPath === "") this.settings.load(ruleset.options, ruleset.scrubs);
  }

  /** Several rulesets at once: `put` each, then `commit` or `rollback`. */
  begin(pid = 0): Transaction {
    return new Transaction(pid);
  }

  put(transaction: Transaction, anchorPath: string, ruleset: Ruleset): void {
    this.rulesets.put(transaction, anchorPath, ruleset);
  }

  commit(transaction: Transaction): void {
    const paths = [...transaction.inactive.keys()];
    this.rulesets.commit(transaction, this.now());
    this.settings.committed();
    this.#options.observer?.committed?.(paths);
  }

  rollback(transaction: Transaction): void {
    this.rulesets.rollback(transaction);
  }

  /** pfctl -F rules: the rules of one ruleset. */
  flushRules(anchorPath = ""): void {
    const transaction = this.begin();
    this.rulesets.put(transaction, anchorPath, { options: {}, tables: [], queues: [], rules: [], loads: [] });
    this.commit(transaction);
  }

  /** pfctl -F states; returns their number. */
  flushStates(): number {
    return this.killStates(() => true);
  }

  /** Ends the chosen states; returns their number. */
  killStates(chosen: (state: State) => boolean): number {
    const states = this.states().filter(chosen);
    for (const state of states) this.stateTable.unlink(state);
    return states.length;
  }

  /** A diverted or local socket was closed: its state goes with it. */
  socketClosed(stateId: number): void {
    const state = this.states().find(({ id }) => id === stateId);
    const divert = state?.rule.filter?.divert;
    if (state !== undefined && (divert?.kind === "divert-to" || divert?.kind === "divert-reply")) {
      this.stateTable.unlink(state);
    }
  }

  /** Live states, oldest first. */
  states(): readonly State[] {
    return this.stateTable.list();
  }

  /** Rules of one ruleset with their counters; undefined if there is no such ruleset. */
  rules(anchorPath = ""): readonly LoadedRule[] | undefined {
    return this.rulesets.get(anchorPath)?.rules;
  }

  /** Full paths of all anchors, as pfctl -vsA lists them. */
  anchors(): readonly string[] {
    return this.rulesets.paths();
  }
}
