import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Era } from "../../pf/language/eras.ts";
import { parseRuleset } from "../../pf/language/parse.ts";
import { lint } from "../lint/lint.ts";
import { convert } from "./convert.ts";

const template = (path: string) => readFileSync(new URL(`../../../vm/pf/${path}`, import.meta.url), "utf8");

const one = (text: string, to: Era, from?: Era) => convert(`${text}\n`, from === undefined ? { to } : { to, from });

/** Modern form and the form before 4.7, which become one another. */
const PAIRS = [
  ["match out on em0 inet from 10.0.0.0/24 nat-to (em0)", "nat on em0 inet from 10.0.0.0/24 -> (em0)"],
  [
    "match out on em0 inet from 10.0.0.0/24 nat-to 192.0.2.1 static-port",
    "nat on em0 inet from 10.0.0.0/24 -> 192.0.2.1 static-port",
  ],
  [
    "match in on em0 inet proto tcp to 192.0.2.1 port 80 rdr-to 10.0.0.5 port 8080",
    "rdr on em0 inet proto tcp to 192.0.2.1 port 80 -> 10.0.0.5 port 8080",
  ],
  ["match on em0 inet from 10.0.0.5 binat-to 192.0.2.5", "binat on em0 inet from 10.0.0.5 -> 192.0.2.5"],
  [
    "pass in quick on em1 inet proto tcp to port ftp divert-to 127.0.0.1 port 8021",
    "rdr pass on em1 inet proto tcp to port ftp -> 127.0.0.1 port 8021",
  ],
  ["match in all scrub (no-df max-mss 1440)", "scrub in all no-df max-mss 1440"],
  ["block return in on em0 proto tcp to port { 137 139 }", "block return in on em0 proto tcp to port { 137 139 }"],
  ["table <lan> { 10.0.0.0/24 !10.0.0.9 }", "table <lan> { 10.0.0.0/24 !10.0.0.9 }"],
] as const;

describe("a rule of today and one before 4.7", () => {
  test.each(PAIRS)("%s", (modern, classic) => {
    expect(one(modern, "rdr-anchor").text).toBe(`${classic}\n`);
    const back = one(classic, "divert-to", "rdr-anchor").text;
    expect(back?.replace("match in scrub", "match in all scrub")).toBe(`${modern}\n`);
  });

  test("one anchor is three, and three are one", () => {
    const three = 'nat-anchor "ftp-proxy/*"\nrdr-anchor "ftp-proxy/*"\nanchor "ftp-proxy/*"\n';
    expect(one('anchor "ftp-proxy/*"', "rdr-anchor").text).toBe(three);
    expect(convert(three, { to: "divert-to" }).text).toBe('anchor "ftp-proxy/*"\n');
  });

  test("a redirection that must wait for a quick block is a redirection and a filter rule", () => {
    const text =
      "block in quick from 10.0.0.9\npass in quick on em1 inet proto tcp to port ftp divert-to 127.0.0.1 port 8021\n";
    expect(convert(text, { to: "rdr-anchor" }).text).toBe(
      `rdr on em1 inet proto tcp to port ftp -> 127.0.0.1 port 8021
block in quick from 10.0.0.9
pass in quick on em1 inet proto tcp to 127.0.0.1 port 8021
`,
    );
  });

  test("an exemption from translation is a tag that later rules ask for", () => {
    const text = "no nat on em0 from 10.0.0.9\nnat on em0 from 10.0.0.0/24 to any -> (em0)\n";
    expect(convert(text, { to: "divert-to" }).text).toBe(
      `match out on em0 from 10.0.0.9 tag CONVERTED_NO_NAT
match out on em0 from 10.0.0.0/24 to any ! tagged CONVERTED_NO_NAT nat-to (em0)
`,
    );
  });
});

