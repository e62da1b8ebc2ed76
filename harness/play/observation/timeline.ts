/**
 * From the events of a lab to the time line of a play: control dialogues line by line, data connections, anchors,
 * drops, states, log. Observes only; the invariants and the reports read what it has gathered.
 */

import type { Party, TimelineEvent } from "../../../reports/model.ts";
import type { Lab, LabEvent, Peer, Side } from "../../contract/lab.ts";
import { CONTROL_PORT, type Roles } from "../../contract/roles.ts";
import type { RulePosition } from "../../pf/decision.ts";
import { describePacket, type Family, type IcmpPacket, isIcmp } from "../../pf/packet.ts";
import { addressesOf, type EndOrFailure, endedBy, isBeyond } from "./connection-end.ts";
import { type ConnectionEvent, digest, type ObservedConnection, ObservedConnections } from "./connections.ts";
import { ControlDialogue, type DialogueLine } from "./control-dialogue.ts";
import { EndedStates, timeoutText } from "./ended-states.ts";
import { explainUnrewritten } from "./unrewritten.ts";

export interface TimelineOptions {
  readonly lab: Lab;
  readonly side: Side;
  readonly family: Family;
  readonly roles: Roles;
  /** Whether control connections end at the subject. */
  readonly terminates: boolean;
  /** The subject rewrites as ftp-proxy(8) does, so the same reasons hold. */
  readonly likeFtpProxy: boolean;
  /** Options of the subject. */
  readonly proxyArgs: readonly string[];
  /** The lab's clock when the play began. */
  readonly startedAtMs: number;
}

/** The rules of an anchor, from a moment on. */
export interface AnchorChange {
  readonly atMs: number;
  readonly anchor: string;
  readonly before: readonly string[];
  readonly rules: readonly string[];
}

/** A line, and which rules were loaded when it crossed the wire. */
export interface ObservedLine extends DialogueLine {
  readonly atMs: number;
  readonly session: number;
  /** How many of `anchorChanges` had happened. */
  readonly changesBefore: number;
}

/** One of a session's two control connections; without a proxy, the same connection as each peer's network sees it. */
export interface Leg {
  readonly peer: Peer;
  readonly dialogue: ControlDialogue;
}

export type DroppedPacket = Extract<LabEvent, { kind: "drop" }> & { readonly why?: string };

/** An ICMP error as it crossed a network. */
export interface ObservedError {
  readonly atMs: number;
  /** `in`: it came from a host; `out`: the firewall sent it, or sent it on. */
  readonly direction: "in" | "out";
  readonly packet: IcmpPacket;
}

const IMPLICIT_FTPS_PORT = 990;

export class Timeline {
  readonly events: TimelineEvent[] = [];
  readonly anchorChanges: AnchorChange[] = [];
  readonly lines: ObservedLine[] = [];
  /** The lines of a session without a proxy as they crossed the server's network. */
  readonly linesAtServer: ObservedLine[] = [];
  readonly dialogues: ControlDialogue[] = [];
  readonly drops: DroppedPacket[] = [];
  readonly errors: ObservedError[] = [];
  readonly connections = new ObservedConnections();
  readonly #options: TimelineOptions;
  readonly #anchors = new Map<string, readonly string[]>();
  readonly legs = new Map<ObservedConnection, Leg>();
  /** Sessions whose connection to the server has not been seen yet. */
  readonly #unpaired: ControlDialogue[] = [];
  readonly #endedStates = new EndedStates();
  readonly #parties: ReadonlyMap<string, Party>;
  #open = true;

