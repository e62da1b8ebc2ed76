import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { NodeConnection } from "./node-connection.ts";

/** A connection on a stream in a socket's place, and what its handlers were told. */
function connection() {
  const stream = new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() });
  const made = NodeConnection.accepted(stream as Socket);
  const heard: string[] = [];
  const handlers = { onData: (bytes: Uint8Array) => void heard.push(Buffer.from(bytes).toString()) };
  /** The peer sends; settles when whatever comes of it has come. */
  const arrives = async (text: string) => {
    stream.push(text);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { made, heard, handlers, arrives };
}

test("nothing is read before there are handlers, not even after resume", async () => {
  const { made, heard, handlers, arrives } = connection();
  made.pause();
  made.resume();
  await arrives("early ");
  expect(heard).toEqual([]);
  made.handle(handlers);
  await arrives("late");
  expect(heard.join("")).toBe("early late");
});

test("what has been paused stays paused when handlers are set, until it is resumed", async () => {
  const { made, heard, handlers, arrives } = connection();
  made.pause();
  made.handle(handlers);
  await arrives("held ");
  expect(heard).toEqual([]);
  made.handle(handlers);
  await arrives("back");
  expect(heard).toEqual([]);
  made.resume();
  await arrives("");
  expect(heard.join("")).toBe("held back");
});
