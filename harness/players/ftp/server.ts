/**
 * A plain or quirky FTP server on any Host: a lab's, in virtual or real time, or the loopback address of this machine.
 * It accepts any user, serves several sessions at once, and speaks IPv4 and IPv6.
 *
 * @example
 * const server = await FtpServer.start(host, { address: "198.51.100.7", port: 21 }, quirk.behaviour);
 * server.close();
 */

import type { Connection, Endpoint, Host, Listener } from "../../../proxy/host.ts";
import { Files } from "../files.ts";
import { plainServer } from "./plain-server.ts";
import { type ServerBehaviour, ServerSession, type ServerWaits, type SessionOptions } from "./server-session.ts";

/**
 * vsftpd: accept_timeout and connect_timeout are 60 s; here less than a client's patience. OpenBSD's ftpd(8) -t: 15
 * minutes.
 */
const WAITS: ServerWaits = { dataMs: 30_000, commandMs: 900_000 };

export type ServerOptions = Partial<ServerWaits> & Pick<SessionOptions, "onVainDial" | "onLine">;

export class FtpServer {
  readonly files = new Files();
  readonly endpoint: Endpoint;
  readonly #listener: Listener;
  readonly #sessions = new Set<ServerSession>();

  private constructor(listener: Listener, endpoint: Endpoint) {
    this.#listener = listener;
    this.endpoint = endpoint;
  }

  /** Rejects with ConnectionError when the address cannot be bound. */
  static async start(
    host: Host,
    at: Endpoint,
    behaviour: ServerBehaviour = {},
    options: ServerOptions = {},
  ): Promise<FtpServer> {
    let server: FtpServer;
    const listener = await host.listen(at, (connection) => server.#accepts(host, connection, behaviour, options));
    server = new FtpServer(listener, { address: at.address, port: listener.local.port });
    return server;
  }

  #accepts(host: Host, connection: Connection, behaviour: ServerBehaviour, options: ServerOptions): void {
    const { onVainDial, onLine, ...waits } = options;
    const shared = { host, behaviour, files: this.files, plain: plainServer, onVainDial, onLine };
    const session = new ServerSession(connection, { ...shared, waits: { ...WAITS, ...waits } });
    this.#sessions.add(session);
    void session.serves().finally(() => this.#sessions.delete(session));
  }

  /** Closes the port and every session. */
  close(): void {
    this.#listener.close();
    for (const session of this.#sessions) session.leaves();
  }
}
