import { expect, test } from "vitest";
import { Body, FRAME } from "../protocol/frame.ts";
import type { Channels } from "./channel.ts";
import { AgentConnection } from "./connections.ts";

const agent: Channels = { canUrgent: false, open: (_, id = 1) => id, send: () => {} };

test("what comes in one breath with BOUND is told to whoever takes over when the attempt is under way", async () => {
  const connection = new AgentConnection(agent, 1, { address: "192.0.2.7", port: 21 });
  const told: string[] = [];
  connection.handle({ onClose: () => {} });
  const takenOver = connection.attempted?.then(() =>
    connection.handle({
      onConnect: () => told.push("connected"),
      onData: (bytes) => told.push(new TextDecoder().decode(bytes)),
    }),
  );
  await Promise.resolve();
  connection.receive(FRAME.bound, new Body().text("192.0.2.1").u16(40_001).bytes());
  connection.receive(FRAME.connected, new Uint8Array(0));
  connection.receive(FRAME.data, new TextEncoder().encode("220 ready\r\n"));
  await takenOver;
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(["connected", "220 ready\r\n"]);
});

test("a reader that pauses still hears of the handshake and of room, and of the rest when it reads on", async () => {
  const connection = new AgentConnection(agent, 1, { address: "192.0.2.7", port: 21 });
  const told: string[] = [];
  connection.pause();
  connection.handle({
    onConnect: () => told.push("connected"),
    onData: (bytes) => told.push(new TextDecoder().decode(bytes)),
    onDrain: () => told.push("drain"),
    onEnd: () => told.push("end"),
    onClose: () => told.push("closed"),
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  connection.receive(FRAME.bound, new Body().text("192.0.2.1").u16(40_001).bytes());
  connection.receive(FRAME.connected, new Uint8Array(0));
  connection.receive(FRAME.data, new TextEncoder().encode("220 ready\r\n"));
  const LONG = 200_000;
  expect(connection.write(new Uint8Array(LONG))).toBe(false);
  connection.receive(FRAME.credit, new Body().u32(LONG).bytes());
  connection.receive(FRAME.end, new Uint8Array(0));
  connection.closed("", "");
  await settled();
  expect(told).toEqual(["connected", "drain"]);
  connection.resume();
  await settled();
  expect(told).toEqual(["connected", "drain", "220 ready\r\n", "end", "closed"]);
});
