/**
 * Channels of the line to one agent: each connection, listener, process, file and request has one, with an id. Also
 * the requests that end by themselves: files, the clock, sweeping.
 */

import { Debt, Outbox } from "../protocol/credit.ts";
import { Body, Fields, FRAME } from "../protocol/frame.ts";

/** The runner's end of the line, as its channels use it. */
export interface Channels {
  readonly canUrgent: boolean;
  send(type: number, id: number, body?: Body | Uint8Array): void;
  /** Returns the channel's id: a new one, unless the agent has made it. */
  open(channel: Channel, id?: number): number;
}

export interface Channel {
  /** A frame of the agent, other than CLOSED. */
  receive(type: number, body: Uint8Array): void;
  /** CLOSED has come, or the agent is gone. An empty code: no error. */
  closed(code: string, message: string): void;
}

/** The agent refused a request; `code` is the errno's name. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message === "" ? code : message);
    this.code = code;
  }
}

/** Returns the body of the last frame before CLOSED. */
export function request(agent: Channels, type: number, body?: Body): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let answer: Uint8Array = new Uint8Array(0);
    const id = agent.open({
      receive: (_, bytes) => {
        answer = bytes;
      },
      closed: settle(() => resolve(answer), reject),
    });
    agent.send(type, id, body);
  });
}

export function readFileOf(agent: Channels, path: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    const id = agent.open({
      receive(type, bytes) {
        if (type !== FRAME.data) return;
        pieces.push(bytes);
        debt.add(bytes.length);
      },
      closed: settle(() => resolve(new Uint8Array(Buffer.concat(pieces))), reject),
    });
    const debt = new Debt((bytes) => agent.send(FRAME.credit, id, new Body().u32(bytes)));
    agent.send(FRAME.read, id, new Body().text(path));
  });
}

export function writeFileOf(agent: Channels, path: string, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const id = agent.open({
      receive: (type, body) => {
        if (type === FRAME.credit) outbox.credit(new Fields(body).u32());
      },
      closed: settle(resolve, reject),
    });
    const outbox = new Outbox((piece) => agent.send(FRAME.data, id, piece));
    agent.send(FRAME.write, id, new Body().text(path));
    outbox.push(bytes);
    outbox.afterwards(() => agent.send(FRAME.end, id));
  });
}

const settle =
  (resolve: () => void, reject: (error: Error) => void): Channel["closed"] =>
  (code, message) =>
    code === "" ? resolve() : reject(new RequestError(code, message));
