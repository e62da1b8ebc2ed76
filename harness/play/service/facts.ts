/**
 * The facts of a play, as plain records: sessions with their lines and control connections, data connections, drops,
 * log. `factsOf` takes them from the time line; the other files of this folder judge them and read nothing else.
 * Times are milliseconds since the play began.
 */

import type { Endpoint } from "../../../proxy/host.ts";
import type { Party } from "../../../reports/model.ts";
import type { Peer } from "../../contract/lab.ts";
import { isTcp, type Packet, TCP_FLAG } from "../../pf/packet.ts";
import { digest, type ObservedConnection } from "../observation/connections.ts";
import { isControl, type ObservedLine, positionOf, type Timeline } from "../observation/timeline.ts";

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
  readonly openedMs: number;
  readonly state: ObservedConnection["state"];
  readonly ends: readonly End[];
  readonly toTarget: Way;
  readonly toOpener: Way;
}

/** Bytes that crossed the network one way. */
export interface Way {
  readonly bytes: number;
  readonly sha256: string;
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
}

export interface DataConnection {
  readonly opener: Peer;
  /** Its SYN's sequence number. */
  readonly isn: number;
  /** On the opener's network. */
  readonly near: Wire;
  /** On the other network. Absent: its SYN did not come through. */
  readonly far?: Wire;
  /** An ICMP error refused it: the address of the host that sent it. */
  readonly refusedBy?: string;
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
export function firstEnd({ doneMs }: Facts, { client, server }: Session): End | undefined {
  const ends = [...client.ends, ...(server?.ends ?? [])].filter(({ atMs }) => atMs <= doneMs);
  return ends.sort((a, b) => a.atMs - b.atMs)[0];
}

/** Its SYN was answered. */
export const isOpen = ({ state }: Wire): boolean => state !== "opening" && state !== "refused";

export type FactsOptions = Pick<Facts, "doneMs" | "own"> & {
  /** Whether control connections should end at the subject. */
  readonly terminates: boolean;
  readonly stoppedAt?: string | undefined;
};

export function factsOf(timeline: Timeline, { stoppedAt, terminates, ...rest }: FactsOptions): Facts {
  const since = (atMs: number) => timeline.since(atMs);
  const wire = wireReader(timeline);
  return {
    ...rest,
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
    sessions: sessionsOf(timeline, wire, terminates),
    data: timeline.dataConnections().map((one) => dataOf(timeline, one, wire)),
    drops: timeline.drops.map(({ atMs, packet, reason, rule, stuck, why }) => ({
      atMs: since(atMs),
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

type WireReader = (one: ObservedConnection, opener: Party, target: Party) => Wire;

const wireReader =
  (timeline: Timeline): WireReader =>
  (one, opener, target) => ({
    opener: one.opener,
    target: one.target,
    openedMs: timeline.since(one.openedAtMs),
    state: one.state,
    ends: one.ends.map(({ by, how, atMs }) => ({
      by: by === "opener" ? opener : target,
      how,
      atMs: timeline.since(atMs),
    })),
    toTarget: { bytes: one.toTarget.bytes, sha256: digest(one.toTarget) },
    toOpener: { bytes: one.toOpener.bytes, sha256: digest(one.toOpener) },
  });

function sessionsOf(timeline: Timeline, wire: WireReader, terminates: boolean): Session[] {
  const legs = [...timeline.legs].map(([connection, leg]) => ({ connection, ...leg }));
  const lines = [...timeline.lines, ...timeline.linesAtServer].sort((a, b) => a.atMs - b.atMs);
  return legs
    .filter(({ peer }) => peer === "client")
    .map(({ connection: near, dialogue: { number } }) => {
      const far = legs.find(({ peer, dialogue }) => peer === "server" && dialogue.number === number)?.connection;
      // A proxy's own connection has another sequence number than the one that PF passes on.
      const proxied = terminates && far?.isn !== near.isn;
      return {
        number,
        proxied,
        client: wire(near, "client", proxied ? "proxy" : "server"),
        ...(far === undefined ? {} : { server: wire(far, proxied ? "proxy" : "client", "server") }),
        lines: lines.filter(({ session }) => session === number).map((line) => lineOf(timeline, line)),
      };
    });
}

const lineOf = (timeline: Timeline, { atMs, leg, towards, text, inline, opaque, insteadOf }: ObservedLine): Line => ({
  atMs: timeline.since(atMs),
  leg,
  towards,
  text: (inline ?? text).replace(/\r?\n$/, ""),
  opaque,
  ...(insteadOf === undefined ? {} : { insteadOf: insteadOf.replace(/\r?\n$/, "") }),
});

function dataOf(timeline: Timeline, one: ObservedConnection, wire: WireReader): DataConnection {
  const opener = timeline.party(one.opener.address) === "server" ? "server" : "client";
  const target = opener === "server" ? "client" : "server";
  const beyond = timeline.beyond(one);
  const refusal = timeline.errors.find(({ packet: { quoted } }) => {
    if (quoted === undefined || !isTcp(quoted)) return false;
    return [one, beyond].some(
      (wired) =>
        wired !== undefined &&
        quoted.destination === wired.target.address &&
        quoted.destinationPort === wired.target.port &&
        quoted.sourcePort === wired.opener.port,
    );
  });
  return {
    opener,
    isn: one.isn,
    near: wire(one, opener, target),
    ...(beyond === undefined || isControl(beyond) ? {} : { far: wire(beyond, opener, target) }),
    ...(refusal === undefined ? {} : { refusedBy: refusal.packet.source }),
  };
}
