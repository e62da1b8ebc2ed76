/**
 * The facts of a play, as plain records: sessions with their lines and control connections, data connections, drops,
 * log. `factsOf` takes them from the time line; the other files of this folder judge them and read nothing else.
 * Times are milliseconds since the play began.
 */

import type { Endpoint } from "../../../proxy/host.ts";
import type { Party, TimelineEvent } from "../../../reports/model.ts";
import type { Peer } from "../../contract/lab.ts";
import { isTcp, type Packet, TCP_FLAG } from "../../pf/packet.ts";
import { digest, type ObservedConnection } from "../observation/connections.ts";
import { type ObservedLine, positionOf, type Timeline } from "../observation/timeline.ts";

/** A party ends a connection, or resets it. */
export interface End {
  readonly by: Party;
  readonly how: "finished" | "reset";
  readonly atMs: number;
}

/** One connection on one network of the firewall. */
export interface Wire {
  readonly opener: Endpoint;
  readonly target: Endpoint;
  /** Sequence number of its SYN. */
  readonly isn: number;
  readonly openedMs: number;
  readonly state: ObservedConnection["state"];
  readonly ends: readonly End[];
  /** Bytes that crossed the network. */
  readonly toTarget: number;
  readonly toOpener: number;
  /** An ICMP error refused it: the address of the host that sent it, or the firewall. */
  readonly refusedBy?: string;
}

export interface Line {
  readonly atMs: number;
  /** Whose network it crossed. */
  readonly leg: Peer;
  readonly towards: Peer;
  /** Without its CR LF. */
  readonly text: string;
  readonly opaque: boolean;
  /** The line that the proxy got in its place. */
  readonly insteadOf?: string;
}

export interface Session {
  readonly number: number;
  /** Its control connection ends at a proxy, and another one leads from there to the server. */
  readonly proxied: boolean;
  /** The client's control connection. */
  readonly client: Wire;
  /** The server's: the proxy's own, or the same connection beyond the firewall. Absent: no SYN came to that network. */
  readonly server?: Wire;
  /** In order of time, on both networks. */
  readonly lines: readonly Line[];
  /** Bytes that the proxy got from each peer after its last whole line. */
  readonly unfinished: Readonly<Record<Peer, string>>;
}

export interface DataConnection {
  readonly opener: Peer;
  /** On the opener's network. */
  readonly near: Wire;
  /** On the other network. Absent: its SYN did not come through. */
  readonly far?: Wire;
  /** Every byte that entered the firewall has left it. */
  readonly intact: boolean;
}

/** A scripted peer says that it dialled for data in vain; its SYN need not have come to the firewall. */
export interface VainDial {
  readonly by: Peer;
  readonly atMs: number;
}

export interface Drop {
  readonly atMs: number;
  readonly packet: Packet;
  readonly isSyn: boolean;
  readonly reason: string;
  /** `its state timed out 40 s ago (tcp.established 300)`, `no host has the address 198.51.100.254`. */
  readonly why?: string;
  /** It passed the rules and went no further. */
  readonly stuck: boolean;
  readonly rule?: { readonly path: string; readonly text: string; readonly line: number };
}

export interface LogLine {
  readonly atMs: number;
  /** As syslog(3): 4 is warning, lower is worse. */
  readonly level: number;
  readonly text: string;
}

export interface Facts {
  readonly sessions: readonly Session[];
  readonly data: readonly DataConnection[];
  readonly vainDials: readonly VainDial[];
  readonly drops: readonly Drop[];
  readonly log: readonly LogLine[];
  /** Lines that name a data port and passed as they were, with the reason (observation/unrewritten.ts). */
  readonly unrewritten: readonly { readonly atMs: number; readonly why: string }[];
  /** The players were done; connections that end afterwards were ended by the clean-up. */
  readonly doneMs: number;
  /** The step that the script could not do. */
  readonly stoppedAt?: string;
  /** The client's own address and the server's. */
  readonly own: Readonly<Record<Peer, string>>;
}

/** Who ended the session: the first FIN or RST on either of its connections, before the play was done. */
export function firstEnd({ doneMs }: Pick<Facts, "doneMs">, { client, server }: Session): End | undefined {
  const ends = [...client.ends, ...(server?.ends ?? [])].filter(({ atMs }) => atMs <= doneMs);
  // A proxy follows a peer, in virtual time at the same moment.
  return ends.sort((a, b) => a.atMs - b.atMs || Number(a.by === "proxy") - Number(b.by === "proxy"))[0];
}

/** Its SYN was answered. */
export const isOpen = ({ state }: Wire): boolean => state !== "opening" && state !== "refused";

export type FactsOptions = Pick<Facts, "doneMs" | "own"> & {
  /** Whether control connections should end at the subject. */
  readonly terminates: boolean;
  readonly stoppedAt?: string | undefined;
};

