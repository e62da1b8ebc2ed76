import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { LintOptions } from "./analysis.ts";
import { corrected } from "./corrected.ts";
import { lint } from "./lint.ts";
import { address, CLASSIC, FIT, MISTAKES } from "./mistakes.fixture.ts";

const checks = (text: string, options: LintOptions = {}) =>
  lint(text, options).findings.map(({ check, line }) => `${line} ${check}`);

const template = (path: string) => readFileSync(new URL(`../../../vm/pf/${path}`, import.meta.url), "utf8");

describe("fit for ftp-proxy, and so without findings, are", () => {
  test.each<[string, string, LintOptions]>([
    ["a firewall with NAT and default deny", FIT, {}],
    [
      "ftp-proxy(8)'s own example",
      `anchor "ftp-proxy/*"
pass in quick proto tcp to port ftp divert-to 127.0.0.1 port 8021
pass out inet proto tcp from (self) to any port ftp
`,
      {},
    ],
    [
      "the same with IPv6",
      `anchor "ftp-proxy/*"
pass in quick inet proto tcp to port ftp divert-to 127.0.0.1 port 8021
pass in quick inet6 proto tcp to port ftp divert-to ::1 port 8021
pass out inet proto tcp from (self) to any port ftp
pass out inet6 proto tcp from (self) to any port ftp
`,
      {},
    ],
    [
      "a firewall that speaks of groups",
      `set skip on lo
block return
anchor "ftp-proxy/*"
match out on egress inet from (vio1:network) nat-to (egress)
pass in quick on vio1 inet proto tcp to port ftp divert-to 127.0.0.1 port 8021
pass out on egress inet proto tcp from (egress) to any port ftp
pass in on vio1
pass out
`,
      {},
    ],
    [
      "a reverse set-up",
      `PUBLIC = "203.0.113.80"
block
anchor "ftp-proxy/*"
pass in on egress inet proto tcp to $PUBLIC port ftp
pass out on vio1 inet proto tcp to 10.0.0.20 port ftp user _ftp_proxy
`,
      {},
    ],
    [
      "the rdr-to of 4.7 to 4.9, said to be that",
      `anchor "ftp-proxy/*"
pass in quick proto tcp to port ftp rdr-to 127.0.0.1 port 8021
pass out proto tcp from 192.0.2.1 to any port ftp
`,
      { era: "rdr-to" },
    ],
    ["the three anchors before 4.7", CLASSIC, {}],
    [
      "FreeBSD's order, NAT first: the addresses are the same",
      `nat on em0 inet from 10.0.0.0/24 to any -> (em0)
nat-anchor "ftp-proxy/*"
rdr-anchor "ftp-proxy/*"
rdr pass proto tcp from any to any port 21 -> 127.0.0.1 port 8021
anchor "ftp-proxy/*"
pass out proto tcp from 127.0.0.1 to any port 21
`,
      {},
    ],
    [
      "tables of martians, antispoof and urpf-failed",
      FIT.replace(
        "anchor",
        `table <martians> const { 10/8 172.16/12 192.168/16 127/8 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 240/4 }
antispoof quick for { lo $int_if }
block in quick on $ext_if from { <martians> no-route urpf-failed }
block out quick on $ext_if to <martians>
anchor`,
      ),
      {},
    ],
    ["a tag that is passed after the anchor", `${FIT}pass quick tagged FTP\n`, { tag: "FTP" }],
  ])("%s", (_, text, options) => {
    expect(lint(text, options).findings).toEqual([]);
  });

  test.each([
    "divert-to/forward.conf",
    "divert-to/reverse.conf",
    "rdr-to/forward.conf",
    "rdr-to/reverse.conf",
    "rdr-anchor/forward.conf",
    "rdr-anchor/reverse.conf",
  ])("the template %s", (path) => {
    const era = path.split("/")[0] as "divert-to";
    expect(checks(template(path), { era })).toEqual([]);
  });
});

describe("found, with its line, and put right by the corrected lines, is", () => {
  test.each(MISTAKES.map((mistake) => [mistake.name, mistake] as const))(
    "%s",
    (_, { text: make, finds, options = {} }) => {
      const text = make();
      const { findings } = lint(text, options);
      const found = findings.map(({ check, line }) => `${line} ${check}`);
      expect(found).toContain(finds);
      let fixed = text;
      // One at a time: the next finding's lines are of the text that the last correction left.
      for (let round = 0; round < 4; round++) {
        const [finding] = lint(fixed, options).findings;
        if (finding === undefined) break;
        fixed = corrected(lint(fixed, options).analysis, finding.correction);
      }
      expect(checks(fixed, options)).toEqual([]);
    },
  );
});

describe("lint says", () => {
  test("why, in every finding", () => {
    for (const { text, options = {} } of MISTAKES) {
      for (const { message, why } of lint(text(), options).findings) {
        expect(message.length).toBeGreaterThan(10);
        expect(why.length).toBeGreaterThan(40);
      }
    }
  });

  test("what pfctl says of lines that are no PF at all", () => {
    const [finding] = lint(`${FIT}pass frob\n`, { release: "openbsd@7.8" }).findings;
    expect(finding).toMatchObject({ check: "refused", line: 10 });
    expect(finding?.message).toContain("pfctl of OpenBSD 7.8 refuses this line: syntax error");
  });

  test("of words that no release of the model has, in its own name, that it does not know them", () => {
    const [finding] = lint(`${FIT}pass frob\n`, {}).findings;
    expect(finding).toMatchObject({ check: "not-known", line: 10 });
    expect(finding?.message).not.toContain("pfctl");
  });

  test("with a machine given, that IPv6 is in use there", () => {
    const interfaces = [
      { name: "em0", groups: ["egress"], addresses: ["192.0.2.1/24", "2001:db8:2::1/64"].map(address) },
      { name: "em1", groups: [], addresses: ["10.0.0.1/24", "2001:db8:1::1/64"].map(address) },
    ];
    expect(checks(FIT, { interfaces })).toEqual(["7 divert-missing", "9 proxy-out-missing"]);
    expect(checks(`block quick inet6\n${FIT}`, { interfaces })).toEqual([]);
  });
});
