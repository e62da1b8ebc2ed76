/**
 * The language against pfctl of OpenBSD 7.8: its output for 300 random files of ours (in fixtures/) and for OpenBSD's
 * own regression files, where the corpus is beside the repository. And what holds for any text: printing is a fixed
 * point, and no input makes the parser fall over.
 */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pfctl } from "../pfctl.ts";
import { interfaces } from "./judge-machine.fixture.ts";
import { parseRuleset } from "./parse.ts";
import { printRule, printRuleset, ruleLines } from "./print/print.ts";

const check = (text: string) => pfctl(["-o", "none", "-nvf", "-"], { stdin: text, interfaces });

interface Case {
  readonly id: string;
  readonly text: string;
  readonly accepted: boolean;
  /** stdout of `pfctl -o none -nvf -`; of refused files stderr follows. */
  readonly output: string;
}

const cases: readonly Case[] = JSON.parse(
  gunzipSync(readFileSync(new URL("./fixtures/pfctl-7.8.json.gz", import.meta.url))).toString(),
);

/** pfctl itself cannot read these back: see print.ts. */
const lossy = /probability [\d.]+% \(|rdr-to any|return-icmp6?\((\S+, )?\d+\)/;

describe("what is printed reads back as itself", () => {
  const accepted = cases.filter(({ accepted, output }) => accepted && !lossy.test(output));

  it(`in ${accepted.length} files of a real pfctl, macros, options, tables and queues included`, () => {
    for (const { output } of accepted) {
      const again = check(`${output}\n`);
      expect(again.stderr.replace(/^.*warning:.*\n/gm, "")).toBe("");
      expect(again.stdout.trimEnd()).toBe(output.trimEnd());
    }
  });

  const pick = (...texts: string[]) => fc.constantFrom(...texts);
  const some = (...texts: string[]) => fc.constantFrom("", ...texts.map((text) => ` ${text}`));
  const host = pick("any", "10.0.0.1", "! 192.0.2.0/25", "<t>", "(em0)", "(em0:network)", "{ 10.0.0.1 2001:db8::/32 }");
  const port = some("port 21", "port { ftp, 1024:2048 }", "port != 5", "port 1 >< 9");
  const criteria = fc.tuple(
    some("in", "out"),
    some("log", "log (all, to pflog2)"),
    some("quick"),
    some("on em0", "on ! { lo0 egress }", "on rdomain 0"),
    some("inet", "inet6"),
    some("proto tcp", "proto { tcp udp }", "proto icmp", "proto 253"),
    fc.tuple(host, port, host, port).map(([a, b, c, d]) => ` from ${a}${b} to ${c}${d}`),
    some("user root", "group { wheel, > 100 }"),
    some("flags S/SAFR", "flags any"),
    some("keep state (max 25, tcp.first 5)", "no state", "modulate state", "keep state (source-track, if-bound)"),
    some('label "$nr $srcaddr"', "tag A", "! tagged B", "set prio (2 5)", "set (tos ef, delay 3)", "prio 0"),
    some("nat-to 192.0.2.9", "rdr-to { 10.0.0.5 10.0.0.6 }", "divert-to ::1 port 5", "nat-to (em0) port 1:9"),
    some("scrub (no-df, max-mss 1400)", "allow-opts", "once", "received-on lo0", "rtable 0", "max-pkt-rate 5/9"),
  );
  const rule = fc.tuple(pick("pass", "match", "block return", "block return-icmp"), criteria);
  const ruleText = rule.map(([action, words]) => action + words.join(""));
  const anchored = fc
    .tuple(some('"x"'), some("in quick on em0"), fc.array(ruleText, { minLength: 1, maxLength: 3 }))
    .map(([name, where, rules]) => `anchor${name}${where} {\n${rules.join("\n")}\n}`);

  it("whatever rules are written", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(ruleText, anchored), { minLength: 1, maxLength: 5 }), (statements) => {
        // Statements that make no sense are left out one by one; the rest is a ruleset.
        const sensible = statements.filter((text) => parseRuleset(`${text}\n`, { interfaces }).accepted);
        const first = parseRuleset(sensible.join("\n"), { interfaces, optimization: "none" });
        if (!first.accepted) return;
        const text = printRuleset(first.ruleset);
        const second = parseRuleset(text, { interfaces, optimization: "none" });
        expect(second.stderr.filter((line) => !line.includes("warning"))).toEqual([]);
        expect(printRuleset(second.ruleset)).toBe(text);
      }),
      { numRuns: 400 },
    );
  });
});

