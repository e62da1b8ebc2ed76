/**
 * A check of one promise of docs/agent-protocol.md, over the agent's own loopback: runner and agent need no network in
 * common.
 */

import type { Connection } from "../../../proxy/host.ts";
import type { AgentHost } from "../runner/agent-host.ts";

export interface Check {
  /** The promise, in a sentence. */
  readonly title: string;
  /** A capability, without which the check is not tried. */
  readonly needs?: "transparent" | "urgent" | "groups";
  /** Rejects when the promise is not kept. */
  run(host: AgentHost): Promise<void>;
}

export class Broken extends Error {
  override readonly name = "Broken";
}

/** A promise that cannot be tried here; the message says why. */
export class Untried extends Error {
  override readonly name = "Untried";
}

export function expect(what: string, actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Broken(`${what}: expected ${wanted}, got ${got}`);
}

/** For each step of a check, or from one progress to the next. */
const PATIENCE_MS = 5_000;

/** Waits for a condition, longer while `progress` changes. Rejects with the name of what did not come. */
export async function until(
  host: AgentHost,
  what: string | (() => string),
  condition: () => boolean,
  progress: () => number = () => 0,
): Promise<void> {
  let last = progress();
  let end = host.clock.now() + PATIENCE_MS;
  while (!condition()) {
    if (progress() !== last) {
      last = progress();
      end = host.clock.now() + PATIENCE_MS;
    }
    if (host.clock.now() > end) {
      throw new Broken(`${typeof what === "string" ? what : what()}: not within ${PATIENCE_MS / 1000} s`);
    }
    await pause(host, 5);
  }
}

export const pause = (host: AgentHost, milliseconds: number): Promise<void> =>
  new Promise((resolve) => void host.clock.after(milliseconds, resolve));

/** One end of a connection, with all its events. */
export class Witness {
  readonly connection: Connection;
  readonly pieces: Uint8Array[] = [];
  bytes = 0;
  connected = false;
  ended = false;
  urgent: number[] = [];
  closed: { readonly code: string | undefined } | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.handle({
      onConnect: () => {
        this.connected = true;
      },
      onData: (bytes) => {
        this.pieces.push(bytes);
        this.bytes += bytes.length;
      },
      onUrgent: (byte) => void this.urgent.push(byte),
      onEnd: () => {
        this.ended = true;
      },
      onClose: (error) => {
        this.closed = { code: error?.code };
      },
    });
  }

  get text(): string {
    return Buffer.concat(this.pieces).toString("latin1");
  }
}

/** Two ends of a connection over the host's loopback. */
export async function pair(
  host: AgentHost,
  address = "127.0.0.1",
): Promise<{ readonly near: Witness; readonly far: Witness; readonly port: number; readonly stop: () => void }> {
  let far: Witness | undefined;
  const listener = await host.listen({ address, port: 0 }, (connection) => {
    far = new Witness(connection);
  });
  const near = new Witness(host.connect({ address, port: listener.local.port }));
  await until(host, "CONNECTED and ACCEPTED", () => near.connected && far !== undefined);
  return { near, far: far as Witness, port: listener.local.port, stop: () => listener.close() };
}

/** A port of the host's loopback without a listener. */
export async function freePort(host: AgentHost): Promise<number> {
  const { near, port, stop } = await pair(host);
  near.connection.reset();
  stop();
  await pause(host, 20);
  return port;
}

/** Both have finished, `first` before the other: so the first keeps the connection in TIME_WAIT. */
export async function closeFrom(host: AgentHost, first: Witness, second: Witness): Promise<void> {
  first.connection.end();
  await until(host, "END at the other end", () => second.ended);
  second.connection.end();
  await until(host, "CLOSED of both", () => first.closed !== undefined && second.closed !== undefined);
}

/** So many bytes that do not repeat. */
export function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let value = 1;
  for (let index = 0; index < length; index++) {
    value = (Math.imul(value, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = value >> 16;
  }
  return bytes;
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
