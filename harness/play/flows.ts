/**
 * TCP connections as they cross one network of the firewall: who opened them, what became of them,
 * what went through. Fed with packets, it tells of events; it decides nothing.
 *
 * The same ports may be used again within a play. A SYN with another sequence number opens a new connection; what comes
 * late of the one before, copies of its SYN, acknowledgements, resets, is no part of the new one.
 */

import { createHash, type Hash } from "node:crypto";
import type { LabEvent } from "../contract/lab.ts";
import { TCP_FLAG, type TcpPacket } from "../pf/packet.ts";
import { TcpStream } from "./tcp-stream.ts";

export type Network = "inside" | "outside";
type PacketEvent = Extract<LabEvent, { kind: "packet" }>;

export type FlowState = "opening" | "open" | "refused" | "closed" | "reset";

interface HalfFlow {
  readonly stream: TcpStream;
  readonly hash: Hash;
  bytes: number;
}

/** One connection on one network. `opener` and `target` are `address:port` as that network sees them. */
export interface Flow {
  readonly number: number;
  readonly network: Network;
  readonly opener: { readonly address: string; readonly port: number };
  readonly target: { readonly address: string; readonly port: number };
  /** Initial sequence number of the opener: the same packet on the other network has it too. */
  readonly isn: number;
  readonly openedAtMs: number;
  state: FlowState;
  readonly toTarget: HalfFlow;
  readonly toOpener: HalfFlow;
}

export type FlowEvent =
  | { readonly kind: "syn"; readonly flow: Flow; readonly atMs: number }
  | {
      readonly kind: "opened" | "refused" | "closed" | "reset" | "half-closed";
      readonly flow: Flow;
      readonly atMs: number;
    }
  | {
      readonly kind: "bytes";
      readonly flow: Flow;
      readonly atMs: number;
      readonly to: "target" | "opener";
      readonly bytes: Uint8Array;
      /** Places of urgent bytes among them. */
      readonly urgentAt: readonly number[];
    };

/** Not of an earlier connection between the same ends: acknowledgements tell, else a packet's own number. */
const isOf = (packet: TcpPacket, own: HalfFlow, opposite: HalfFlow): boolean =>
  (packet.flags & TCP_FLAG.A) !== 0 ? opposite.stream.mayHave(packet.ack) : own.stream.mayHave(packet.seq + 1);

const half = (): HalfFlow => ({ stream: new TcpStream(), hash: createHash("sha256"), bytes: 0 });

export class Flows {
  /** The latest of each pair of ends. */
  readonly #flows = new Map<string, Flow>();
  readonly #opened = new Set<string>();
  readonly all: Flow[] = [];

  /** Takes a packet event; tells what it meant. */
  add(event: PacketEvent): FlowEvent[] {
    const { packet, network, atMs } = event;
    if (!("flags" in packet)) return [];
    const from = `${packet.source}|${packet.sourcePort}`;
    const to = `${packet.destination}|${packet.destinationPort}`;
    const isSyn = (packet.flags & (TCP_FLAG.S | TCP_FLAG.A)) === TCP_FLAG.S;
    const key = `${network}|${from}|${to}`;
    const forward = this.#flows.get(key);
    const backward = this.#flows.get(`${network}|${to}|${from}`);
    if (isSyn && !this.#opened.has(`${key}|${packet.seq}`)) {
      return [{ kind: "syn", flow: this.#open(event, packet, key), atMs }];
    }
    if (isSyn && forward?.isn !== packet.seq) return [];
    if (forward !== undefined && isOf(packet, forward.toTarget, forward.toOpener)) {
      return this.#advance(forward, "target", packet, atMs);
    }
    if (backward !== undefined && isOf(packet, backward.toOpener, backward.toTarget)) {
      return this.#advance(backward, "opener", packet, atMs);
    }
    return [];
  }

  #open(event: PacketEvent, packet: TcpPacket, key: string): Flow {
    const flow: Flow = {
      number: this.all.length + 1,
      network: event.network,
      opener: { address: packet.source, port: packet.sourcePort },
      target: { address: packet.destination, port: packet.destinationPort },
      isn: packet.seq,
      openedAtMs: event.atMs,
      state: "opening",
      toTarget: half(),
      toOpener: half(),
    };
    flow.toTarget.stream.add(packet);
    this.#flows.set(key, flow);
    this.#opened.add(`${key}|${packet.seq}`);
    this.all.push(flow);
    return flow;
  }

  #advance(flow: Flow, to: "target" | "opener", packet: TcpPacket, atMs: number): FlowEvent[] {
    const events: FlowEvent[] = [];
    const become = (state: FlowState, kind: "opened" | "refused" | "closed" | "reset") => {
      flow.state = state;
      events.push({ kind, flow, atMs });
    };
    if ((packet.flags & TCP_FLAG.R) !== 0) {
      if (flow.state === "opening") become("refused", "refused");
      else if (flow.state === "open") become("reset", "reset");
      return events;
    }
    if (flow.state === "opening" && to === "opener" && (packet.flags & TCP_FLAG.S) !== 0) become("open", "opened");
    const direction = to === "target" ? flow.toTarget : flow.toOpener;
    const wasFinished = direction.stream.finished;
    for (const { bytes, urgentAt } of direction.stream.add(packet)) {
      direction.hash.update(bytes);
      direction.bytes += bytes.length;
      events.push({ kind: "bytes", flow, atMs, to, bytes, urgentAt });
    }
    if (!wasFinished && direction.stream.finished && flow.state === "open") {
      if (flow.toTarget.stream.finished && flow.toOpener.stream.finished) become("closed", "closed");
      else events.push({ kind: "half-closed", flow, atMs });
    }
    return events;
  }
}

/** SHA-256 of what has gone one way so far, hex. */
export const digest = (direction: HalfFlow): string => direction.hash.copy().digest("hex");