describe("no input makes the parser throw or stop", () => {
  const survives = (text: string): void => {
    const { accepted, ruleset } = parseRuleset(text, { interfaces });
    if (accepted) printRuleset(ruleset);
  };

  it("random characters", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), survives), { numRuns: 500 });
  });

  it("real files with characters changed, lost and doubled", () => {
    const damage = fc.record({
      at: fc.nat(3000),
      lost: fc.nat(5),
      put: fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom("{", "}", "(", '"', "\\", "\n", "$x", "!", "<", "/")),
    });
    fc.assert(
      fc.property(fc.constantFrom(...cases), fc.array(damage, { minLength: 1, maxLength: 6 }), ({ text }, damages) => {
        let broken = text;
        for (const { at, lost, put } of damages) {
          const place = at % (broken.length + 1);
          broken = broken.slice(0, place) + put + broken.slice(place + lost);
        }
        survives(broken);
      }),
      { numRuns: 500 },
    );
  });

  const deep = 50_000;
  it.each([
    ["braces in a host list", `pass from ${"{ ".repeat(deep)}10.0.0.1${" }".repeat(deep)}`],
    ["braces in a table", `table <t> ${"{ ".repeat(deep)}10.0.0.1${" }".repeat(deep)}`],
    ["anchors in anchors", "anchor {\n".repeat(deep) + "}\n".repeat(deep)],
    ["braces never closed", `pass from ${"{ ".repeat(deep)}`],
    ["a list of a hundred thousand hosts", `pass from { ${"10.0.0.1 ".repeat(100_000)} } to any`],
    ["a hundred thousand words in a tag", `pass tag ${"a ".repeat(100_000)}`],
    ["a word of a million letters", `pass on ${"a".repeat(1_000_000)}`],
    ["a quoted string of a million letters", `x = "${"a".repeat(1_000_000)}"`],
    ["a name of a million letters", `$${"a".repeat(1_000_000)}`],
    ["a million spaces", " ".repeat(1_000_000)],
    ["a million joined lines", `pass${" \\\n".repeat(300_000)}`],
    ["a line of a million digits", `pass to port ${"1".repeat(1_000_000)}`],
    ["a hundred thousand errors", "frob\n\n".repeat(100_000)],
    ["users again and again", `pass proto tcp ${"user root ".repeat(50_000)}`],
    ["lists times lists", `pass proto tcp from { ${"10.0.0.1 ".repeat(999)} } to { ${"10.0.0.2 ".repeat(999)} }`],
    ["macros of macros", `a = "${"x ".repeat(999)}"\n${"a = $a $a $a $a $a\n".repeat(99)}`],
    [
      "queues below themselves",
      "queue a on em0 bandwidth 1M default\nqueue b parent b bandwidth 1M\nqueue b parent a bandwidth 1M\n",
    ],
    ["a hundred thousand skipped interfaces", "set skip on x\n".repeat(100_000)],
  ])("%s", (_, text) => {
    survives(text);
  });

  it("a file that includes itself twice", () => {
    const text = 'include "x"\ninclude "x"\n';
    const { accepted, stderr } = parseRuleset(text, { interfaces, readFile: () => text });
    expect(accepted).toBe(false);
    expect(stderr.at(-1)).toBe("pfctl: too many included files");
  });
});

const parse = (text: string) => parseRuleset(text, { interfaces }).ruleset.rules;