export function factsOf(timeline: Timeline, { stoppedAt, terminates, ...rest }: FactsOptions): Facts {
  const sessions = sessionsOf(timeline, terminates);
  const data = timeline.dataConnections();
  const [first] = data;
  // A vain call after the end of the session is no errand of its.
  const isOpenAt = (atMs: number) => sessions.some((one) => (firstEnd(rest, one)?.atMs ?? atMs) >= atMs);
  const counts = ({ near }: DataConnection) => isOpen(near) || isOpenAt(near.openedMs);
  return {
    ...rest,
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
    ...(sessions.length === 0 && first !== undefined
      ? { sessions: [elsewhere(timeline, first, terminates)], data: [] }
      : { sessions, data: data.map((one) => dataOf(timeline, one)).filter(counts) }),
    vainDials: timeline.events.flatMap(vainDialOf).filter(({ atMs }) => sessions.length === 0 || isOpenAt(atMs)),
    drops: timeline.drops.map(({ atMs, packet, reason, rule, stuck, why }) => ({
      atMs: timeline.since(atMs),
      packet,
      isSyn: isTcp(packet) && (packet.flags & (TCP_FLAG.S | TCP_FLAG.A)) === TCP_FLAG.S,
      reason,
      ...(why === undefined ? {} : { why }),
      stuck: stuck !== undefined,
      ...(rule === undefined ? {} : { rule: positionOf(rule) }),
    })),
    log: timeline.events.flatMap((event) => (event.kind === "log" ? [event] : [])),
    unrewritten: timeline.events.flatMap((event) =>
      event.kind === "line" && event.why !== undefined ? [{ atMs: event.atMs, why: event.why }] : [],
    ),
  };
}

function wireOf(timeline: Timeline, one: ObservedConnection, opener: Party, target: Party): Wire {
  const refusedBy = refusalOf(timeline, one);
  return {
    opener: one.opener,
    target: one.target,
    isn: one.isn,
    openedMs: timeline.since(one.openedAtMs),
    state: one.state,
    ends: one.ends.map(({ by, how, atMs }) => ({
      by: by === "opener" ? opener : target,
      how,
      atMs: timeline.since(atMs),
    })),
    toTarget: one.toTarget.bytes,
    toOpener: one.toOpener.bytes,
    ...(refusedBy === undefined ? {} : { refusedBy }),
  };
}

function refusalOf({ errors }: Timeline, { opener, target }: ObservedConnection): string | undefined {
  const own = errors.filter(
    ({ packet: { quoted } }) =>
      quoted !== undefined &&
      isTcp(quoted) &&
      quoted.destination === target.address &&
      quoted.destinationPort === target.port &&
      quoted.sourcePort === opener.port,
  );
  const [error] = own;
  return error && (own.find(({ direction }) => direction === "in")?.packet.source ?? "the firewall");
}

function sessionsOf(timeline: Timeline, terminates: boolean): Session[] {
  const legs = [...timeline.legs].map(([connection, leg]) => ({ connection, ...leg }));
  const lines = [...timeline.lines, ...timeline.linesAtServer].sort((a, b) => a.atMs - b.atMs);
  return legs
    .filter(({ peer }) => peer === "client")
    .map(({ connection: near, dialogue }) => {
      const { number } = dialogue;
      const far = legs.find((leg) => leg.peer === "server" && leg.dialogue.number === number)?.connection;
      // A proxy's own connection has another sequence number than the one that PF passes on.
      const proxied = terminates && far?.isn !== near.isn;
      return {
        number,
        proxied,
        client: wireOf(timeline, near, "client", proxied ? "proxy" : "server"),
        ...(far === undefined ? {} : { server: wireOf(timeline, far, proxied ? "proxy" : "client", "server") }),
        lines: lines.filter(({ session }) => session === number).map((line) => lineOf(timeline, line)),
        unfinished: {
          client: proxied ? dialogue.unfinished("client", "server") : "",
          server: proxied ? dialogue.unfinished("server", "client") : "",
        },
      };
    });
}

/** The client's connection to another port than FTP's: all that there is of a session. */
const elsewhere = (timeline: Timeline, one: ObservedConnection, proxied: boolean): Session => ({
  ...{ number: 1, proxied, lines: [], unfinished: { client: "", server: "" } },
  client: wireOf(timeline, one, "client", proxied ? "proxy" : "server"),
});

const lineOf = (timeline: Timeline, { atMs, leg, towards, text, inline, opaque, insteadOf }: ObservedLine): Line => ({
  atMs: timeline.since(atMs),
  leg,
  towards,
  text: (inline ?? text).replace(/\r?\n$/, ""),
  opaque,
  ...(insteadOf === undefined ? {} : { insteadOf: insteadOf.replace(/\r?\n$/, "") }),
});

function dataOf(timeline: Timeline, one: ObservedConnection): DataConnection {
  const opener = timeline.party(one.opener.address) === "server" ? "server" : "client";
  const target = opener === "server" ? "client" : "server";
  const beyond = timeline.beyond(one);
  return {
    opener,
    near: wireOf(timeline, one, opener, target),
    ...(beyond === undefined ? {} : { far: wireOf(timeline, beyond, opener, target) }),
    intact:
      beyond !== undefined && sameBytes(one.toTarget, beyond.toTarget) && sameBytes(one.toOpener, beyond.toOpener),
  };
}

type OneWay = ObservedConnection["toTarget"];
const sameBytes = (one: OneWay, other: OneWay): boolean =>
  one.bytes === other.bytes && (one.bytes === 0 || digest(one) === digest(other));

/** The steps of ScriptedClient and ScriptedServer that dial. */
function vainDialOf(event: TimelineEvent): VainDial[] {
  if (event.kind !== "step" || (event.who !== "client" && event.who !== "server")) return [];
  const vain = event.ok ? /^cannot (open|dial) data \(/ : /^(opens|dials) data$/;
  return vain.test(event.text) ? [{ by: event.who, atMs: event.atMs }] : [];
}
