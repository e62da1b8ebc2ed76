/**
 * A scripted player's end of a control connection: waits for lines and bytes. Every wait has a limit; a line that does
 * not come becomes a Deviation.
 *
 * Bytes are shown and compared as Latin-1, so each byte is one character.
 *
 * @example
 * await channel.line("a 227 reply", 60_000); // "227 Entering Passive Mode (198,51,100,7,197,123)"
 */

import type { Clock, Connection, ConnectionError } from "../../../proxy/host.ts";
import { Deviation } from "../../contract/script.ts";
import { Change } from "../../net/time/change.ts";

/** Longer than any round trip or retransmission of the labs, shorter than a play's limit. */
export const PATIENCE_MS = 60_000;

export const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

export const toText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

/** Telnet commands leave the line, a doubled IAC is one byte of it (RFC 854). */
export const withoutTelnet = (line: string): string =>
  line.replace(/\xff(?:[\xfb-\xfe].|.)/gs, (command) => (command === "\xff\xff" ? "\xff" : ""));

type Ending = { readonly kind: "closed" } | { readonly kind: "reset" | "failed"; readonly error: ConnectionError };

export class ControlChannel {
  readonly connection: Connection;
  readonly #clock: Clock;
  #received = "";
  #ending: Ending | undefined;
  #urgent: number[] = [];
  readonly #change = new Change();
  /** Called after bytes have come. */
  onArrival: (() => void) | undefined;

  /** `before`: what came before. */
  constructor(
    connection: Connection,
    clock: Clock,
    before?: { readonly received: Uint8Array; readonly ended: boolean },
  ) {
    this.connection = connection;
    if (before !== undefined) this.#received = toText(before.received);
    if (before?.ended === true) this.#ending = { kind: "closed" };
    this.#clock = clock;
    connection.handle({
      onData: (bytes) => {
        this.#received += toText(bytes);
        this.#change.happened();
        this.onArrival?.();
      },
      onUrgent: (byte) => {
        this.#urgent.push(byte);
        this.#change.happened();
      },
      onEnd: () => this.#end({ kind: "closed" }),
      onClose: (error) =>
        this.#end(
          error === undefined ? { kind: "closed" } : { kind: error.code === "ECONNRESET" ? "reset" : "failed", error },
        ),
    });
  }

  /** Urgent bytes (MSG_OOB) that have come, apart from the stream. */
  get urgent(): readonly number[] {
    return this.#urgent;
  }

  /** Received bytes that no `line` has taken yet. */
  get unread(): string {
    return this.#received;
  }

  /** The peer has sent FIN, or the connection is gone. */
  get ended(): boolean {
    return this.#ending !== undefined;
  }

  /** The next line up to LF, without its CR LF. A bare LF stays. */
  async line(expected: string, patienceMs = PATIENCE_MS): Promise<string> {
    await this.#until(() => this.#received.includes("\n"), expected, patienceMs);
    const end = this.#received.indexOf("\n") + 1;
    const line = this.#received.slice(0, end);
    this.#received = this.#received.slice(end);
    return line.replace(/\r\n$/, "");
  }

  /** The next `count` bytes. */
  async bytes(count: number, expected: string, patienceMs = PATIENCE_MS): Promise<string> {
    await this.#until(() => this.#received.length >= count, expected, patienceMs);
    const bytes = this.#received.slice(0, count);
    this.#received = this.#received.slice(count);
    return bytes;
  }

  /** Waits until the peer ends the connection. Unread bytes deviate. */
  async close(patienceMs = PATIENCE_MS): Promise<"closed" | "reset"> {
    const expected = "the connection to be closed";
    await this.#wait(() => this.#ending !== undefined || this.#received !== "", patienceMs);
    if (this.#received !== "") throw new Deviation("still-open", expected, show(this.#received));
    if (this.#ending === undefined) throw new Deviation("still-open", expected, "an open connection, silent");
    return this.#ending.kind === "closed" ? "closed" : "reset";
  }

  /** Waits so long, or until bytes come: returns these, unread. The end of the connection deviates. */
  async silence(milliseconds: number): Promise<string | undefined> {
    await this.#wait(() => this.#ending !== undefined || this.#received !== "", milliseconds);
    if (this.#received !== "") return this.#received;
    if (this.#ending !== undefined) throw this.#endDeviation(`silence for ${milliseconds / 1000} s`);
    return undefined;
  }

  async #until(arrived: () => boolean, expected: string, patienceMs: number): Promise<void> {
    await this.#wait(() => arrived() || this.#ending !== undefined, patienceMs);
    if (arrived()) return;
    if (this.#ending !== undefined) throw this.#endDeviation(expected);
    const got = this.#received === "" ? "nothing" : `only ${show(this.#received)}`;
    throw new Deviation("silence", expected, `${got} for ${patienceMs / 1000} s`);
  }

  #endDeviation(expected: string): Deviation {
    const ending = this.#ending;
    return ending?.kind === "reset"
      ? new Deviation("reset", expected, "a reset of the control connection")
      : new Deviation("closed", expected, "the end of the control connection");
  }

  #end(ending: Ending): void {
    this.#ending ??= ending;
    this.#change.happened();
  }

  #wait(condition: () => boolean, milliseconds: number): Promise<void> {
    return this.#change.until(condition, this.#clock, milliseconds);
  }
}

/** `"227 …\r\n"` with C escapes. */
export const show = (text: string): string => JSON.stringify(text);
