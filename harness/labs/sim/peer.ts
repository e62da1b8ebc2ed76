/**
 * A connection that records its events, for tests and benchmarks: every event by name, the
 * bytes put together.
 *
 * @example
 * const peer = record(client.connect({ address: "198.51.100.7", port: 21 }));
 * await network.clock.run({ until: () => peer.closed });
 */

import type { Connection, ConnectionErrorCode } from "../../../proxy/host.ts";
import type { Filter } from "../../net/ip/forwarder.ts";

export interface Recorded {
  readonly connection: Connection;
  /** In order: `connect`, `data`, `urgent`, `end`, `drain`, `close`. Adjacent `data` count once. */
  readonly events: readonly string[];
  /** All bytes of the stream so far. */
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly urgent: readonly number[];
  readonly connected: boolean;
  readonly ended: boolean;
  readonly closed: boolean;
  readonly error: ConnectionErrorCode | undefined;
}

export function record(connection: Connection, onData?: (bytes: Uint8Array) => void): Recorded {
  const events: string[] = [];
  const parts: Uint8Array[] = [];
  const urgent: number[] = [];
  let error: ConnectionErrorCode | undefined;
  connection.handle({
    onConnect: () => events.push("connect"),
    onData: (bytes) => {
      parts.push(bytes);
      if (events.at(-1) !== "data") events.push("data");
      onData?.(bytes);
    },
    onUrgent: (byte) => {
      urgent.push(byte);
      events.push("urgent");
    },
    onEnd: () => events.push("end"),
    onDrain: () => events.push("drain"),
    onClose: (reason) => {
      error = reason?.code;
      events.push("close");
    },
  });
  return {
    connection,
    events,
    urgent,
    get bytes() {
      return Uint8Array.from(Buffer.concat(parts));
    },
    get text() {
      return Buffer.concat(parts).toString("latin1");
    },
    get connected() {
      return events.includes("connect");
    },
    get ended() {
      return events.includes("end");
    },
    get closed() {
      return events.includes("close");
    },
    get error() {
      return error;
    },
  };
}

/** pf disabled: pf(4) passes everything and keeps no state. */
export const passAll: Filter = {
  test: (_direction, _interfaceName, packet) => ({ verdict: "pass", packet, rules: [], answers: [], logged: [] }),
};
