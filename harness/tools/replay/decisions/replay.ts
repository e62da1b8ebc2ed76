/**
 * Decision cases replayed: the recorded packets go through the model, and every packet that comes out, every rule's
 * counters and every state made must be as the kernel had them.
 *
 * @example
 * replayCase(JSON.parse(line)).probes.filter(({ agree }) => !agree)
 */

import { packetLength } from "../../../pf/engine/description.ts";
import { Firewall } from "../../../pf/engine/firewall.ts";
import type { CalledAnchor, LoadedRule } from "../../../pf/engine/rules/loaded-rule.ts";
import { type State, StateKey } from "../../../pf/engine/states/state.ts";
import { stateLine } from "../../../pf/engine/states/state-line.ts";
import { protocolName } from "../../../pf/language/names/protocols.ts";
import { parseRuleset } from "../../../pf/language/parse.ts";
import { NAT_PORTS } from "../../../pf/language/tokens/limits.ts";
import { Arbitrary } from "./arbitrary.ts";
import type { CaseCounters, CaseRule, DecisionCase, Probe, ProbeResult, SeenPacket, Step } from "./case.ts";
import { fromPacket, toPacket } from "./case-packet.ts";
import { compareCounters, comparePacket, compareStates, describeSeen, type ModelState } from "./compare.ts";
import { FirewallHost, type Sent } from "./firewall-host.ts";
import { FtpTransactions } from "./ftp-transaction.ts";
import { runCommand, sameOutput } from "./replay-command.ts";
import { INTERFACES, routeOf } from "./topology.ts";

export interface CaseResult {
  readonly id: string;
  readonly probes: readonly ProbeResult[];
}

export function replayCase(one: DecisionCase, walk: "skip-steps" | "plain" = "skip-steps"): CaseResult {
  const replay = new Replay(one, walk);
  return { id: one.id, probes: one.probes.map((probe) => replay.probe(probe)) };
}

/** Far enough from zero that nothing is before the beginning. */
const START_MS = 1_000_000_000;

class Replay {
  readonly #firewall: Firewall;
  readonly #host: FirewallHost;
  readonly #ftp: FtpTransactions;
  readonly #arbitrary: Arbitrary;
  readonly #learnsSequences: boolean;
  #nowMs = START_MS;
  #texts: ReadonlyMap<string, string>;
  #before: ReadonlyMap<string, CaseCounters>;
  #knownStates = new Set<number>();

