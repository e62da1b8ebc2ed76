import { pipeline } from "node:stream/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { VirtualClock } from "../net/time/clock.ts";
import { Drain } from "./drain.ts";
import { FileTree } from "./file-tree.ts";
import { createFs } from "./fs.ts";
import { Inside } from "./inside.ts";
import { standAlone } from "./stand-alone.fixture.ts";

function setUp() {
  const clock = new VirtualClock(1_000_000);
  const tree = new FileTree(() => clock.now());
  return {
    clock,
    tree,
    fs: createFs(tree, new Inside(standAlone(clock), new Drain(undefined))) as never as typeof import("node:fs"),
  };
}

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

test("what was written is read, and directories come into being on the way", () => {
  const { tree } = setUp();
  tree.write("/pub/a/b.txt", Buffer.from("hello"));
  expect(text(tree.read("/pub/a/b.txt"))).toBe("hello");
  expect(tree.names("/pub")).toEqual(["a"]);
  expect(tree.paths()).toEqual(["/pub/a/b.txt"]);
});

test("writes at any offsets give the same file as in one flat buffer", () => {
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

test("stat tells size, kind and the host's time", async () => {
  const { clock, tree, fs } = setUp();
  await clock.advance(5000);
  tree.write("/f", Buffer.from("abc"));
  const stat = fs.statSync("/f");
  expect([stat.size, stat.isFile(), stat.mtime.getTime()]).toEqual([3, true, 1_005_000]);
});
