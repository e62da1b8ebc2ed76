/**
 * PF's packet tracer: a rule set, some packets, and for each which rules were considered, why each matched or not, what
 * was translated, what became of the packet, which state was made and what the firewall answered. Packets follow one
 * another through one firewall: states made by one are there for the next.
 *
 * @example
 * explain("block\npass in on em0\n", ["in on em0 tcp 10.0.0.5:40000 -> 192.0.2.21:21"], {}).packets[0]?.verdict // "pass"
 */

import type { Decision, PacketNotes } from "../../pf/decision.ts";
import { Firewall, newNotes } from "../../pf/engine/firewall.ts";
import { isLoopbackInterface } from "../../pf/engine/interfaces.ts";
import { Trace } from "../../pf/engine/rules/trace.ts";
import { stateLine } from "../../pf/engine/states/state-line.ts";
import type { Era } from "../../pf/language/eras.ts";
import { type Diagnostic, parseRuleset } from "../../pf/language/parse.ts";
import { describePacket, type Packet, PROTOCOL } from "../../pf/packet.ts";
import type { Interface } from "../../pf/ruleset.ts";
import { type ReadOptions, readRules } from "../lint/read-rules.ts";
import { type Considered, consideredRules } from "./considered.ts";
import { type Forwarded, PacketTextError, parsePacketText, type WrittenPacket } from "./packet-text.ts";
import { SequenceNumbers } from "./sequence-numbers.ts";

export interface ExplainOptions extends ReadOptions {
  /** Contents of anchors, by name. */
  readonly anchors?: readonly { readonly name: string; readonly file: string; readonly text: string }[];
}

export interface Explained {
  readonly text: string;
  readonly packet: string;
  readonly considered: readonly Considered[];
  /** No rules were asked, because: */
  readonly unasked?: "a state" | "the interface is skipped" | "malformed";
  readonly verdict: "pass" | "drop";
  /** As `pfctl -si` counts it. */
  readonly reason?: string;
  /** Path of the rule that decided; absent: none did, the default is to pass without state. */
  readonly decidedBy?: string;
  /** As it goes on, if it was changed. */
  readonly becomes?: string;
  readonly divert?: string;
  readonly route?: string;
  /** What `pfctl -ss` shows of the states that it made, belongs to or ended. */
  readonly states: readonly { readonly what: "made" | "of" | "gone"; readonly line: string }[];
  readonly answers: readonly string[];
  readonly tag?: string;
}

export interface Explanation {
  readonly era: Era;
  readonly interfaces: readonly Interface[];
  readonly guessed: boolean;
  /** The rule set cannot be loaded: no packet was tried. */
  readonly errors: readonly Diagnostic[];
  readonly packets: readonly Explained[];
}

/** Which rules do these packets meet, one after the other? Throws PacketTextError for one that cannot be read. */
export function explain(text: string, packets: readonly string[], options: ExplainOptions = {}): Explanation {
  const written = packets.map(parsePacketText);
  const { era, machine, parsed } = readRules(text, options);
  const interfaces = withNamed(machine.interfaces, written, machine.guessed);
  const anchors = (options.anchors ?? []).map(({ name, file, text: content }) => {
    const { release } = options;
    const surroundings = { interfaces, era, ...(release && { release }), anchor: name, file };
    return { name, parsed: parseRuleset(content, surroundings) };
  });
  const errors = [parsed, ...anchors.map((anchor) => anchor.parsed)].flatMap((one) => one.errors);
  const known = { era, interfaces, guessed: machine.guessed };
  if (errors.length > 0) return { ...known, errors, packets: [] };
  const trace = new Trace();
  const states: Explained["states"][number][] = [];
  let nowMs = 0;
  const firewall = new Firewall({
    interfaces,
    now: () => nowMs,
    // What would happen by chance happens in the middle.
    random: (below) => Math.floor(below / 2),
    walk: "plain",
    considered: trace.considered,
    observer: {
      stateCreated: (line) => states.push({ what: "made", line }),
      stateRemoved: (line) => states.push({ what: "gone", line }),
    },
  });
  firewall.load("", parsed.ruleset);
  for (const anchor of anchors) firewall.load(anchor.name, anchor.parsed.ruleset);
  const sequence = new SequenceNumbers();
  let last: { readonly decision: Decision; readonly notes: PacketNotes } | undefined;
  const explained = written.map((one): Explained => {
    const { packet, notes } = onItsWay(one, last, sequence);
    const decision = firewall.test(one.direction, one.interface, packet, notes);
    if (decision.verdict === "pass") sequence.translated(packet, decision.packet);
    last = { decision, notes };
    // Packets come one after the other, not at once.
    nowMs += 10;
    const own = decision.verdict === "pass" ? firewall.states().find(({ id }) => id === decision.state) : undefined;
    const met = trace.take();
    const seen = states.splice(0);
    if (own !== undefined && seen.length === 0) seen.push({ what: "of", line: stateLine(own) });
    return result(one, packet, decision, notes, consideredRules(met, text, decision), seen);
  });
  return { ...known, errors, packets: explained };
}

/** A forwarded packet is what the one before became, with its notes. */
function onItsWay(
  one: WrittenPacket | Forwarded,
  last: { readonly decision: Decision; readonly notes: PacketNotes } | undefined,
  sequence: SequenceNumbers,
): { readonly packet: Packet; readonly notes: PacketNotes } {
  if (one.kind === "packet") {
    return {
      packet: sequence.numbered(toPacket(one)),
      notes: one.tag === undefined ? newNotes() : { tag: one.tag },
    };
  }
  if (last === undefined)
    throw new PacketTextError(`"${one.text}": there is no packet before this one to be forwarded`);
  const { decision, notes } = last;
  if (decision.verdict === "drop") throw new PacketTextError(`"${one.text}": the packet before this one was dropped`);
  return { packet: decision.packet, notes };
}

