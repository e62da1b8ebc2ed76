/**
 * One end of a control connection in a scripted player's hands: waits for lines, sends bytes,
 * segment by segment. Every wait has a limit; what did not come becomes a Deviation.
 *
 * Bytes are shown and compared as Latin-1, so that each byte is one character.
 */

import type { Clock, Connection, ConnectionError } from "../../../proxy/host.ts";
import { Deviation } from "../../contract/script.ts";

/** Longer than any round trip or retransmission of the labs, shorter than a play's own limit. */
export const PATIENCE_MS = 60_000;

export const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

export const toText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

type Ending = { readonly kind: "closed" } | { readonly kind: "reset" | "failed"; readonly error: ConnectionError };

export class ControlChannel {
  readonly connection: Connection;
  readonly #clock: Clock;
  #received = "";
  #ending: Ending | undefined;
  #urgent: number[] = [];
  #changed: (() => void) | undefined;

  constructor(connection: Connection, clock: Clock) {
    this.connection = connection;
    this.#clock = clock;
    connection.handle({
      onData: (bytes) => {
        this.#received += toText(bytes);
        this.#changed?.();
      },
      onUrgent: (byte) => {
        this.#urgent.push(byte);
        this.#changed?.();
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

  /** Everything that has come and that no `line` has taken. */
  get unread(): string {
    return this.#received;
  }

  /** The next line up to LF, without its CR LF; what ends in a bare LF keeps it. */
  async line(expected: string, patienceMs = PATIENCE_MS): Promise<string> {
    await this.#until(() => this.#received.includes("\n"), expected, patienceMs);
    const end = this.#received.indexOf("\n") + 1;
    const line = this.#received.slice(0, end);
    this.#received = this.#received.slice(end);
    return line.replace(/\r\n$/, "");
  }

  /** The next `count` bytes, whatever they are. */
  async bytes(count: number, expected: string, patienceMs = PATIENCE_MS): Promise<string> {
    await this.#until(() => this.#received.length >= count, expected, patienceMs);
    const bytes = this.#received.slice(0, count);
    this.#received = this.#received.slice(count);
    return bytes;
  }

  /** Waits until the peer ends the connection; anything that came before and was not read deviates. */
  async close(patienceMs = PATIENCE_MS): Promise<"closed" | "reset"> {
    const expected = "the connection to be closed";
    await this.#wait(() => this.#ending !== undefined || this.#received !== "", patienceMs);
    if (this.#received !== "") throw new Deviation("other-bytes", expected, show(this.#received));
    if (this.#ending === undefined) throw new Deviation("silence", expected, "an open connection, silent");
    return this.#ending.kind === "closed" ? "closed" : "reset";
  }

  /** Nothing comes for so long, and the connection stays. */
  async silence(milliseconds: number): Promise<void> {
    await this.#wait(() => this.#ending !== undefined || this.#received !== "", milliseconds);
    const expected = `silence for ${milliseconds / 1000} s`;
    if (this.#received !== "") throw new Deviation("other-bytes", expected, show(this.#received));
    if (this.#ending !== undefined) throw this.#endDeviation(expected);
  }

  async #until(arrived: () => boolean, expected: string, patienceMs: number): Promise<void> {
    await this.#wait(() => arrived() || this.#ending !== undefined, patienceMs);
    if (arrived()) return;
    if (this.#ending !== undefined) throw this.#endDeviation(expected);
    const so = this.#received === "" ? "nothing" : `only ${show(this.#received)}`;
    throw new Deviation("silence", expected, `${so} for ${patienceMs / 1000} s`);
  }

  #endDeviation(expected: string): Deviation {
    const ending = this.#ending;
    return ending?.kind === "reset"
      ? new Deviation("reset", expected, "a reset of the control connection")
      : new Deviation("closed", expected, "the end of the control connection");
  }

  #end(ending: Ending): void {
    this.#ending ??= ending;
    this.#changed?.();
  }

  /** Resolves when the condition holds or time is up; only one wait at a time. */
  #wait(condition: () => boolean, milliseconds: number): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#changed = undefined;
        timer.cancel();
        resolve();
      };
      const timer = this.#clock.after(milliseconds, done);
      this.#changed = () => {
        if (condition()) done();
      };
    });
  }
}

/** `"227 …\r\n"` with C escapes. */
export const show = (text: string): string => JSON.stringify(text);
