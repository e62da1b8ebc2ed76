/** The bottle's tls against Node's own: a program sees the same events in both. */
import type * as nodeNet from "node:net";
import type * as nodeTls from "node:tls";
import { describe, expect, test } from "vitest";
import { RIGHT, twoHosts } from "../labs/sim/two-hosts.fixture.ts";
import { DEFAULT_START_MS } from "../net/time/clock.ts";
import { openBottle } from "./bottle.ts";
import { closed, hears, inBottles, inNode, type Log, listening, type Program, watch } from "./parity.fixture.ts";
import { testCertificate } from "./test-certificate.ts";

const secureDialogue =
  (trust: nodeTls.ConnectionOptions, act: (socket: nodeTls.TLSSocket, log: Log) => void): Program =>
  async ({ client, server: { tls }, address }, log) => {
    const server = tls.createServer(testCertificate);
    const port = await listening(server, address);
    const accepted = new Promise<void>((resolve) => {
      server.once("tlsClientError", (error) => {
        log("server", "tlsClientError", (error as NodeJS.ErrnoException).code);
        resolve();
      });
      server.once("secureConnection", (socket) => {
        log("server", "secure", socket.getProtocol(), socket.encrypted);
        void watch(log, "server", socket).then(resolve);
        hears("server", socket, log);
        socket.on("end", () => socket.end("bye"));
      });
    });
    const socket = client.tls.connect({ port, host: address, servername: "ftp.example.test", ...trust });
    const gone = watch(log, "client", socket);
    act(socket, log);
    await Promise.all([accepted, gone]);
    await closed(server);
  };

const programs: Readonly<Record<string, Program>> = {
  "a TLS dialogue": secureDialogue({ ca: testCertificate.cert }, (socket, log) => {
    hears("client", socket, log);
    socket.once("secureConnect", () => {
      log("client", "authorized", socket.authorized, socket.getPeerCertificate().subject.CN);
      socket.end("hello");
    });
  }),
  "a certificate that the client does not trust": secureDialogue({}, (socket) => void socket.resume()),
  "a TLS socket that times out": secureDialogue({ rejectUnauthorized: false }, (socket, log) => {
    hears("client", socket, log);
    socket.setTimeout(100, () => socket.end("slow"));
  }),
};

describe.each(Object.entries(programs))("%s", (_name, program) => {
  test("happens in a bottle as it happens in Node", async () => {
    expect(await inBottles(program)).toEqual(await inNode(program));
  });
});

test("TLS takes no virtual time itself: TCP's handshake is one round trip, TLS 1.3's another", async () => {
  const hosts = twoHosts({ link: { latencyMs: 40 } });
  const server = openBottle(hosts.right).require("tls") as typeof nodeTls;
  const client = openBottle(hosts.left).require("tls") as typeof nodeTls;
  const started = hosts.clock.microseconds();
  const times: Record<string, number> = {};
  const note = (what: string): void => {
    times[what] = (hosts.clock.microseconds() - started) / 1000;
  };
  await hosts.play(async () => {
    const listener = server.createServer(testCertificate, (socket) => void socket.end("220"));
    await new Promise<void>((resolve) => void listener.listen(990, RIGHT.inet, resolve));
    const socket = client.connect({ port: 990, host: RIGHT.inet, rejectUnauthorized: false });
    socket.once("connect", () => note("connect"));
    socket.once("secureConnect", () => note("secureConnect"));
    socket.once("data", () => note("data"));
    await new Promise((resolve) => socket.once("end", resolve));
  });
  expect(times).toEqual({ connect: 80, secureConnect: 160, data: 240 });
});

test("a server gives up a silent client after the handshake's two minutes", async () => {
  const hosts = twoHosts();
  const tls = openBottle(hosts.right).require("tls") as typeof nodeTls;
  const net = openBottle(hosts.left).require("net") as typeof nodeNet;
  const error = await hosts.play(
    new Promise<NodeJS.ErrnoException>((resolve) => {
      const server = tls.createServer(testCertificate);
      server.once("tlsClientError", resolve);
      server.listen(990, RIGHT.inet, () => void net.connect(990, RIGHT.inet));
    }),
  );
  expect(error.code).toBe("ERR_TLS_HANDSHAKE_TIMEOUT");
  expect(hosts.clock.now() - DEFAULT_START_MS).toBe(120_000);
});
