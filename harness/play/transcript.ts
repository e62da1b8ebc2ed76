/**
 * From what a lab sees at its firewall to the time line that reports draw: control dialogues line
 * by line, data connections, anchors, drops, states, log. It only watches; the invariants read
 * what it has gathered.
 */

import type { Party, TimelineEvent } from "../../reports/model.ts";
import type { Lab, LabEvent, Side } from "../contract/lab.ts";
import { CONTROL_PORT, type Roles } from "../contract/roles.ts";
import type { RulePosition } from "../pf/decision.ts";
import type { Family } from "../pf/packet.ts";
import { describePacket } from "../pf/packet.ts";
import { mayBeAuthored } from "./authored.ts";
import { ControlDialogue, type CrossedLine, type Leg } from "./control-dialogue.ts";
import { digest, type Flow, type FlowEvent, Flows } from "./flows.ts";

export interface TranscriptOptions {
  readonly lab: Lab;
  readonly side: Side;
  readonly family: Family;
  readonly roles: Roles;
  /** Do control connections end at the subject? */
  readonly terminates: boolean;
  /** Options of the subject. */
  readonly proxyArgs: readonly string[];
  /** The lab's clock when the play began. */
  readonly startedAtMs: number;
}

/** Rules of an anchor, from a moment on. */
export interface AnchorChange {
  readonly atMs: number;
  readonly anchor: string;
  readonly before: readonly string[];
  readonly rules: readonly string[];
}

/** A line, and how it stands to what the anchors held. */
export interface WitnessedLine extends CrossedLine {
  readonly atMs: number;
  readonly session: number;
  /** So many of `anchorChanges` had happened when it crossed. */
  readonly changesBefore: number;
}

const IMPLICIT_FTPS_PORT = 990;

export class Transcript {
  readonly timeline: TimelineEvent[] = [];
  readonly anchorChanges: AnchorChange[] = [];
  readonly lines: WitnessedLine[] = [];
  readonly dialogues: ControlDialogue[] = [];
  readonly flows = new Flows();
  readonly #options: TranscriptOptions;
  readonly #anchors = new Map<string, readonly string[]>();
  readonly #legs = new Map<Flow, { readonly leg: Leg; readonly dialogue: ControlDialogue }>();
  readonly #unpaired: ControlDialogue[] = [];
  readonly #parties: ReadonlyMap<string, Party>;
  #open = true;

