/**
 * For tests: runs the same small program on this machine's loopback address and on two simulated hosts. Each
 * peer's events must come in the same order with the same contents; how the two peers interleave may differ.
 *
 * @example
 * expect(await inBottles(program)).toEqual(await inNode(program));
 */
import * as nodeNet from "node:net";
import * as nodeTls from "node:tls";
import { RIGHT, twoHosts } from "../labs/sim/two-hosts.fixture.ts";
import { openBottle } from "./bottle.ts";

type Net = typeof nodeNet;
type Tls = typeof nodeTls;

interface Modules {
  readonly net: Net;
  readonly tls: Tls;
}

export interface World {
  readonly client: Modules;
  readonly server: Modules;
  readonly address: string;
}

export type Log = (who: string, ...what: unknown[]) => void;
export type Program = (world: World, log: Log) => Promise<void>;

const watched = ["connect", "ready", "end", "finish", "close", "error", "timeout", "drain", "secureConnect"];

/** Logs a stream's events; resolves when it is closed. */
export function watch(log: Log, who: string, socket: nodeNet.Socket, listenToErrors = true): Promise<void> {
  for (const event of watched) {
    if (event === "error" && !listenToErrors) continue;
    socket.on(event, (...args: unknown[]) => log(who, event, ...args.map(plain)));
  }
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

export function plain(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { code, syscall, errno } = value as NodeJS.ErrnoException;
  return { code, syscall, errno };
}

export function listening(server: nodeNet.Server, address: string): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, address, () => resolve((server.address() as nodeNet.AddressInfo).port));
  });
}

export const closed = (server: nodeNet.Server): Promise<void> =>
  new Promise((resolve) => void server.close(() => resolve()));

export const hears = (who: string, socket: nodeNet.Socket, log: Log): void => {
  socket.on("data", (bytes) => log(who, "data", bytes.toString()));
};

async function events(program: Program, world: World): Promise<Record<string, unknown[]>> {
  const byPeer: Record<string, unknown[]> = {};
  await program(world, (who, ...what) => {
    byPeer[who] ??= [];
    byPeer[who].push(what);
  });
  return byPeer;
}

/** Each peer's events on two simulated hosts. */
export async function inBottles(program: Program): Promise<Record<string, unknown[]>> {
  const hosts = twoHosts();
  const modules = (host: typeof hosts.left): Modules => {
    const bottle = openBottle(host);
    return { net: bottle.require("net") as Net, tls: bottle.require("tls") as Tls };
  };
  return hosts.play(
    events(program, { client: modules(hosts.left), server: modules(hosts.right), address: RIGHT.inet }),
  );
}

/** Each peer's events in Node itself. */
export function inNode(program: Program): Promise<Record<string, unknown[]>> {
  const own: Modules = { net: nodeNet, tls: nodeTls };
  return events(program, { client: own, server: own, address: "127.0.0.1" });
}
