/** The bottle's tls against Node's own: a program sees the same events in both. */
import type * as nodeTls from "node:tls";
import { describe, expect, test } from "vitest";
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
