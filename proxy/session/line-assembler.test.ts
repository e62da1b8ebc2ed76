import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineAssembler, maxLineLength } from "./line-assembler.ts";
import { toBytes, toText } from "./octets.ts";

/** Everything that comes out for these segments; "unclean" ends it. */
function assemble(segments: readonly Uint8Array[]): string[] {
  const assembler = new LineAssembler();
  const out: string[] = [];
  for (const segment of segments) {
    assembler.push(segment);
    for (let next = assembler.next(); next.kind !== "incomplete"; next = assembler.next()) {
      if (next.kind === "unclean") return [...out, "unclean"];
      out.push(toText(next.bytes));
    }
  }
  return out;
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [...new Set([0, ...at.map((place) => place % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  return places.slice(1).map((place, index) => bytes.slice(places[index], place));
}

describe("the line assembler", () => {
  it.each([
    ["takes CR as content and LF as the end", "a\rb\r\nc\n", ["a\rb\r\n", "c\n"]],
    ["keeps bytes above 0x7f", "\xff\xf4ABOR\r\n", ["\xff\xf4ABOR\r\n"]],
    ["takes 500 bytes with their LF", `${"x".repeat(499)}\n`, [`${"x".repeat(499)}\n`]],
    ["refuses 501", `${"x".repeat(500)}\n`, ["unclean"]],
    ["refuses 500 without an end at once", "x".repeat(500), ["unclean"]],
    ["waits at 499", "x".repeat(499), []],
    ["refuses NUL before any LF, without waiting for it", "ab\0", ["unclean"]],
    ["gives the lines before a NUL", "NOOP\r\nab\0c\r\n", ["NOOP\r\n", "unclean"]],
  ])("%s", (_, text, lines) => {
    expect(assemble([toBytes(text)])).toEqual(lines);
  });

  it("gives the same for every segmentation", () => {
    const byte = fc.oneof(fc.constantFrom(0x0a, 0x0d, 0x41), fc.integer({ min: 1, max: 255 }), fc.constant(0));
    const stream = fc.array(byte, { maxLength: 3 * maxLineLength }).map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(3 * maxLineLength), { maxLength: 20 }), (bytes, places) => {
        expect(assemble(cut(bytes, places))).toEqual(assemble([bytes]));
      }),
    );
  });

  it("does not keep a whole segment alive for a fragment", () => {
    const assembler = new LineAssembler();
    assembler.push(toBytes(`${"line\r\n".repeat(100)}frag`));
    while (assembler.next().kind === "line");
    expect(assembler.pending).toBe(4);
    expect(assembler.takeRest().buffer.byteLength).toBe(4);
  });
});