  constructor(options: TranscriptOptions) {
    this.#options = options;
    const { lab, roles, family } = options;
    this.#parties = new Map<string, Party>([
      [lab.firewall.inside[family], "proxy"],
      [lab.firewall.outside[family], "proxy"],
      [lab.hosts["inside-intruder"].address(family), "intruder"],
      [lab.hosts["outside-intruder"].address(family), "intruder"],
      [roles.client, "client"],
      [roles.server, "server"],
    ]);
  }

  /** Milliseconds since the play began. */
  since(atMs: number): number {
    return round(atMs - this.#options.startedAtMs);
  }

  /** The same for a host's clock, which tells whole milliseconds: never before what has been seen already. */
  elapsed(nowMs: number): number {
    return Math.max(this.since(nowMs), this.timeline.at(-1)?.atMs ?? 0);
  }

  record(event: TimelineEvent): void {
    if (this.#open) this.timeline.push(event);
  }

  add(event: LabEvent): void {
    if (!this.#open) return;
    switch (event.kind) {
      case "packet":
        for (const flowEvent of this.flows.add(event)) this.#flow(flowEvent);
        return;
      case "drop":
        this.#drop(event);
        return;
      case "anchor":
        this.#anchor(event);
        return;
      case "state":
        this.record({ kind: "state", atMs: this.since(event.atMs), event: event.event, state: event.state });
        return;
      case "expectation":
        this.record({ kind: "expectation", atMs: this.since(event.atMs), text: event.text });
        return;
      case "log":
        this.record({ kind: "log", atMs: this.since(event.atMs), level: event.level, text: event.text });
        return;
    }
  }

  /** The play is over: connections that never came about are told, and nothing is recorded any more. */
  close(): void {
    for (const flow of this.dataFlows()) {
      if (flow.state === "opening") this.#connection(flow, "data", "no-answer", flow.openedAtMs);
    }
    this.timeline.sort((a, b) => a.atMs - b.atMs);
    this.#open = false;
  }

  /** Data connections, each once: as they crossed the network of who opened them. */
  dataFlows(): Flow[] {
    return this.flows.all.filter((flow) => !this.#isControl(flow) && this.#isOpenersNetwork(flow));
  }

  /**
   * The same connection on the other network: it has the opener's sequence numbers. A repeated SYN may be translated
   * anew; then the one counts that came about.
   */
  beyond(flow: Flow): Flow | undefined {
    const others = this.flows.all.filter((other) => other.network !== flow.network && other.isn === flow.isn);
    return others.findLast(({ state }) => state !== "opening" && state !== "refused") ?? others.at(-1);
  }

  party(address: string): Party | undefined {
    return this.#parties.get(address);
  }

  #isControl(flow: Flow): boolean {
    return flow.target.port === CONTROL_PORT || flow.target.port === IMPLICIT_FTPS_PORT;
  }

  #network(party: "client" | "server"): "inside" | "outside" {
    const clientInside = this.#options.side === "forward";
    return (party === "client") === clientInside ? "inside" : "outside";
  }

  #isOpenersNetwork(flow: Flow): boolean {
    const opener = this.party(flow.opener.address);
    return (opener === "client" || opener === "server") && flow.network === this.#network(opener);
  }

  #legOf(flow: Flow): { leg: Leg; dialogue: ControlDialogue } | undefined {
    const known = this.#legs.get(flow);
    if (known !== undefined) return known;
    const { roles, terminates, proxyArgs } = this.#options;
    if (flow.network === this.#network("client") && flow.opener.address === roles.client) {
      const dialogue = new ControlDialogue(this.dialogues.length + 1, terminates, (reply) =>
        mayBeAuthored(proxyArgs, reply),
      );
      this.dialogues.push(dialogue);
      this.#unpaired.push(dialogue);
      return this.#remember(flow, "client", dialogue);
    }
    if (terminates && flow.network === this.#network("server") && flow.target.address === roles.server) {
      // The proxy dials as soon as it has accepted, so the latest client is the one it dials for.
      const dialogue = this.#unpaired.pop();
      return dialogue === undefined ? undefined : this.#remember(flow, "server", dialogue);
    }
    return undefined;
  }

  #remember(flow: Flow, leg: Leg, dialogue: ControlDialogue): { leg: Leg; dialogue: ControlDialogue } {
    const place = { leg, dialogue };
    this.#legs.set(flow, place);
    return place;
  }

  #flow(event: FlowEvent): void {
    const { flow } = event;
    if (this.#isControl(flow)) {
      const place = this.#legOf(flow);
      if (place === undefined || event.kind === "syn") return;
      if (event.kind === "bytes") this.#bytes(place, event);
      else this.#connection(flow, "control", event.kind, event.atMs, place.leg);
    } else if (event.kind !== "syn" && event.kind !== "bytes" && this.#isOpenersNetwork(flow)) {
      this.#connection(flow, "data", event.kind, event.atMs);
    }
  }

  #bytes(place: { leg: Leg; dialogue: ControlDialogue }, event: Extract<FlowEvent, { kind: "bytes" }>): void {
    const towards = event.to === "target" ? "server" : "client";
    const near = place.leg;
    const far = this.#options.terminates ? "proxy" : "server";
    for (const line of place.dialogue.add(place.leg, towards, event.bytes, event.urgentAt)) {
      const outward = near === towards;
      this.lines.push({
        ...line,
        atMs: event.atMs,
        session: place.dialogue.number,
        changesBefore: this.anchorChanges.length,
      });
      this.record({
        kind: "line",
        atMs: this.since(event.atMs),
        from: outward ? far : near,
        to: outward ? near : far,
        session: place.dialogue.number,
        text: line.opaque ? `${line.text.length} bytes that are no text` : escapeLine(line.text),
        ...(line.opaque ? { opaque: true } : {}),
        ...(line.insteadOf === undefined ? {} : { insteadOf: escapeLine(line.insteadOf) }),
      });
    }
  }

  #connection(
    flow: Flow,
    channel: "control" | "data",
    event: "opened" | "closed" | "reset" | "refused" | "no-answer" | "half-closed",
    atMs: number,
    leg?: Leg,
  ): void {
    const beyond = this.beyond(flow);
    const name = (one: Flow) => `${host(one.opener)} -> ${host(one.target)}`;
    const bytes = flow.toTarget.bytes + flow.toOpener.bytes;
    const larger = flow.toTarget.bytes > flow.toOpener.bytes ? flow.toTarget : flow.toOpener;
    const ended = event === "closed" || event === "reset";
    const from = this.party(flow.opener.address) ?? "proxy";
    this.record({
      kind: "connection",
      atMs: this.since(atMs),
      channel,
      from: channel === "control" && leg === "server" ? "proxy" : from,
      to: channel === "data" ? other(from) : leg === "client" && this.#options.terminates ? "proxy" : "server",
      event,
      addresses: channel === "data" && beyond !== undefined ? `${name(flow)}, beyond ${name(beyond)}` : name(flow),
      ...(channel === "data" && ended ? { bytes, sha256: digest(larger) } : {}),
    });
  }

  #anchor(event: Extract<LabEvent, { kind: "anchor" }>): void {
    const before = this.#anchors.get(event.anchor) ?? [];
    if (before.length === 0 && event.rules.length === 0) return;
    if (event.rules.length === 0) this.#anchors.delete(event.anchor);
    else this.#anchors.set(event.anchor, event.rules);
    const change = { anchor: event.anchor, before, rules: event.rules };
    this.anchorChanges.push({ atMs: event.atMs, ...change });
    this.record({ kind: "anchor", atMs: this.since(event.atMs), ...change });
  }

  #drop(event: Extract<LabEvent, { kind: "drop" }>): void {
    const from = this.party(event.packet.source);
    // What the intruder tries is told by its probes.
    if (from === "intruder") return;
    this.record({
      kind: "drop",
      atMs: this.since(event.atMs),
      packet: describePacket(event.packet),
      interface: event.interface,
      direction: event.direction,
      from: from === undefined || from === "proxy" ? "firewall" : from,
      reason: event.reason,
      ...(event.rule === undefined ? {} : { rule: placeOf(event.rule) }),
    });
  }
}

/** `pf.conf:10` is where an administrator looks; a rule in an anchor has only its position. */
const placeOf = ({ path, text, line }: RulePosition) => ({ path: path.includes("/") ? path : "pf.conf", text, line });

const other = (party: Party): Party => (party === "client" ? "server" : "client");

const host = (end: { address: string; port: number }): string =>
  end.address.includes(":") ? `[${end.address}]:${end.port}` : `${end.address}:${end.port}`;

/** Microseconds are enough, and floating-point dust stays out of the results. */
const round = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;

/** With C escapes; bytes from 0x80 on as `\xNN`. */
export const escapeLine = (text: string): string =>
  text.replaceAll("\\", "\\\\").replace(/[\0-\x1f\x7f-\xff]/g, (character) => {
    if (character === "\r") return "\\r";
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
