/** Requests to an agent that end by themselves: files, the clock, sweeping. */

import { Debt, Outbox } from "./credit.ts";
import { Body, Fields, FRAME } from "./frame.ts";
import type { Channel, Wire } from "./wire.ts";

/** An agent said no; `code` is the errno's name. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message === "" ? code : message);
    this.code = code;
  }
}

/** Asks, and answers the body of the last frame that came before CLOSED. */
export function requesting(line: Wire, type: number, body?: Body): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let answer: Uint8Array = new Uint8Array(0);
    const id = line.enter({
      take: (_, bytes) => {
        answer = bytes;
      },
      lost: settle(() => resolve(answer), reject),
    });
    line.send(type, id, body);
  });
}

/** Reads a whole file. */
export function gathering(line: Wire, type: number, path: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    const channel: Channel = {
      take(kind, bytes) {
        if (kind !== FRAME.data) return;
        pieces.push(bytes);
        debt.add(bytes.length);
      },
      lost: settle(() => resolve(new Uint8Array(Buffer.concat(pieces))), reject),
    };
    const id = line.enter(channel);
    const debt = new Debt((bytes) => line.send(FRAME.credit, id, new Body().u32(bytes)));
    line.send(type, id, new Body().text(path));
  });
}

export function fileWriting(line: Wire, path: string, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const id = line.enter({
      take: (kind, body) => {
        if (kind === FRAME.credit) outbox.credit(new Fields(body).u32());
      },
      lost: settle(resolve, reject),
    });
    const outbox = new Outbox((piece) => line.send(FRAME.data, id, piece));
    line.send(FRAME.write, id, new Body().text(path));
    outbox.push(bytes);
    outbox.afterwards(() => line.send(FRAME.end, id));
  });
}

const settle =
  (resolve: () => void, reject: (error: Error) => void): Channel["lost"] =>
  (code, message) =>
    code === "" ? resolve() : reject(new RequestError(code, message));