/** Interfaces that only the packets name. */
function withNamed(
  interfaces: readonly Interface[],
  packets: readonly (WrittenPacket | Forwarded)[],
  guessed: boolean,
): readonly Interface[] {
  const missing = new Set(
    packets.map((one) => one.interface).filter((name) => !interfaces.some((own) => own.name === name)),
  );
  const [first] = missing;
  if (!guessed && first !== undefined) {
    throw new PacketTextError(
      `there is no interface ${first}; there are ${interfaces.map(({ name }) => name).join(", ")}`,
    );
  }
  return [...interfaces, ...[...missing].map((name) => ({ name, groups: [], addresses: [] }))];
}

function toPacket(one: WrittenPacket): Packet {
  const { family, source, destination, sourcePort, destinationPort, flags, code } = one;
  const payload = new Uint8Array(one.data);
  const common = { family, source, destination, ttl: 64, tos: 0, payload };
  switch (one.protocol) {
    case "tcp":
      return { ...common, protocol: PROTOCOL.tcp, sourcePort, destinationPort, flags, seq: 0, ack: 0, window: 65535 };
    case "udp":
      return { ...common, protocol: PROTOCOL.udp, sourcePort, destinationPort };
    case "icmp": {
      // Echo request: RFC 792, RFC 4443.
      const type = one.type ?? (family === "inet" ? 8 : 128);
      const protocol = family === "inet" ? PROTOCOL.icmp : PROTOCOL.icmp6;
      return { ...common, protocol, type, code, id: 1, sequence: 0 };
    }
  }
}

function result(
  one: WrittenPacket | Forwarded,
  packet: Packet,
  decision: Decision,
  notes: PacketNotes,
  considered: readonly Considered[],
  states: Explained["states"],
): Explained {
  const asked = considered.length > 0;
  const after = decision.verdict === "pass" ? describePacket(decision.packet) : undefined;
  const decidedBy = considered.findLast(({ decides }) => decides)?.path;
  const ofState = states.some(({ what }) => what === "of");
  const unasked = ofState ? "a state" : decision.verdict === "drop" ? "malformed" : "the interface is skipped";
  const divert = decision.verdict === "pass" ? decision.divert : undefined;
  const route = decision.verdict === "pass" ? decision.route : undefined;
  return {
    text: one.text,
    packet: `${one.direction} on ${one.interface} ${describePacket(packet)}`,
    considered,
    ...(!asked && (ofState || decision.rules.length === 0) && { unasked }),
    verdict: decision.verdict,
    ...(decision.verdict === "drop" && { reason: decision.reason }),
    ...(decidedBy !== undefined && { decidedBy }),
    ...(after !== undefined && after !== describePacket(packet) && { becomes: after }),
    ...(divert !== undefined && {
      divert: divert === "reply" ? "the socket it belongs to" : `${divert.address} port ${divert.port}`,
    }),
    ...(route !== undefined && { route: [route.nextHop, route.interface].filter(Boolean).join(" on ") }),
    states,
    answers: decision.answers.map(describePacket),
    ...(notes.tag !== undefined && { tag: notes.tag }),
  };
}

/** For people. */
export function explainReport({ packets, interfaces, guessed }: Explanation): string {
  return `${guessed ? guess(interfaces) : ""}${packets.map(packetReport).join("\n")}`;
}

function guess(interfaces: Explanation["interfaces"]): string {
  const list = interfaces
    .filter((one) => !isLoopbackInterface(one))
    .map(({ name, groups, addresses }) => {
      const group = groups.length === 0 ? "" : ` (${groups.join(" ")})`;
      return `${name}${group} ${addresses.map(({ address, prefix }) => `${address}/${prefix}`).join(" ")}`.trimEnd();
    });
  return `These interfaces are guesses (--interfaces gives the real ones): ${list.join("; ")}\n\n`;
}

function packetReport(one: Explained): string {
  const width = Math.max(0, ...one.considered.map(({ path }) => path.length));
  const lines = one.considered.flatMap(({ path, line, text, matched, because }) => [
    `  ${matched ? "*" : " "} ${path.padEnd(width)}  line ${String(line).padEnd(4)} ${text}`,
    `    ${" ".repeat(width)}            ${because}`,
  ]);
  return `${[one.packet, ...lines, ...outcome(one).map((line) => `  ${line}`)].join("\n")}\n`;
}

function outcome(one: Explained): readonly string[] {
  const by =
    one.decidedBy === undefined
      ? one.considered.length > 0
        ? ", no rule matched: the default passes, without state"
        : one.unasked === undefined
          ? ""
          : `, no rule was asked: ${one.unasked === "a state" ? "it belongs to a state" : one.unasked}`
      : ` by rule ${one.decidedBy}`;
  const reason = one.reason === undefined || one.reason === "match" ? "" : ` (${one.reason})`;
  return [
    `=> ${one.verdict}${by}${reason}`,
    ...(one.becomes === undefined ? [] : [`   goes on as ${one.becomes}`]),
    ...(one.divert === undefined ? [] : [`   diverted to ${one.divert}`]),
    ...(one.route === undefined ? [] : [`   routed to ${one.route}`]),
    ...(one.tag === undefined ? [] : [`   tagged ${one.tag}`]),
    ...one.states.map(({ what, line }) => `   state ${what === "of" ? "of it" : what}: ${line}`),
    ...one.answers.map((answer) => `   answered with ${answer}`),
  ];
}
