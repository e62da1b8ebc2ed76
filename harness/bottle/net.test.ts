/** The bottle's net against Node's own: a program sees the same events in both. */
import type * as nodeNet from "node:net";
import { describe, expect, test } from "vitest";
import { closed, hears, inBottles, inNode, type Log, listening, type Program, plain, watch } from "./parity.fixture.ts";

type Act = (socket: nodeNet.Socket, log: Log) => void;
const listens = (socket: nodeNet.Socket): void => void socket.resume();

/** Client and server talk; both are watched until both are closed. */
function dialogue(onServer: Act, onClient: Act, serverOptions: nodeNet.ServerOpts = {}): Program {
  return async ({ client, server: { net }, address }, log) => {
    const server = net.createServer(serverOptions);
    const port = await listening(server, address);
    const accepted = new Promise<void>((resolve) => {
      server.once("connection", (socket) => {
        void watch(log, "server", socket).then(resolve);
        onServer(socket, log);
      });
    });
    const socket = client.net.connect({ port, host: address });
    const gone = watch(log, "client", socket);
    onClient(socket, log);
    await Promise.all([accepted, gone]);
    await closed(server);
    log("server", "stopped", server.listening, server.address());
  };
}

const programs: Readonly<Record<string, Program>> = {
  "the client ends, the server follows": dialogue(
    (socket, log) => hears("server", socket, log),
    (socket, log) => {
      hears("client", socket, log);
      socket.end("hello");
    },
  ),
  "the server ends first": dialogue(
    (socket) => void socket.end("220 and goodbye\r\n").resume(),
    (socket, log) => hears("client", socket, log),
  ),
  "a half-open server answers after the client's end": dialogue(
    (socket, log) => {
      hears("server", socket, log);
      socket.on("end", () => socket.end("late answer"));
    },
    (socket, log) => {
      hears("client", socket, log);
      socket.end("question");
    },
    { allowHalfOpen: true },
  ),
  "the client destroys its socket": dialogue(listens, (socket) => void socket.once("connect", () => socket.destroy())),
  "the client destroys with an error": dialogue(
    listens,
    (socket) => void socket.once("connect", () => socket.destroy(new Error("enough"))),
  ),
  "the client resets": dialogue(
    (socket) => void socket.resume().write("x"),
    (socket) => void socket.once("data", () => socket.resetAndDestroy()),
  ),
  "a paused server socket gives its data when it is resumed": dialogue(
    (socket, log) => {
      hears("server", socket, log);
      log("server", "paused", socket.isPaused());
      socket.write("220\r\n", () => socket.resume());
    },
    (socket, log) => {
      hears("client", socket, log);
      socket.once("data", () => socket.end("NOOP\r\n"));
    },
    { pauseOnConnect: true },
  ),
  // Whether `drain` comes before `ready` depends on the size of the kernel's buffers: the client logs only the rest.
  "a writer gets `drain` when all has been taken": async ({ client, server: { net }, address }, log) => {
    let bytes = 0;
    const server = net.createServer((socket) => {
      socket.on("data", (piece) => {
        bytes += piece.length;
      });
      socket.on("end", () => log("server", "bytes", bytes, socket.bytesRead));
    });
    const socket = client.net.connect(await listening(server, address), address);
    log("client", "took all at once", socket.write(Buffer.alloc(3_000_000)));
    socket.once("drain", () => {
      log("client", "drain", socket.bytesWritten, socket.writableLength);
      socket.end();
    });
    await new Promise((resolve) => socket.once("close", resolve));
    log("client", "close", bytes, socket.bytesWritten);
    await closed(server);
  },
  "a silent socket times out once, and stays open": dialogue(listens, (socket, log) => {
    socket.setTimeout(50, () => {
      log("client", "timeout handler", socket.destroyed, socket.timeout);
      socket.end();
    });
  }),
  "a write after destroy is an error": dialogue(listens, (socket, log) => {
    socket.once("connect", () => {
      socket.destroy();
      socket.write("x", (error) => log("client", "write", plain(error)));
    });
  }),
  "a refused connection": async ({ client, server, address }, log) => {
    const probe = server.net.createServer();
    const port = await listening(probe, address);
    await closed(probe);
    const socket = client.net.connect(port, address);
    socket.on("error", (error: NodeJS.ErrnoException & { address?: string; port?: number }) => {
      const says = error.message === `connect ECONNREFUSED ${address}:${port}`;
      log("client", "says", says, error.address === address, error.port === port);
    });
    log("client", "state", socket.connecting, socket.pending, socket.readyState, socket.remoteAddress);
    await watch(log, "client", socket);
    log("client", "state", socket.connecting, socket.pending, socket.readyState, socket.destroyed);
  },
  "a port in use": async ({ server: { net }, address }, log) => {
    const first = net.createServer();
    const port = await listening(first, address);
    const second = net.createServer();
    await new Promise<void>((resolve) => {
      second.on("error", (error: NodeJS.ErrnoException) => {
        const says = error.message === `listen EADDRINUSE: address already in use ${address}:${port}`;
        log("server", "error", plain(error), says);
        resolve();
      });
      second.listen(port, address);
    });
    await closed(first);
    await new Promise<void>((resolve) => second.close((error) => resolve(log("server", "second", plain(error)))));
  },
  "a server closes after its last connection": async ({ client, server: { net }, address }, log) => {
    const server = net.createServer((socket) => void socket.resume());
    const port = await listening(server, address);
    const accepted = new Promise((resolve) => server.once("connection", resolve));
    const socket = client.net.connect(port, address);
    await accepted;
    const done = closed(server).then(() => log("server", "closed"));
    socket.once("close", () => log("server", "client is gone"));
    server.getConnections((_error, count) => {
      log("server", "connections", count);
      socket.end();
    });
    await done;
  },
  "one connection too many is dropped": async ({ client, server: { net }, address }, log) => {
    const server = net.createServer((socket) => void socket.on("error", () => {}).resume());
    server.maxConnections = 1;
    server.on("drop", () => log("server", "drop"));
    const port = await listening(server, address);
    const accepted = new Promise((resolve) => server.once("connection", resolve));
    const first = client.net.connect(port, address);
    await accepted;
    const second = client.net.connect(port, address);
    second.on("error", () => {}).resume();
    await new Promise((resolve) => second.once("close", resolve));
    log("client", "first still open", !first.destroyed);
    first.end();
    await closed(server);
  },
  "a server without an address shows IPv4 peers in IPv6's form": async ({ client, server: { net }, address }, log) => {
    const server = net.createServer();
    await new Promise<void>((resolve) => void server.listen(0, () => resolve()));
    const { port, ...where } = server.address() as nodeNet.AddressInfo;
    log("server", where);
    const accepted = new Promise<nodeNet.Socket>((resolve) => server.once("connection", resolve));
    const socket = client.net.connect(port, address);
    const { remoteAddress, remoteFamily, localAddress } = await accepted;
    log("server", remoteAddress?.startsWith("::ffff:"), remoteFamily, localAddress === `::ffff:${address}`);
    socket.end();
    await closed(server);
  },
  "bytes written before the handshake arrive after it": dialogue(
    (socket, log) => {
      let text = "";
      socket.on("data", (bytes) => {
        text += bytes.toString();
      });
      socket.on("end", () => log("server", "got", text));
    },
    (socket) => {
      socket.write("USER ");
      socket.write("ftp");
      socket.end("\r\n");
      socket.resume();
    },
  ),
};

describe.each(Object.entries(programs))("%s", (_name, program) => {
  test("happens in a bottle as it happens in Node", async () => {
    expect(await inBottles(program)).toEqual(await inNode(program));
  });
});
