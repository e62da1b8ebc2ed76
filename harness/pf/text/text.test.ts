import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { partsOf, partsText } from "./rule-parts.ts";
import { macrosOf, splitStatements, tokenize, wordsOf } from "./statements.ts";

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

function parts(text: string) {
  const [statement] = splitStatements(text);
  return statement === undefined ? undefined : partsOf(statement, text);
}

describe("the parts of a rule", () => {
  test("are its clauses as they are written", () => {
    expect(
      parts(
        'pass in log (all) quick on { $int em2 } inet proto tcp from <lan> to ! $fw port { ftp 990 } flags S/SA divert-to 127.0.0.1 port 8021 label "x y"',
      ),
    ).toEqual({
      action: "pass",
      passes: false,
      direction: "in",
      log: "log (all)",
      quick: true,
      on: "{ $int em2 }",
      family: "inet",
      protocol: "tcp",
      from: "<lan>",
      to: "! $fw port { ftp 990 }",
      clauses: [
        { name: "flags", value: "S/SA" },
        { name: "divert-to", value: "127.0.0.1 port 8021" },
        { name: "label", value: '"x y"' },
      ],
    });
  });

  test("of a translation rule of the older language end in its pool", () => {
    expect(parts("rdr pass on $int proto tcp from any to any port 21 -> 127.0.0.1 port 8021")).toMatchObject({
      action: "rdr",
      passes: true,
      on: "$int",
      to: "any port 21",
      clauses: [{ name: "->", value: "127.0.0.1 port 8021" }],
    });
  });

  test.each([
    "block return in on ! lo0 proto tcp to port 6000:6010",
    "match out on egress inet from ! (egress:network) nat-to (egress:0) static-port",
    'anchor "ftp-proxy/*" in on em0',
    "no nat on $ext from $lan to $lan",
    "scrub in on em0 all no-df max-mss 1440",
    "pass out proto tcp ! tagged X keep state (max 10, if-bound)",
    "block return-icmp (port-unr) all",
    "pass out set prio 5 set queue (a, b) queue c",
  ])("give the rule again: %s", (text) => {
    const found = parts(text);
    expect(found && partsText(found).replace(/ all$/, "")).toBe(text.replace(/ all$/, ""));
  });

  test("are not asked of macros and options", () => {
    expect(parts("set skip on lo")).toBeUndefined();
    expect(parts('pass = "x"')).toBeUndefined();
  });
});

test("macros of macros end: words of a statement have a limit", () => {
  const text = `a0="x"\n${Array.from({ length: 30 }, (_, n) => `a${n + 1}="$a${n} $a${n} $a${n} $a${n}"\n`).join("")}pass from { $a30 }\n`;
  const statements = splitStatements(text);
  const last = statements.at(-1) as (typeof statements)[number];
  expect(wordsOf(last, macrosOf(statements)).length).toBeLessThan(5000);
});
