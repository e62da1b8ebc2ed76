/**
 * One end of a control connection as the capture has it: the bytes still to send, those received so
 * far, and the step in which each event of the capture happened.
 *
 * @example
 * const peer = new ReplayPeer(events, 0);
 * peer.connected(connection, () => step);
 * peer.nextSegment(2); // at most two lines of the next segment to send
 */

import type { Connection } from "../../../../proxy/host.ts";
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
  connection: Connection | undefined;
  /** For each event of this connection: the step in which it was done. */
  readonly doneAt = new Map<PeerEvent, number>();
  readonly #events: readonly PeerEvent[];
  readonly #outgoing: Outgoing[];
  #step: () => number = () => 0;

  constructor(events: readonly PeerEvent[], connection: number) {
    this.#events = events.filter((event) => "connection" in event && event.connection === connection);
    this.scripted = this.#events.some((event) => event.kind === "send" || event.kind === "receive");
    this.#outgoing = this.#events.flatMap((event) => (event.kind === "send" ? segments(event) : []));
  }

  connected(connection: Connection, step: () => number): void {
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

  /** All bytes that the capture's peer received, and whether it saw the end. */
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
    this.#note(next.event);
    if (next.bytes.length === 0) this.#outgoing.shift();
    return segment;
  }

  /** The segments sent before it finished and not yet delivered, the last perhaps without a line's end. */
  restBeforeEnd(): Uint8Array[] {
    const end = this.#events.findIndex((event) => event.kind === "finish" || event.kind === "reset");
    const before = this.#events.slice(0, end < 0 ? undefined : end);
    const rest: Uint8Array[] = [];
    while (this.#outgoing[0] !== undefined && before.includes(this.#outgoing[0].event)) {
      rest.push(this.nextSegment(Number.POSITIVE_INFINITY) as Uint8Array);
    }
    this.#note(this.#events[end]);
    return rest;
  }

  #note(event: PeerEvent | undefined): void {
    if (event !== undefined) this.doneAt.set(event, this.#step());
  }

  #noteReceived(): void {
    let by = 0;
    for (const event of this.#events) {
      if (event.kind !== "receive") continue;
      by += event.bytes.length;
      if (by > this.received.length) return;
      if (!this.doneAt.has(event)) this.#note(event);
    }
  }

  #noteEnd(): void {
    if (this.ended) return;
    this.ended = true;
    for (const event of this.#events) if (event.kind === "receive-end") this.#note(event);
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
  for (let line = 0; line < lines && end < bytes.length; line++) {
    const next = bytes.indexOf(lineFeed, end);
    if (next < 0) return bytes.length;
    end = next + 1;
  }
  return end;
}
