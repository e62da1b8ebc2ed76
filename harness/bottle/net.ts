/**
 * The bottle's `require("net")`: Node's module over one Host.
 *
 * @example
 * const net = createNet(inside);
 * net.connect(21, "198.51.100.7").on("data", show);
 */
import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";
import type { Inside } from "./inside.ts";
import { Server, type ServerOptions } from "./server.ts";
import { Socket, type SocketOptions } from "./socket.ts";

type OnConnection = (socket: Socket) => void;

export function createNet(inside: Inside) {
  class BottledSocket extends Socket {
    /** A socket that a server accepted is one too. */
    static override [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof Socket;
    }

    constructor(options?: SocketOptions) {
      super(inside, options);
    }
  }

  class BottledServer extends Server {
    constructor(options?: ServerOptions | OnConnection, onConnection?: OnConnection) {
      if (typeof options === "function") super(inside, {}, options);
      else super(inside, options ?? {}, onConnection);
    }
  }

  const connect = (...args: unknown[]): Socket => {
    const [options] = args;
    const socket = new BottledSocket(typeof options === "object" && options !== null ? options : {});
    return socket.connect(...args);
  };

  return {
    Socket: BottledSocket,
    Stream: BottledSocket,
    Server: BottledServer,
    BlockList,
    connect,
    createConnection: connect,
    createServer: (options?: ServerOptions | OnConnection, onConnection?: OnConnection) =>
      new BottledServer(options, onConnection),
    isIP,
    isIPv4,
    isIPv6,
  };
}

export type Net = ReturnType<typeof createNet>;
