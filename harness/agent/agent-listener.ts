/**
 * Listening sockets of the agent, ordinary ones and those for addresses that are not the host's own.
 */

import { createServer, type Server, type Socket } from "node:net";
import type { Endpoint } from "../../proxy/host.ts";

/** What Node's own sockets cannot do; see linux-sockets.ts. */
export interface TransparentSockets {
  /** A descriptor that listens with IP_TRANSPARENT. Throws an error with a code. */
  listenTransparently(address: string, port: number, backlog: number): number;
  /** Sends with MSG_OOB: the last byte is urgent. */
  sendUrgent(socket: Socket, bytes: Uint8Array): void;
  /** Closing it sends RST (SO_LINGER of no time). */
  abortOnClose(socket: Socket): void;
  /** Tells urgent bytes; answers how to stop. */
  watchUrgent(socket: Socket, urgent: (byte: number) => void): () => void;
  /** Bytes have come: an urgent one may be among them. */
  lookForUrgent(socket: Socket): void;
  /** What the kernel has against the socket and has not told yet: an errno's name. */
  pendingError(socket: Socket): string | undefined;
}

export interface ListenRequest {
  /** Empty: all addresses. */
  readonly address: string;
  readonly port: number;
  /** 0: the system's usual. */
  readonly backlog: number;
  readonly transparent: boolean;
}

export function listening(request: ListenRequest, special: TransparentSockets | undefined): Promise<Server> {
  const { address, port, backlog, transparent } = request;
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const done = () => {
      server.off("error", reject);
      // A failed accept(2): Node goes on.
      server.on("error", () => {});
      resolve(server);
    };
    if (transparent) {
      if (special === undefined) throw Object.assign(new Error("needs IP_TRANSPARENT"), { code: "EOPNOTSUPP" });
      server.listen({ fd: special.listenTransparently(address, port, backlog || 128) }, done);
      return;
    }
    const host = address !== "" && { host: address, ipv6Only: address.includes(":") };
    server.listen({ port, exclusive: true, ...host, ...(backlog > 0 && { backlog }) }, done);
  });
}

/** Where a server listens, as far as Node knows. */
export function addressless(server: Server): Endpoint | undefined {
  const address = server.address();
  if (typeof address !== "object" || address === null) return undefined;
  return { address: plainAddress(address.address), port: address.port };
}

export const endpointOf = (address: string, port: number): Endpoint => ({ address, port });

/** Without a scope id, and IPv4 as IPv4 where a socket serves both families. */
export const plainAddress = (address: string | undefined): string =>
  (address ?? "").replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/, "");
