/**
 * The port on which a client in active mode waits for its server.
 *
 * @example
 * const incoming = await Incoming.listens(host, { address: "10.0.0.5", port: 0 });
 * const data = await incoming.accepts(60_000);
 */

import type { Connection, Endpoint, Host, Listener } from "../../../proxy/host.ts";
import { Change } from "../../net/time/change.ts";
import { DataConnection } from "./data-connection.ts";
import { Failure, hang } from "./failure.ts";

export class Incoming {
  readonly endpoint: Endpoint;
  readonly #host: Host;
  readonly #listener: Listener;
  readonly #waiting: DataConnection[];
  readonly #change: Change;
  #closed = false;

  private constructor(host: Host, listener: Listener, address: string, waiting: DataConnection[], change: Change) {
    this.#host = host;
    this.#listener = listener;
    this.#waiting = waiting;
    this.#change = change;
    this.endpoint = { address, port: listener.local.port };
  }

  static async listens(host: Host, at: Endpoint): Promise<Incoming> {
    const waiting: DataConnection[] = [];
    const change = new Change();
    const listener = await host.listen(at, (connection: Connection) => {
      waiting.push(new DataConnection(host, connection));
      change.happened();
    });
    return new Incoming(host, listener, at.address, waiting, change);
  }

  /** The next connection. Rejects with Failure when none comes in time, or none can come since the port is closed. */
  async accepts(patienceMs: number): Promise<DataConnection> {
    await this.#change.until(() => this.#waiting.length > 0 || this.#closed, this.#host.clock, patienceMs);
    const data = this.#waiting.shift();
    if (data !== undefined) return data;
    throw this.#closed ? new Failure("other", "the data port is closed") : hang(patienceMs);
  }

  close(): void {
    this.#closed = true;
    this.#listener.close();
    for (const data of this.#waiting.splice(0)) data.closes();
    this.#change.happened();
  }
}