  constructor(options: TimelineOptions) {
    this.#options = options;
    const { lab, roles, family } = options;
    this.#parties = new Map<string, Party>([
      [lab.firewall.inside[family], "proxy"],
      [lab.firewall.outside[family], "proxy"],
      [lab.hosts["inside-intruder"].address(family), "intruder"],
      [lab.hosts["outside-intruder"].address(family), "intruder"],
      [roles.proxy, "proxy"],
      [roles.client, "client"],
      [roles.server, "server"],
    ]);
  }

  /** Milliseconds since the play began. */
  since(atMs: number): number {
    return round(atMs - this.#options.startedAtMs);
  }

  /** The same for a host's clock, which counts whole milliseconds: never before the last event. */
  elapsed(nowMs: number): number {
    return Math.max(this.since(nowMs), this.events.at(-1)?.atMs ?? 0);
  }

  record(event: TimelineEvent): void {
    if (this.#open) this.events.push(event);
  }

  add(event: LabEvent): void {
    if (!this.#open) return;
    switch (event.kind) {
      case "packet":
        if (isIcmp(event.packet) && event.packet.quoted !== undefined) {
          this.errors.push({ atMs: event.atMs, direction: event.direction, packet: event.packet });
        }
        for (const one of this.connections.add(event)) this.#connectionEvent(one);
        return;
      case "drop":
        this.#drop(event);
        return;
      case "anchor":
        this.#anchor(event);
        return;
      case "state":
        this.#state(event);
        return;
      case "expectation":
        this.record({ kind: "expectation", atMs: this.since(event.atMs), text: event.text });
        return;
      case "log":
        this.record({ kind: "log", atMs: this.since(event.atMs), level: event.level, text: event.text });
        return;
    }
  }

  /** The play is over: records the connections that never opened, adds the reasons, then nothing more. */
  close(): void {
    for (const connection of this.dataConnections()) {
      if (connection.state === "opening") {
        this.#recordConnection({ kind: "no-answer", connection, atMs: connection.openedAtMs }, "data");
      }
    }
    this.events.sort((a, b) => a.atMs - b.atMs);
    this.#open = false;
    const { likeFtpProxy, proxyArgs } = this.#options;
    if (likeFtpProxy) Object.assign(this.events, explainUnrewritten(this.events, proxyArgs));
  }

  /** Data connections, each once: as they crossed the opener's network. */
  dataConnections(): ObservedConnection[] {
    return this.connections.all.filter((one) => !isControl(one) && this.#isOnOpenersNetwork(one));
  }

  /**
   * The same connection on the other network: it has the opener's sequence number. A repeated SYN may be translated to
   * another port; then the connection that opened counts.
   */
  beyond(connection: ObservedConnection): ObservedConnection | undefined {
    const others = this.connections.all.filter(
      ({ network, isn }) => network !== connection.network && isn === connection.isn,
    );
    return others.findLast(({ state }) => state !== "opening" && state !== "refused") ?? others.at(-1);
  }

  party(address: string): Party | undefined {
    return this.#parties.get(address);
  }

  #networkOf(peer: Peer): "inside" | "outside" {
    const clientInside = this.#options.side === "forward";
    return (peer === "client") === clientInside ? "inside" : "outside";
  }

  #isOnOpenersNetwork({ opener, network }: ObservedConnection): boolean {
    const party = this.party(opener.address);
    return (party === "client" || party === "server") && network === this.#networkOf(party);
  }

  #legOf(connection: ObservedConnection): Leg | undefined {
    const known = this.legs.get(connection);
    if (known !== undefined) return known;
    const { network, opener, target } = connection;
    const { roles, terminates, proxyArgs } = this.#options;
    if (network === this.#networkOf("client") && opener.address === roles.client) {
      const dialogue = new ControlDialogue(this.dialogues.length + 1, terminates, proxyArgs);
      this.dialogues.push(dialogue);
      this.#unpaired.push(dialogue);
      return this.#keepLeg(connection, { peer: "client", dialogue });
    }
    if (terminates && network === this.#networkOf("server") && target.address === roles.server) {
      // The proxy dials as soon as it has accepted, so it dials for the latest client.
      const dialogue = this.#unpaired.pop();
      return dialogue && this.#keepLeg(connection, { peer: "server", dialogue });
    }
    if (!terminates && network === this.#networkOf("server")) {
      const near = [...this.legs].find(([one]) => one.network !== network && one.isn === connection.isn);
      const dialogue = near && new ControlDialogue(near[1].dialogue.number, false, proxyArgs);
      return dialogue && this.#keepLeg(connection, { peer: "server", dialogue });
    }
    return undefined;
  }

  #keepLeg(connection: ObservedConnection, leg: Leg): Leg {
    this.legs.set(connection, leg);
    return leg;
  }

  #connectionEvent(event: ConnectionEvent): void {
    const { connection } = event;
    if (isControl(connection)) {
      const leg = this.#legOf(connection);
      if (leg === undefined || event.kind === "syn") return;
      if (event.kind === "bytes") this.#controlBytes(leg, event);
      else if (leg.peer === "client" || this.#options.terminates)
        this.#recordConnection({ ...event, kind: event.kind }, "control", leg.peer);
    } else if (event.kind !== "syn" && event.kind !== "bytes" && this.#isOnOpenersNetwork(connection)) {
      this.#recordConnection({ ...event, kind: event.kind }, "data");
    }
  }

  #controlBytes({ peer, dialogue }: Leg, event: Extract<ConnectionEvent, { kind: "bytes" }>): void {
    const towards = event.to === "target" ? "server" : "client";
    const isBeyond = peer === "server" && !this.#options.terminates;
    const far = this.#options.terminates ? "proxy" : "server";
    for (const line of dialogue.add(peer, towards, event.bytes, event.urgentAt)) {
      const session = dialogue.number;
      const observed = { ...line, atMs: event.atMs, session, changesBefore: this.anchorChanges.length };
      if (isBeyond) {
        this.linesAtServer.push(observed);
        continue;
      }
      this.lines.push(observed);
      this.record({
        kind: "line",
        atMs: this.since(event.atMs),
        from: peer === towards ? far : peer,
        to: peer === towards ? peer : far,
        session,
        text: line.opaque ? `${line.text.length} bytes that are not text` : escapeLine(line.text),
        ...(line.opaque ? { opaque: true } : {}),
        ...(line.insteadOf === undefined ? {} : { insteadOf: escapeLine(line.insteadOf) }),
      });
    }
  }

  #recordConnection(event: EndOrFailure, channel: "control" | "data", leg?: Peer): void {
    const { connection } = event;
    const { toTarget, toOpener } = connection;
    const beyond = this.beyond(connection);
    const lookalike = () => this.connections.all.findLast((one) => isBeyond(one, connection));
    const larger = toTarget.bytes > toOpener.bytes ? toTarget : toOpener;
    const ended = event.kind === "closed" || event.kind === "reset";
    const opener = this.party(connection.opener.address) ?? "proxy";
    const from = channel === "control" && leg === "server" ? "proxy" : opener;
    const to = channel === "data" ? otherPeer(from) : leg === "client" && this.#options.terminates ? "proxy" : "server";
    this.record({
      kind: "connection",
      atMs: this.since(event.atMs),
      channel,
      from,
      to,
      event: event.kind,
      ...(event.by === "opener" ? { by: from } : {}),
      ...(event.by === "target"
        ? { by: to === otherPeer(opener) ? endedBy(event, to, beyond ?? lookalike()) : to }
        : {}),
      addresses: addressesOf(connection, channel === "data" ? beyond : undefined),
      ...(channel === "data" && ended ? { bytes: toTarget.bytes + toOpener.bytes, sha256: digest(larger) } : {}),
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

  #state(event: Extract<LabEvent, { kind: "state" }>): void {
    const { timedOut } = event;
    if (event.event === "removed") this.#endedStates.add(event);
    this.record({
      kind: "state",
      atMs: this.since(event.atMs),
      event: event.event,
      state: event.state,
      ...(timedOut && { why: `timed out: ${timeoutText(timedOut)}` }),
    });
  }

  #drop(event: Extract<LabEvent, { kind: "drop" }>): void {
    const from = this.party(event.packet.source);
    // The intruder's attempts are recorded as probes.
    if (from === "intruder") return;
    const why = event.stuck ?? this.#endedStates.whyDropped(event.packet, event.atMs);
    this.drops.push({ ...event, ...(why && { why }) });
    this.record({
      kind: "drop",
      atMs: this.since(event.atMs),
      packet: describePacket(event.packet),
      interface: event.interface,
      direction: event.direction,
      from: from === undefined || from === "proxy" ? "firewall" : from,
      reason: event.reason,
      ...(why && { why }),
      ...(event.rule === undefined ? {} : { rule: positionOf(event.rule) }),
    });
  }
}

export const isControl = ({ target }: ObservedConnection): boolean =>
  target.port === CONTROL_PORT || target.port === IMPLICIT_FTPS_PORT;

/** `pf.conf:10` or `nftables:31` is where an administrator looks; a rule in an anchor has only its position. */
export const positionOf = ({ path, text, line }: RulePosition) => ({
  path: /^\d+$/.test(path) ? "pf.conf" : path,
  text,
  line,
});

const otherPeer = (party: Party): Party => (party === "client" ? "server" : "client");

/** Whole microseconds, so no floating-point noise gets into the results. */
const round = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;

/** With C escapes; bytes from 0x80 on as `\xNN`. */
export const escapeLine = (text: string): string =>
  text.replaceAll("\\", "\\\\").replace(/[\0-\x1f\x7f-\xff]/g, (character) => {
    if (character === "\r") return "\\r";
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
