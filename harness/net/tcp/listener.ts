/**
 * A TCP port that waits for connections. The backlog limits half-open ones: beyond it SYNs are dropped, and the
 * peer tries again.
 *
 * @example
 * listeners.get(listenerKey("198.51.100.7", 21)) ?? listeners.get(listenerKey(undefined, 21));
 */

import type { Endpoint } from "../../../proxy/host.ts";
import type { TcpConnection } from "./connection.ts";

export interface TcpListener {
  /** Absent: every address of the families. */
  readonly address: string | undefined;
  readonly port: number;
  readonly backlog: number;
  readonly accept: (connection: TcpConnection) => void;
  /** In SYN_RECEIVED. */
  readonly halfOpen: Set<TcpConnection>;
}

/** listen(2): SOMAXCONN on OpenBSD. */
export const DEFAULT_BACKLOG = 128;

export const listenerKey = (address: string | undefined, port: number): string => `${address ?? "*"} ${port}`;

export const connectionKey = (local: Endpoint, remote: Endpoint): string =>
  `${local.address} ${local.port} ${remote.address} ${remote.port}`;