describe("printing", () => {
  it("indents inline anchors, and numbers rules instead with -vv", () => {
    const rules = parse('anchor "x" in {\npass\nanchor {\nblock\n}\n}\npass out\n');
    expect(ruleLines(rules, printRule)).toEqual([
      'anchor "x" in all {',
      "  pass all flags S/SA",
      "  anchor all {",
      "    block drop all",
      "  }",
      "}",
      "pass out all flags S/SA",
    ]);
    expect(ruleLines(rules, printRule, {}, true).slice(0, 3)).toEqual([
      '@0 anchor "x" in all {',
      "@0 pass all flags S/SA",
      "@1 anchor all {",
    ]);
  });

  it("names ports where one is compared, with -P", () => {
    const [first, second] = parse("pass proto tcp to port { ftp, 1000:2000 }\n");
    expect(printRule(first!, { portNames: true })).toBe("pass proto tcp from any to any port = ftp flags S/SA");
    expect(printRule(second!, { portNames: true })).toBe("pass proto tcp from any to any port 1000:2000 flags S/SA");
  });

  it("shows sizes of tables and interfaces, with -vv", () => {
    const [rule] = parse("pass from <t> to (em0)\n");
    const count = ({ kind }: { kind: string }) => (kind === "table" ? 3 : undefined);
    expect(printRule(rule!, { count, number: 7, expired: true })).toBe(
      "@7 pass from <t:3> to (em0:*) flags S/SA # expired",
    );
  });

  it("lets one text rule be several, sharing an inline anchor", () => {
    const [first, second] = parse("anchor on { em0 lo0 } {\npass\n}\n");
    expect(first).toMatchObject({ kind: "anchor", internalName: "_1", rules: [{ kind: "filter" }] });
    expect(second).toMatchObject({ kind: "anchor", internalName: "_1", interface: { name: "lo0" } });
    expect(second).not.toHaveProperty("rules");
  });
});

it("a file of `load anchor` that is missing ends the load, in pfctl's words", () => {
  expect(check('load anchor x from "/nonexistent"\n')).toEqual({
    stdout: "",
    // Seen on OpenBSD 7.8.
    stderr: [
      "\nLoading anchor x from /nonexistent",
      "pfctl: pushfile: /nonexistent: No such file or directory",
      "pfctl: cannot open the main config file!: No such file or directory",
      "pfctl: load anchors\n",
    ].join("\n"),
    status: 1,
  });
});

describe("small texts, as pfctl of OpenBSD 7.8 answers them", () => {
  it.each([
    {
      name: "an anchor without name and rules, after an error in an anchor",
      text: "anchor once {\n}\nanchor {\nanchor prio 3\n",
      stderr:
        "stdin:2: 'once' only applies to pass/block rules\n" +
        "stdin:4: anchors without explicit rules must specify a name\n",
    },
    {
      name: "an error before joined lines is counted to the last of them",
      text: "pass in proto tcp from any to $nope \\\n\t\\\n\n",
      stderr: "stdin:1: macro 'nope' not defined\nstdin:2: syntax error\n",
    },
    {
      name: "an empty anchor in another one has its path",
      text: "anchor {\n\tanchor spam proto tcp to port 21 {\n\t}\n}\n",
      stdout: 'anchor all {\n  anchor "_1/spam" proto tcp from any to any port = 21\n}\n',
    },
    {
      name: "multicast addresses lose their interface",
      text: "table <a> { ff02::1%em0 }\npass in inet6 proto icmp6 from any to ff02::1%em0\n",
      stdout: "table <a> { ff02::1 }\npass in inet6 proto ipv6-icmp from any to ff02::1\n",
    },
    { name: "byte 1 is skipped", text: "pa\u0001ss all\n", stdout: "pass all flags S/SA\n" },
  ])("$name", ({ text, stdout = "", stderr = "" }) => {
    expect(check(text)).toEqual({ stdout, stderr, status: stderr === "" ? 0 : 1 });
  });

  it("-vv warns of macros that nothing uses", () => {
    const { stderr } = pfctl(["-Dc=3", "-nvvf", "-"], { stdin: 'a = "10.0.0.1"\nb = "em0"\npass on $b\n', interfaces });
    expect(stderr).toBe("warning: macro 'c' not used\nwarning: macro 'a' not used\n");
  });
});

/** Keys that pfctl draws at random, and a last newline, do not count. */
const comparable = (text: string) => text.replace(/source-hash 0x[0-9a-f]{32}/g, "source-hash KEY").trimEnd();

describe(`${cases.length} random files, judged by pfctl of OpenBSD 7.8`, () => {
  it.each(cases)("$id reads as there, accepted: $accepted", ({ text, accepted, output }) => {
    const ours = check(text);
    expect(comparable(ours.stdout + (accepted ? "" : ours.stderr))).toBe(comparable(output));
    expect(ours.status).toBe(accepted ? 0 : 1);
  });
});
