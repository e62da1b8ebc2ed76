import { pipeline } from "node:stream/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RIGHT, twoHosts } from "../labs/sim/two-hosts.fixture.ts";
import { VirtualClock } from "../net/time/clock.ts";
import { openBottle } from "./bottle.ts";
import { FileTree } from "./file-tree.ts";
import { createFs } from "./fs.ts";
import { Runtime } from "./runtime.ts";
import { standAlone } from "./stand-alone.fixture.ts";
import { TlsHold } from "./tls-hold.ts";

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
  expect(logged).toContain("5 the program exited with status 3");
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

test("an error without a listener ends the bottle, closes its sockets and is logged; the run goes on", async () => {
  const hosts = twoHosts();
  const server = openBottle(hosts.right);
  const client = openBottle(hosts.left);
  const { createServer } = server.require("net") as typeof import("node:net");
  const { connect } = client.require("net") as typeof import("node:net");
  const failure = await hosts.play(async () => {
    const listener = createServer((socket) => void socket.resetAndDestroy());
    await new Promise<void>((resolve) => void listener.listen(21, RIGHT.inet, resolve));
    connect(21, RIGHT.inet);
    return client.failed.catch((error: Error) => error);
  });
  expect(failure).toMatchObject({ code: "ECONNRESET", syscall: "read" });
  expect(client.failure).toBe(failure);
  expect([client.openResources, server.openResources]).toEqual([0, 1]);
  expect(hosts.logged.at(-1)?.text).toContain("uncaught Error: read ECONNRESET");
  await hosts.clock.advance(1000);
});

test("a closed bottle resets its connections and leaves its ports", async () => {
  const hosts = twoHosts();
  const server = openBottle(hosts.right);
  const { createServer } = server.require("net") as typeof import("node:net");
  const { connect } = openBottle(hosts.left).require("net") as typeof import("node:net");
  const codes = await hosts.play(async () => {
    await new Promise<void>((resolve) => void createServer().listen(21, RIGHT.inet, resolve));
    const fails = (socket: import("node:net").Socket) =>
      new Promise((resolve) => socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code)));
    const first = connect(21, RIGHT.inet);
    const broken = fails(first);
    await new Promise((resolve) => first.once("connect", resolve));
    await new Promise<void>((resolve) => void hosts.clock.after(1, resolve));
    server.close();
    return [await broken, await fails(connect(21, RIGHT.inet))];
  });
  expect(codes).toEqual(["ECONNRESET", "ECONNREFUSED"]);
});

function setUp() {
  const clock = new VirtualClock(1_000_000);
  const tree = new FileTree(() => clock.now());
  return {
    clock,
    tree,
    fs: createFs(tree, new Runtime(standAlone(clock), new TlsHold(undefined))) as never as typeof import("node:fs"),
  };
}

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

test("a written file is read back, and missing directories are made", () => {
  const { tree } = setUp();
  tree.write("/pub/a/b.txt", Buffer.from("hello"));
  expect(text(tree.read("/pub/a/b.txt"))).toBe("hello");
  expect(tree.names("/pub")).toEqual(["a"]);
  expect(tree.paths()).toEqual(["/pub/a/b.txt"]);
});

test("writes at any offsets give the same file as one flat buffer", () => {
  const piece = fc.record({ offset: fc.nat(200), bytes: fc.uint8Array({ maxLength: 50 }) });
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const { tree } = setUp();
      const file = tree.openFile("/f", "open");
      const flat = new Uint8Array(300);
      let size = 0;
      for (const { offset, bytes } of pieces) {
        tree.writeAt(file, offset, bytes);
        flat.set(bytes, offset);
        size = Math.max(size, offset + bytes.length);
      }
      expect(tree.read("/f")).toEqual(flat.slice(0, size));
    }),
  );
});

test("streams read from an offset and append at the end", async () => {
  const { tree, fs } = setUp();
  tree.write("/f", Buffer.from("0123456789"));
  await pipeline(fs.createReadStream("/f", { start: 6 }), fs.createWriteStream("/f", { flags: "a+" }));
  expect(text(tree.read("/f"))).toBe("01234567896789");
});

test("a writer with an offset into an emptied file leaves zeros before it, as open(2) with O_TRUNC does", async () => {
  const { tree, fs } = setUp();
  tree.write("/f", Buffer.from("abcdef"));
  await pipeline([Buffer.from("xy")], fs.createWriteStream("/f", { flags: "w+", start: 3 }));
  expect(text(tree.read("/f"))).toBe("\0\0\0xy");
});

test("errors have errno's names and Node's words", async () => {
  const { tree, fs } = setUp();
  tree.write("/dir/f", Buffer.from("x"));
  expect(() => fs.statSync("/none")).toThrowError(
    expect.objectContaining({ code: "ENOENT", message: "ENOENT: no such file or directory, stat '/none'" }),
  );
  expect(() => fs.rmdirSync("/dir")).toThrowError(expect.objectContaining({ code: "ENOTEMPTY" }));
  await expect(fs.promises.unlink("/dir")).rejects.toMatchObject({ code: "EISDIR" });
  await expect(pipeline(fs.createReadStream("/none"), fs.createWriteStream("/g"))).rejects.toMatchObject({
    code: "ENOENT",
  });
});

test("stat shows size, kind and the host's time", async () => {
  const { clock, tree, fs } = setUp();
  await clock.advance(5000);
  tree.write("/f", Buffer.from("abc"));
  const stat = fs.statSync("/f");
  expect([stat.size, stat.isFile(), stat.mtime.getTime()]).toEqual([3, true, 1_005_000]);
});
