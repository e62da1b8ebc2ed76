/**
 * TCP connections as they cross one network of the firewall: who opened them, how they ended, which bytes went
 * through. Takes packets, returns events, decides nothing.
 *
 * A play may use the same ports again. A SYN with another sequence number opens a new connection; late packets of the
 * one before (copies of its SYN, acknowledgements, resets) do not belong to it.
 */

import { createHash, type Hash } from "node:crypto";
import type { Endpoint } from "../../../proxy/host.ts";
import type { LabEvent } from "../../contract/lab.ts";
import { TCP_FLAG, type TcpPacket } from "../../pf/packet.ts";
import { TcpStream } from "./tcp-stream.ts";

export type Network = "inside" | "outside";
type PacketEvent = Extract<LabEvent, { kind: "packet" }>;

type Terminal = "opener" | "target";
export type ConnectionState = "opening" | "open" | "refused" | "closed" | "reset";

interface OneWay {
  readonly stream: TcpStream;
  readonly hash: Hash;
  bytes: number;
}

/** One end of a connection finishes (FIN, and every byte before it) or resets it. */
export interface ConnectionEnd {
  readonly by: Terminal;
  readonly how: "finished" | "reset";
  readonly atMs: number;
}

/** One connection on one network, with the addresses that this network sees. */
export interface ObservedConnection {
  readonly network: Network;
  readonly opener: Endpoint;
  readonly target: Endpoint;
  /** Initial sequence number of the opener: the firewall keeps it on the other network. */
  readonly isn: number;
  readonly openedAtMs: number;
  state: ConnectionState;
  readonly toTarget: OneWay;
  readonly toOpener: OneWay;
  /** In order of time: who hung up is the first. */
  readonly ends: ConnectionEnd[];
}

interface Of {
  readonly connection: ObservedConnection;
  readonly atMs: number;
}

export type ConnectionEvent =
  | (Of & { readonly kind: "syn" | "opened" })
  /** `by`: the end that sent the RST, or the first FIN. */
  | (Of & { readonly kind: "refused" | "closed" | "reset" | "half-closed"; readonly by: Terminal })
  | (Of & {
      readonly kind: "bytes";
      readonly to: Terminal;
      readonly bytes: Uint8Array;
      /** Offsets of urgent bytes among them. */
      readonly urgentAt: readonly number[];
    });

/** Excludes packets of an earlier connection between the same ends, by acknowledgement or else by sequence number. */
const isOf = (packet: TcpPacket, own: OneWay, opposite: OneWay): boolean =>
  (packet.flags & TCP_FLAG.A) !== 0 ? opposite.stream.mayHave(packet.ack) : own.stream.mayHave(packet.seq + 1);

const oneWay = (): OneWay => ({ stream: new TcpStream(), hash: createHash("sha256"), bytes: 0 });

export class ObservedConnections {
  /** The latest between each pair of ends. */
  readonly #latest = new Map<string, ObservedConnection>();
  readonly #opened = new Set<string>();
  readonly all: ObservedConnection[] = [];

  /** Takes a packet; returns what it meant. */
  add(event: PacketEvent): ConnectionEvent[] {
    const { packet, network, atMs } = event;
    if (!("flags" in packet)) return [];
    const from = `${packet.source}|${packet.sourcePort}`;
    const to = `${packet.destination}|${packet.destinationPort}`;
    const isSyn = (packet.flags & (TCP_FLAG.S | TCP_FLAG.A)) === TCP_FLAG.S;
    const key = `${network}|${from}|${to}`;
    const onward = this.#latest.get(key);
    const backward = this.#latest.get(`${network}|${to}|${from}`);
    if (isSyn && !this.#opened.has(`${key}|${packet.seq}`)) {
      return [{ kind: "syn", connection: this.#open(event, packet, key), atMs }];
    }
    if (isSyn && onward?.isn !== packet.seq) return [];
    if (onward !== undefined && isOf(packet, onward.toTarget, onward.toOpener)) {
      return advance(onward, "target", packet, atMs);
    }
    if (backward !== undefined && isOf(packet, backward.toOpener, backward.toTarget)) {
      return advance(backward, "opener", packet, atMs);
    }
    return [];
  }

  #open(event: PacketEvent, packet: TcpPacket, key: string): ObservedConnection {
    const connection: ObservedConnection = {
      network: event.network,
      opener: { address: packet.source, port: packet.sourcePort },
      target: { address: packet.destination, port: packet.destinationPort },
      isn: packet.seq,
      openedAtMs: event.atMs,
      state: "opening",
      toTarget: oneWay(),
      toOpener: oneWay(),
      ends: [],
    };
    connection.toTarget.stream.add(packet);
    this.#latest.set(key, connection);
    this.#opened.add(`${key}|${packet.seq}`);
    this.all.push(connection);
    return connection;
  }
}

/** The connection's next state, from a packet towards one of its ends. */
function advance(connection: ObservedConnection, to: Terminal, packet: TcpPacket, atMs: number): ConnectionEvent[] {
  const { toTarget, toOpener, state } = connection;
  const by = to === "target" ? "opener" : "target";
  if ((packet.flags & TCP_FLAG.R) !== 0) {
    connection.ends.push({ by, how: "reset", atMs });
    if (state !== "opening" && state !== "open") return [];
    connection.state = state === "opening" ? "refused" : "reset";
    return [{ kind: connection.state, connection, atMs, by }];
  }
  const events: ConnectionEvent[] = [];
  if (state === "opening" && to === "opener" && (packet.flags & TCP_FLAG.S) !== 0) {
    connection.state = "open";
    events.push({ kind: "opened", connection, atMs });
  }
  const way = to === "target" ? toTarget : toOpener;
  const wasFinished = way.stream.finished;
  for (const { bytes, urgentAt } of way.stream.add(packet)) {
    way.hash.update(bytes);
    way.bytes += bytes.length;
    events.push({ kind: "bytes", connection, atMs, to, bytes, urgentAt });
  }
  if (wasFinished || !way.stream.finished) return events;
  connection.ends.push({ by, how: "finished", atMs });
  if (connection.state === "open") {
    const closed = toTarget.stream.finished && toOpener.stream.finished;
    if (closed) connection.state = "closed";
    events.push({ kind: closed ? "closed" : "half-closed", connection, atMs, by: connection.ends[0]?.by ?? by });
  }
  return events;
}

/** SHA-256 of the bytes that have gone one way so far, in hex. */
export const digest = (way: OneWay): string => way.hash.copy().digest("hex");
