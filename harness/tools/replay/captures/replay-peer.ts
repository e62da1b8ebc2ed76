/**
 * One end of a control connection as the capture had it: what it still has to send, and what it has
 * received by which step.
 *
 * @example
 * const peer = new ReplayPeer(events, 0);
 * peer.connected(connection, () => step);
 * peer.nextSegment(2); // at most two lines of the next thing that it sent
 */

import type { ScriptedConnection } from "../../../labs/sim/scripted-connection.ts";
import type { PeerEvent } from "./capture.ts";

const lineFeed = 0x0a;

interface Outgoing {
  readonly event: PeerEvent;
  bytes: Uint8Array;
}

export class ReplayPeer {
  /** False where the capture holds only the proxy's log. */
  readonly scripted: boolean;
  readonly received: number[] = [];
  ended = false;
  connection: ScriptedConnection | undefined;
  /** For each event of this connection: the step in which it was carried out or fulfilled. */
  readonly doneAt = new Map<PeerEvent, number>();
  readonly #events: readonly PeerEvent[];
  readonly #outgoing: Outgoing[];
  /** What was received in the capture, each with the number of bytes by then. */
  readonly #toReceive: { readonly event: PeerEvent; readonly by: number }[] = [];
  #step: () => number = () => 0;

  constructor(events: readonly PeerEvent[], connection: number) {
    this.#events = events.filter((event) => "connection" in event && event.connection === connection);
    this.scripted = this.#events.some((event) => event.kind === "send" || event.kind === "receive");
    let by = 0;
    for (const event of this.#events) {
      if (event.kind !== "receive") continue;
      by += event.bytes.length;
      this.#toReceive.push({ event, by });
    }
    this.#outgoing = this.#events.flatMap((event) => (event.kind === "send" ? segments(event) : []));
  }

  connected(connection: ScriptedConnection, step: () => number): void {
    this.connection = connection;
    this.#step = step;
    connection.handle({
      onData: (bytes) => {
        for (const byte of bytes) this.received.push(byte);
        this.#noteReceived();
      },
      onEnd: () => this.#noteEnd(),
      onClose: () => this.#noteEnd(),
    });
  }

  /** Everything that was received in the capture, and whether its end was seen. */
  get expected(): { readonly bytes: readonly number[]; readonly toTheEnd: boolean } {
    const bytes = this.#events.flatMap((event) => (event.kind === "receive" ? [...event.bytes] : []));
    return { bytes, toTheEnd: this.#events.some((event) => event.kind === "receive-end") };
  }

  /** The next bytes to send, cut after `lines` whole lines; undefined when there are none left. */
  nextSegment(lines: number): Uint8Array | undefined {
    const next = this.#outgoing[0];
    if (next === undefined) return undefined;
    const end = endOfLines(next.bytes, lines);
    const segment = next.bytes.subarray(0, end);
    next.bytes = next.bytes.subarray(end);
    this.doneAt.set(next.event, this.#step());
    if (next.bytes.length === 0) this.#outgoing.shift();
    return segment;
  }

  /** What it sent before it finished, not yet delivered: a fragment without a line's end. */
  restBeforeEnd(): Uint8Array[] {
    const end = this.#events.find((event) => event.kind === "finish" || event.kind === "reset");
    const before = end === undefined ? this.#events.length : this.#events.indexOf(end);
    const rest: Uint8Array[] = [];
    while (this.#outgoing[0] !== undefined && this.#events.indexOf(this.#outgoing[0].event) < before) {
      const segment = this.nextSegment(Number.POSITIVE_INFINITY);
      if (segment !== undefined) rest.push(segment);
    }
    if (end !== undefined) this.doneAt.set(end, this.#step());
    return rest;
  }

  #noteReceived(): void {
    for (let next = this.#toReceive[0]; next !== undefined; next = this.#toReceive[0]) {
      if (next.by > this.received.length) return;
      this.doneAt.set(next.event, this.#step());
      this.#toReceive.shift();
    }
  }

  #noteEnd(): void {
    if (this.ended) return;
    this.ended = true;
    for (const event of this.#events) if (event.kind === "receive-end") this.doneAt.set(event, this.#step());
  }
}

function segments(event: PeerEvent & { kind: "send" }): Outgoing[] {
  // The proxy's sockets do not take urgent data in line: that byte never reaches it. Capture abor-urgent-oob.
  if (event.how === "urgent") return [];
  if (event.how === "segment") return [{ event, bytes: event.bytes }];
  return [...event.bytes].map((byte) => ({ event, bytes: Uint8Array.of(byte) }));
}

function endOfLines(bytes: Uint8Array, lines: number): number {
  let end = 0;
  for (let line = 0; line < lines; line++) {
    const next = bytes.indexOf(lineFeed, end);
    if (next < 0) return bytes.length;
    end = next + 1;
    if (end === bytes.length) return end;
  }
  return end;
}