  constructor(one: DecisionCase, walk: "skip-steps" | "plain") {
    let seed = 1;
    this.#firewall = new Firewall({
      interfaces: INTERFACES,
      now: () => this.#nowMs,
      // A small generator (Numerical Recipes): the same choices in every replay.
      random: (below) => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return Math.floor((seed / 2 ** 32) * below);
      },
      route: (destination) => routeOf(destination),
      walk,
    });
    this.#host = new FirewallHost(this.#firewall);
    this.#ftp = new FtpTransactions(this.#firewall);
    const texts: string[] = [];
    if (one.load.main.rc === 0) {
      texts.push(one.conf);
      this.#load("", one.conf, one.opt === "basic" ? "basic" : "none");
    }
    (one.anchors ?? []).forEach((anchor, index) => {
      if ("ftp" in anchor) this.#ftp.run(anchor.ftp);
      else if ((one.load.anchors?.[index]?.rc ?? 0) === 0) {
        texts.push(anchor.conf);
        this.#load(anchor.name, anchor.conf, "none");
      }
    });
    this.#arbitrary = new Arbitrary(this.#natRanges(), (ack) => this.#host.sockets.acknowledgesOwn(ack));
    this.#learnsSequences = texts.some((text) => /modulate|synproxy/.test(text));
    this.#texts = byPath(one.rules);
    this.#before = this.#counters();
  }

  probe(probe: Probe): ProbeResult {
    const difference = this.#play(probe);
    const { name } = probe;
    if (difference === undefined) return { name, agree: true };
    return {
      name,
      agree: false,
      difference: difference.text,
      ...(difference.rule !== undefined && { rule: difference.rule }),
    };
  }

  #play(probe: Probe): { readonly text: string; readonly rule?: string } | undefined {
    let first: { text: string; rule?: string } | undefined;
    for (const [index, step] of probe.steps.entries()) {
      this.#host.decisions = [];
      const text = this.#step(step);
      if (text !== undefined && first === undefined) {
        const deciding = this.#host.decisions.flatMap(({ rules }) => rules.slice(-1)).at(-1);
        first = {
          text: `step ${index + 1}: ${text}`,
          ...(deciding !== undefined && { rule: `${deciding.path}: ${deciding.text}` }),
        };
      }
    }
    const counters = this.#counters();
    const texts = probe.rules_now === undefined ? this.#texts : byPath(probe.rules_now);
    const moved = new Map<string, CaseCounters>();
    for (const [path, now] of counters) {
      // For the recorded differences, a rule whose text has changed is another rule.
      const changed = texts.get(path) !== this.#texts.get(path);
      const before = changed ? undefined : this.#before.get(path);
      const delta = now.map((value, i) => value - (before?.[i] ?? 0)) as unknown as CaseCounters;
      if (delta.some((value) => value !== 0)) moved.set(path, delta);
    }
    this.#before = counters;
    this.#texts = texts;
    const counted = compareCounters(probe.counters, moved);
    if (first === undefined && counted !== undefined) {
      first = { text: counted.difference, rule: `${counted.path}: ${texts.get(counted.path) ?? ""}` };
    }
    const fresh = this.#firewall.states().filter(({ id }) => !this.#knownStates.has(id));
    for (const { id } of fresh) this.#knownStates.add(id);
    const states = compareStates(
      probe.states_new ?? [],
      fresh.map((state) => this.#modelState(state)),
    );
    if (first === undefined && states !== undefined) first = { text: states };
    return first;
  }

  #step(step: Step): string | undefined {
    if (step.in !== undefined) {
      const arriving = this.#arbitrary.toModel(step.in.pkt);
      return this.#compareSent(step.out, this.#host.receive(step.in.if, toPacket(arriving)));
    }
    if (step.local_send !== undefined) {
      const { proto, src, sport, dst, dport } = step.local_send;
      const { sent, refused } = this.#host.open(proto, src, sport, dst, dport);
      if (refused !== (step.error !== undefined)) return refused ? "not sent" : `sent, not ${step.error}`;
      return this.#compareSent(step.out, sent);
    }
    if (step.ftp !== undefined) this.#ftp.run(step.ftp);
    if (step.exec !== undefined) {
      const output = runCommand(this.#firewall, step.exec, step.stdin ?? "");
      if (output !== undefined && !sameOutput(output, step.output ?? ""))
        return `${step.exec}: "${output}", not "${step.output}"`;
    }
    const seconds = step.sleep ?? step.wait;
    if (seconds !== undefined) {
      this.#nowMs += seconds * 1000;
      this.#firewall.purge();
      return this.#compareSent(step.out, this.#host.wait(seconds * 1000));
    }
    return undefined;
  }

  #compareSent(recorded: readonly SeenPacket[], sent: readonly Sent[]): string | undefined {
    const left = sent.map(({ interface: name, packet, own }) => ({
      own,
      seen: { if: name, pkt: fromPacket(packet, packetLength) },
    }));
    for (const expected of recorded) {
      // In order for each interface.
      const at = left.findIndex(({ seen }) => seen.if === expected.if);
      const found = left[at];
      if (found === undefined) return `nothing came, not ${describeSeen(expected)}`;
      left.splice(at, 1);
      const alike = this.#arbitrary.toRecorded(found.seen, expected, this.#learnsSequences || found.own);
      const difference = comparePacket(expected.pkt, alike.pkt);
      if (difference !== undefined) return `${describeSeen(expected)}: ${difference}`;
    }
    const extra = left[0];
    return extra === undefined ? undefined : `${describeSeen(extra.seen)} came, not nothing`;
  }

  #load(anchor: string, text: string, optimization: "none" | "basic"): void {
    const { ruleset, accepted } = parseRuleset(text, { interfaces: INTERFACES, anchor, optimization });
    if (accepted) this.#firewall.load(anchor, ruleset);
  }

  /** Counters by rule path, as `pfctl -a '*' -vvsr` shows them. */
  #counters(): Map<string, CaseCounters> {
    const counters = new Map<string, CaseCounters>();
    const walk = (node: CalledAnchor, prefix: string) => {
      for (const [number, loaded] of node.rules.entries()) {
        counters.set(`${prefix}${number}`, countersOf(loaded));
        const { anchor } = loaded;
        if (anchor === undefined) continue;
        // pfctl shows an anchor's own rules, where it has any, also for "name/*".
        if (!loaded.wildcard || anchor.rules.length > 0) walk(anchor, `${prefix}${number}/`);
        else for (const child of anchor.children) walk(child, `${prefix}${number}/${child.name}/`);
      }
    };
    walk(this.#firewall.rulesets.main, "");
    return counters;
  }

  #natRanges(): (readonly [number, number])[] {
    const ranges: [number, number][] = [[NAT_PORTS.from, NAT_PORTS.to]];
    for (const path of ["", ...this.#firewall.anchors()]) {
      for (const { nat } of this.#firewall.rules(path) ?? []) {
        const port = nat?.pool.port;
        if (port !== undefined && port.from !== port.to) ranges.push([port.from, port.to]);
      }
    }
    return ranges;
  }

  /** With the recorded ports in place of the model's. */
  #modelState(state: State): ModelState {
    const shown = Object.assign(Object.create(Object.getPrototypeOf(state) as object) as State, state);
    shown.wire = this.#recordedKey(state.wire);
    shown.stack = state.stack === state.wire ? shown.wire : this.#recordedKey(state.stack);
    return {
      text: stateLine(shown).replace(/ +/g, " "),
      expires: this.#firewall.stateTable.expiresIn(state),
      packets: state.packets,
      bytes: state.bytes,
    };
  }

  #recordedKey(key: StateKey): StateKey {
    const proto = key.protocol === 58 ? "icmp6" : (protocolName(key.protocol) ?? "");
    const { family, protocol, rdomain, address0: a0, port0: p0, address1: a1, port1: p1 } = key;
    const port1 = this.#arbitrary.recordedPort(proto, a1, p1, a0, p0);
    const port0 = this.#arbitrary.recordedPort(proto, a0, p0, a1, p1);
    return new StateKey(family, protocol, rdomain, { address: a0, port: port0 }, { address: a1, port: port1 });
  }
}

const countersOf = ({ evaluations, packets, bytes, states, creations }: LoadedRule): CaseCounters => [
  evaluations,
  packets[0] + packets[1],
  bytes[0] + bytes[1],
  states,
  creations,
];

const byPath = (rules: readonly CaseRule[]): ReadonlyMap<string, string> =>
  new Map(rules.map(({ k, text }) => [k, text]));
