/**
 * A data connection of a plain or quirky peer in stream mode, where the sender's FIN ends the file (RFC 959 §3.4.1).
 *
 * @example
 * const data = await DataConnection.dials(host, { address, port }, 30_000);
 * const file = await data.receives(60_000);
 */

import type { Connection, ConnectionError, ConnectOptions, Host } from "../../../proxy/host.ts";
import { Change } from "../../net/time/change.ts";
import { Failure, failureOf, hang } from "./failure.ts";

export class DataConnection {
  readonly connection: Connection;
  readonly #host: Host;
  readonly #change = new Change();
  readonly #received: Uint8Array[] = [];
  #bytes = 0;
  #connected = false;
  #ended = false;
  #closed = false;
  #drained = true;
  #error: ConnectionError | undefined;

  constructor(host: Host, connection: Connection) {
    this.#host = host;
    this.connection = connection;
    const happened = (event: () => void) => {
      event();
      this.#change.happened();
    };
    connection.handle({
      onConnect: () => happened(() => (this.#connected = true)),
      onData: (bytes) =>
        happened(() => {
          this.#received.push(bytes);
          this.#bytes += bytes.length;
        }),
      onDrain: () => happened(() => (this.#drained = true)),
      onEnd: () => happened(() => (this.#ended = true)),
      onClose: (error) =>
        happened(() => {
          this.#ended = this.#closed = true;
          this.#error ??= error;
        }),
    });
  }

  /** Rejects with Failure when the connection is refused or not answered in time. */
  static async dials(host: Host, to: ConnectOptions, patienceMs: number): Promise<DataConnection> {
    const data = new DataConnection(host, host.connect(to));
    const since = host.clock.now();
    await data.#until(() => data.#connected || data.#closed, patienceMs);
    if (data.#connected) return data;
    const failure = failureOf(data.#error, host.clock.now() - since);
    data.connection.reset();
    throw failure;
  }

  /** Number of bytes that have come. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that have come so far. */
  get received(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#received));
  }

  /** Settles when the network has taken all bytes. Rejects with Failure when the peer does not take them. */
  async sends(bytes: Uint8Array, patienceMs: number): Promise<void> {
    this.#drained = this.connection.write(bytes);
    await this.#until(() => this.#drained || this.#closed, patienceMs);
    if (this.#error !== undefined) throw failureOf(this.#error, patienceMs);
    if (this.#closed) throw new Failure("closed", "connection closed");
    if (!this.#drained) throw hang(patienceMs);
  }

  /** Waits for the peer's FIN; returns all bytes. Rejects with Failure on a reset, or when none comes for so long. */
  async receives(patienceMs: number): Promise<Uint8Array> {
    for (;;) {
      const before = this.#received.length;
      await this.#until(() => this.#ended || this.#received.length > before, patienceMs);
      if (this.#error !== undefined) throw failureOf(this.#error, patienceMs);
      if (this.#ended) return this.received;
      if (this.#received.length === before) throw hang(patienceMs);
    }
  }

  /** At least so many bytes have come, or the end. */
  async has(count: number, patienceMs: number): Promise<void> {
    await this.#until(() => this.bytes >= count || this.#ended, patienceMs);
  }

  /** FIN after what was sent. */
  ends(): void {
    this.connection.end();
  }

  closes(): void {
    this.connection.close();
  }

  /** Whoever waits for bytes of it fails. */
  resets(): void {
    this.#ended = this.#closed = true;
    this.connection.reset();
    this.#change.happened();
  }

  /** The peer is gone, or has sent its FIN. */
  get ended(): boolean {
    return this.#ended;
  }

  #until(condition: () => boolean, milliseconds: number): Promise<void> {
    return this.#change.until(condition, this.#host.clock, milliseconds);
  }
}
