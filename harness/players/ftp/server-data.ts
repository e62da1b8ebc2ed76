/**
 * The data connection that a server's client has asked for: a port on which the server waits, or one that it dials.
 *
 * @example
 * await data.listens(0); // PASV
 * const connection = await data.opens();
 */

import type { Connection, Endpoint, Host } from "../../../proxy/host.ts";
import { DataConnection } from "./data-connection.ts";
import { Failure } from "./failure.ts";
import { Incoming } from "./incoming.ts";

const FIRST_UNPRIVILEGED = 1_024;

export interface ServerDataOptions {
  readonly host: Host;
  /** For a connection to come, or to be answered. */
  readonly patienceMs: number;
  /** The port from which it dials. Default: one below its control port, 20 (RFC 959 §3.2). */
  readonly dialsFrom?: number | undefined;
  /** Hears that it dialled and did not get through. */
  readonly onVainDial?: (() => void) | undefined;
}

export class ServerData {
  readonly #options: ServerDataOptions;
  /** The server's end of the control connection. */
  readonly #local: Endpoint;
  #incoming: Incoming | undefined;
  #port = 0;
  #named: Endpoint | undefined;
  #connection: DataConnection | undefined;

  constructor(control: Connection, options: ServerDataOptions) {
    this.#local = control.local;
    this.#options = options;
  }

  /** The last port that it listened on, or 0. */
  get port(): number {
    return this.#port;
  }

  /** The address in the last PORT or EPRT. */
  get named(): Endpoint | undefined {
    return this.#named;
  }

  get isPassive(): boolean {
    return this.#incoming !== undefined;
  }

  /** Opens a port for one data connection; an earlier one closes. */
  async listens(port: number): Promise<void> {
    this.forgets();
    this.#incoming = await Incoming.listens(this.#options.host, { address: this.#local.address, port });
    this.#port = this.#incoming.endpoint.port;
  }

  dialsLater(to: Endpoint): void {
    this.forgets();
    this.#named = to;
  }

  /** Accepts or dials what was negotiated. Rejects with Failure when there is none in time. */
  async opens(): Promise<DataConnection> {
    if (this.#connection?.ended === false) return this.#connection;
    if (this.#named !== undefined) this.#connection = await this.#dials(this.#named);
    else if (this.#incoming !== undefined) this.#connection = await this.#incoming.accepts(this.#options.patienceMs);
    else throw new Failure("other", "no data connection was negotiated");
    return this.#connection;
  }

  /** From its data port; from any port where it cannot have that one, as pure-ftpd does. */
  async #dials(to: Endpoint): Promise<DataConnection> {
    const { host, patienceMs, dialsFrom, onVainDial } = this.#options;
    const { address, port: control } = this.#local;
    const dials = (port: number) => DataConnection.dials(host, { ...to, local: { address, port } }, patienceMs);
    const port = dialsFrom ?? (control < FIRST_UNPRIVILEGED ? control - 1 : 0);
    try {
      return await dials(port);
    } catch (error) {
      onVainDial?.();
      if (port === 0 || !(error instanceof Failure) || error.kind !== "port taken") throw error;
      return dials(0);
    }
  }

  /** Closes its port: who comes now is refused. */
  stopsListening(): void {
    this.#incoming?.close();
  }

  /** Forgets what was negotiated. */
  forgets(): void {
    this.stopsListening();
    this.#incoming = undefined;
    this.#named = undefined;
  }

  /** The transfer is over: the next one opens another connection. */
  finishes(): void {
    this.forgets();
    this.#connection = undefined;
  }

  closes(): void {
    this.forgets();
    this.#connection?.closes();
  }
}
