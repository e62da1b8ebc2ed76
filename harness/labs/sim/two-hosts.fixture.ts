/**
 * The smallest network for tests and benchmarks: `left` and `right` on one link, and a connection that records
 * every event by name, with the bytes put together.
 *
 * @example
 * const { network, left, right, link } = twoHosts({ seed: 1, link: { latencyMs: 10 } });
 * const peer = record(left.connect({ address: RIGHT.inet, port: 21 }));
 * await network.clock.run({ until: () => peer.closed });
 */

import type { Connection, ConnectionErrorCode } from "../../../proxy/host.ts";
import type { Filter } from "../../net/ip/forwarder.ts";
import type { Link, LinkOptions } from "../../net/ip/link.ts";
import type { VirtualClock } from "../../net/time/clock.ts";
import type { Recording } from "../../net/wire/recording.ts";
import type { LogLine, SimHost, SimHostOptions } from "./host.ts";
import { Network } from "./network.ts";

export const LEFT = { inet: "198.51.100.5", inet6: "2001:db8:2::5" } as const;
export const RIGHT = { inet: "198.51.100.7", inet6: "2001:db8:2::7" } as const;

export interface TwoHosts {
  readonly network: Network;
  readonly link: Link;
  readonly left: SimHost;
  readonly right: SimHost;
  /** Of the left host. */
  readonly capture: Recording;
  readonly clock: VirtualClock;
  readonly logged: readonly LogLine[];
  /** Lets virtual time pass until the promise settles, an hour at most by default. */
  play<T>(what: Promise<T> | (() => Promise<T>), limitMs?: number): Promise<T>;
}

export function twoHosts(
  options: {
    readonly seed?: number;
    readonly link?: LinkOptions;
    readonly left?: SimHostOptions;
    readonly right?: SimHostOptions;
  } = {},
): TwoHosts {
  const network = new Network({ seed: options.seed ?? 1 });
  const link = network.link("wire", options.link);
  const logged: LogLine[] = [];
  const plan = (addresses: Readonly<Record<"inet" | "inet6", string>>) => ({
    log: (line: LogLine) => void logged.push(line),
    interfaces: [{ name: "em0", link, addresses: [`${addresses.inet}/24`, `${addresses.inet6}/64`] }],
  });
  const left = network.host("left", { ...options.left, ...plan(LEFT) });
  const right = network.host("right", { ...options.right, ...plan(RIGHT) });
  return {
    network,
    link,
    left,
    right,
    capture: network.capture(left),
    clock: network.clock,
    logged,
    play: (what, limitMs = 3_600_000) =>
      network.clock.runUntilSettled(typeof what === "function" ? what() : what, { limitMs }),
  };
}

/** Connects left to right, and waits for both ends; `accept` acts on the server's first. */
export async function connected(
  { network, left, right }: TwoHosts,
  accept: (server: Connection) => void = () => {},
): Promise<{ readonly client: Recorded; readonly server: Recorded }> {
  let server: Recorded | undefined;
  await right.listen({ port: 21 }, (connection) => {
    server = record(connection);
    accept(connection);
  });
  const client = record(left.connect({ address: RIGHT.inet, port: 21 }));
  await network.clock.run({ until: () => client.connected && server !== undefined });
  return { client, server: server! };
}

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
