import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitStatements } from "./statements.ts";
import { tokenize } from "./tokens.ts";

describe("tokens", () => {
  test("are words, quotes, tables and punctuation, each where it stands", () => {
    const text = 'rdr on $int_if to !<lan> port 21 -> "a b" # x\n';
    expect(tokenize(text).map((token) => token.text)).toEqual([
      "rdr",
      "on",
      "$int_if",
      "to",
      "!",
      "<lan>",
      "port",
      "21",
      "->",
      '"a b"',
      "# x",
      "\n",
    ]);
    for (const { text: found, start, end } of tokenize(text)) expect(text.slice(start, end)).toBe(found);
  });

  test("an address with mask, an interface with modifier and a range of ports are one word each", () => {
    expect(tokenize("10.0.0.0/8 em0:network 1024:2048 a-b").map(({ text }) => text)).toEqual([
      "10.0.0.0/8",
      "em0:network",
      "1024:2048",
      "a-b",
    ]);
  });

  test("no text, however odd, loses a character that is not blank", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab 1{}()<>=!,#\"'\\\n\t-$/*\0") }), (text) => {
        const kept = tokenize(text)
          .map((token) => token.text)
          .join("");
        expect(kept.replaceAll(/[\s\\]/g, "")).toBe(text.replaceAll(/[\s\\]/g, ""));
      }),
    );
  });
});

describe("statements", () => {
  test("end at the line's end, not inside a list, and not at a joined line", () => {
    const text = "pass in from { 10.0.0.1\n  10.0.0.2 }\nblock \\\n  out\n";
    expect(splitStatements(text).map(({ line, lastLine }) => [line, lastLine])).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test("of an inline anchor are one level deeper", () => {
    const text = 'anchor "a" in { # open\n  pass\n  anchor {\n    block\n  }\n}\npass out\n';
    expect(splitStatements(text).map(({ keyword, depth }) => `${depth} ${keyword}`)).toEqual([
      "0 anchor",
      "1 pass",
      "1 anchor",
      "2 block",
      "1 }",
      "0 }",
      "0 pass",
    ]);
  });

  test("a macro is one, also with a list in quotes", () => {
    const [macro] = splitStatements('lan = "{ 10.0.0.0/24 }"\n');
    expect(macro).toMatchObject({ keyword: "lan", isMacro: true });
  });
});
