/**
 * One process of the proxy's benchmark: a server that answers every line, a bare TCP relay, or the
 * proxy with rules in memory. It reports its port when it listens, and its memory on request.
 *
 * @example
 * const child = fork("role.ts", ["proxy", "2121"]); // { port: 40123 }
 */

import { connect, createServer, type Server } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { startProxy } from "../../proxy/daemon.ts";
import { staySmall } from "../../proxy/node/daemonize.ts";
import { NodeHost } from "../../proxy/node/node-host.ts";
import { proxyOptions } from "../../proxy/options.ts";
import { AnchorTable } from "../../proxy/pf/packet-filter.ts";

const [role, target] = process.argv.slice(2);
const loopback = "127.0.0.1";

const greeting = "220 ready\r\n";
const answer = Buffer.from("200 ok\r\n");
const passive = Buffer.from("227 Entering Passive Mode (127,0,0,1,195,80)\r\n");

/** One answer for each line; the lines of one segment are answered in one segment. */
function serve(): Server {
  return createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.write(greeting);
    socket.on("data", (bytes) => {
      const lines = bytes.toString("latin1").split("\n").length - 1;
      const isPassive = bytes[0] === 0x50 && bytes[3] === 0x56;
      socket.write(isPassive ? passive : Buffer.concat(Array.from({ length: lines }, () => answer)));
    });
  });
}

function relay(port: number): Server {
  return createServer({ noDelay: true }, (client) => {
    const server = connect({ port, host: loopback, noDelay: true });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on("data", (bytes) => to.write(bytes));
      from.on("end", () => to.end());
      from.on("error", () => to.destroy());
    }
  });
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, loopback, resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function proxy(port: number): Promise<number> {
  staySmall();
  const host = new NodeHost({ log: () => {} });
  const listen = { address: loopback, port: 0 };
  const options = proxyOptions({
    pid: process.pid,
    listen,
    fixedServer: { address: loopback, port },
    maxSessions: 2000,
  });
  return (await startProxy(host, options, new AnchorTable())).local.port;
}

process.on("message", () => {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ rss, heapUsed: heapUsed + external });
});
process.on("disconnect", () => process.exit());

const port = Number(target);
process.send?.({
  port: role === "server" ? await listen(serve()) : role === "relay" ? await listen(relay(port)) : await proxy(port),
});
