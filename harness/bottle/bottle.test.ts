import { expect, test } from "vitest";
import { VirtualClock } from "../net/time/clock.ts";
import { openBottle } from "./bottle.ts";
import { standAlone } from "./stand-alone.fixture.ts";
import { SERVER, twoHosts } from "./two-hosts.fixture.ts";

const absent = ["dtrace-provider", "mv", "safe-json-stringify", "source-map-support"];

test("a library sees the host's time, random and name", () => {
  const clock = new VirtualClock(1_000_000_000_000);
  const bottle = openBottle(standAlone(clock));
  const lodash = bottle.require("lodash") as { now(): number; random(most: number): number };
  const os = bottle.require("os") as { hostname(): string };
  expect(lodash.now()).toBe(1_000_000_000_000);
  expect(os.hostname()).toBe("alone");
  const other = openBottle(standAlone(new VirtualClock())).require("lodash") as typeof lodash;
  expect(lodash.random(1e9)).toBe(other.random(1e9));
});

test("bottles share no module state, and a bottle loads a module once", () => {
  const clock = new VirtualClock();
  const one = openBottle(standAlone(clock));
  const two = openBottle(standAlone(clock));
  expect(one.require("basic-ftp")).toBe(one.require("basic-ftp"));
  expect(one.require("basic-ftp")).not.toBe(two.require("basic-ftp"));
});

test("a module that would reach the machine is refused by name", () => {
  const bottle = openBottle(standAlone(new VirtualClock()));
  expect(() => bottle.require("child_process")).toThrow('A bottle has no module "child_process"');
});

test("signal handlers and exits of a library stay in its bottle", () => {
  const logged: string[] = [];
  const bottle = openBottle(standAlone(new VirtualClock(), logged), { absent });
  const before = process.listenerCount("SIGTERM");
  const { FtpSrv: FtpServer } = bottle.require("ftp-srv") as { FtpSrv: new (options: object) => unknown };
  new FtpServer({ url: "ftp://198.51.100.7:21" });
  expect(process.listenerCount("SIGTERM")).toBe(before);
  (bottle.require("process") as typeof process).exit(3);
  expect(logged).toContain("5 the program ended itself with status 3");
});

test("Date in a bottle is Date in every other respect", () => {
  const clock = new VirtualClock(1_000_000_000_000);
  const moment = openBottle(standAlone(clock)).require("moment") as (date?: Date) => {
    valueOf(): number;
    isValid(): boolean;
  };
  expect(moment().valueOf()).toBe(1_000_000_000_000);
  expect(moment(new Date(5)).valueOf()).toBe(5);
});

test("an error that nobody listens for ends the bottle, closes its sockets and is told; the run goes on", async () => {
  const hosts = twoHosts();
  const server = openBottle(hosts.server);
  const client = openBottle(hosts.client);
  const { createServer } = server.require("net") as typeof import("node:net");
  const { connect } = client.require("net") as typeof import("node:net");
  const failure = await hosts.play(
    (async () => {
      const listener = createServer((socket) => void socket.resetAndDestroy());
      await new Promise<void>((resolve) => void listener.listen(21, SERVER.inet, resolve));
      connect(21, SERVER.inet);
      return client.failed.catch((error: Error) => error);
    })(),
  );
  expect(failure).toMatchObject({ code: "ECONNRESET", syscall: "read" });
  expect(client.failure).toBe(failure);
  expect([client.residents, server.residents]).toEqual([0, 1]);
  expect(hosts.logged.at(-1)?.text).toContain("uncaught Error: read ECONNRESET");
  await hosts.clock.advance(1000);
});

test("a closed bottle resets its connections and leaves its ports", async () => {
  const hosts = twoHosts();
  const server = openBottle(hosts.server);
  const { createServer } = server.require("net") as typeof import("node:net");
  const { connect } = openBottle(hosts.client).require("net") as typeof import("node:net");
  const codes = await hosts.play(
    (async () => {
      await new Promise<void>((resolve) => void createServer().listen(21, SERVER.inet, resolve));
      const fails = (socket: import("node:net").Socket) =>
        new Promise((resolve) => socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code)));
      const first = connect(21, SERVER.inet);
      const broken = fails(first);
      await new Promise((resolve) => first.once("connect", resolve));
      await new Promise<void>((resolve) => void hosts.clock.after(1, resolve));
      server.close();
      return [await broken, await fails(connect(21, SERVER.inet))];
    })(),
  );
  expect(codes).toEqual(["ECONNRESET", "ECONNREFUSED"]);
});