describe("between the languages since 4.7", () => {
  test("the proxy's rule changes one word", () => {
    const [diverts, redirects] = ["divert-to", "rdr-to"].map(
      (word) => `pass in quick on em1 inet proto tcp to port ftp ${word} 127.0.0.1 port 8021\n`,
    ) as [string, string];
    expect(convert(diverts, { to: "rdr-to" }).text).toBe(redirects);
    expect(convert(redirects, { to: "divert-to" }).text).toBe(diverts);
  });

  test("other redirections stay what they are", () => {
    const text =
      "pass in on em0 inet proto tcp to port 80 rdr-to 10.0.0.5\npass in proto tcp to port 3128 rdr-to 127.0.0.1 port 3128\n";
    expect(convert(text, { to: "divert-to" }).text).toBe(text);
  });
});

describe("what has no equivalent is refused, with line and reason", () => {
  test.each<[string, Era, RegExp]>([
    ["pass in on em0 received-on em1", "rdr-anchor", /nothing like "received-on"/],
    ["pass in on em0 once", "rdr-to", /"once" came later/],
    ["match out on em0 set prio 5", "rdr-anchor", /nothing like "set"/],
    ["match log on em0", "rdr-anchor", /no "match" rules/],
    ["pass out on em0 route-to 192.0.2.254", "rdr-anchor", /names one/],
    ["queue main on em0 bandwidth 10M default", "rdr-anchor", /altq/],
    ["pass in on em0 inet6 to 64:ff9b::/96 af-to inet from (em0)", "rdr-to", /came later/],
    ["pass frob", "rdr-anchor", /syntax error/],
  ])("%s", (text, to, reason) => {
    const { text: result, refused } = convert(`# a comment\n${text}\n`, { to });
    expect(result).toBeUndefined();
    expect(refused).toHaveLength(1);
    expect(refused[0]?.line).toBe(2);
    expect(refused[0]?.text).toMatch(reason);
  });
});

describe("a whole file", () => {
  const MIXED = `# The firewall.
ext = "em0"   # outside
lan = "{ 10.0.0.0/24, 10.0.1.0/24 }"

# Data connections first.
anchor "ftp-proxy/*"

# NAT.
match out on $ext inet from $lan nat-to ($ext) # all
block
pass in quick inet proto tcp from $lan to port { ftp } divert-to 127.0.0.1 port 8021
anchor "spam" in on $ext {
	pass proto tcp to port smtp
}
set skip on lo
`;

  test("keeps comments, macros and lists, and puts statements in the order of before 4.7", () => {
    expect(convert(MIXED, { to: "rdr-anchor" }).text).toBe(`# The firewall.
ext = "em0"   # outside
lan = "{ 10.0.0.0/24, 10.0.1.0/24 }"
set skip on lo

# Data connections first.
nat-anchor "ftp-proxy/*"
rdr-anchor "ftp-proxy/*"

# NAT.
nat on $ext inet from $lan -> ($ext) # all
rdr pass inet proto tcp from $lan to port { ftp } -> 127.0.0.1 port 8021
anchor "ftp-proxy/*"
block
anchor "spam" in on $ext {
	pass proto tcp to port smtp
}
`);
  });

  const ERAS: readonly Era[] = ["divert-to", "rdr-to", "rdr-anchor"];
  const ways = ERAS.flatMap((from) => ERAS.filter((to) => to !== from).map((to) => [from, to] as const));

  test.each(ways)("of %s, fit for ftp-proxy, is fit in %s and parses there", (from, to) => {
    const { text, refused } = convert(template(`${from}/forward.conf`), { from, to });
    expect(refused).toEqual([]);
    const interfaces = ["em0", "em1"].map((name) => ({
      name,
      groups: [],
      addresses: [{ address: "192.0.2.1", prefix: 24 }],
    }));
    expect(parseRuleset(text ?? "", { era: to, interfaces }).errors).toEqual([]);
    expect(lint(text ?? "", { era: to }).findings).toEqual([]);
  });

  test("that is in the language already stays as it is", () => {
    for (const era of ERAS)
      expect(convert(template(`${era}/forward.conf`), { from: era, to: era }).text).toBe(
        template(`${era}/forward.conf`),
      );
  });
});
