/** The two older languages: reading, printing, and complaints about words of other eras. */

import { describe, expect, it } from "vitest";
import { pfctl } from "../pfctl.ts";
import type { Era } from "./eras.ts";
import { parseRuleset } from "./parse.ts";
import { releaseNamed } from "./releases.ts";

const interfaces = [{ name: "em0", groups: [], addresses: [{ address: "192.0.2.1", prefix: 24 }] }];

const check = (era: Era, text: string, release?: string) =>
  pfctl(["-nvf", "-"], { stdin: `${text}\n`, interfaces, era, ...(release && { release }) });

describe("rdr-anchor: OpenBSD before 4.7, and FreeBSD", () => {
  it.each([
    ["nat on em0 from 10/8 to any -> (em0)", "nat on em0 inet from 10.0.0.0/8 to any -> (em0) round-robin"],
    ["nat on em0 inet from 10.0.0.0/8 -> 192.0.2.9", "nat on em0 inet from 10.0.0.0/8 to any -> 192.0.2.9"],
    ["nat on em0 from 10/8 -> em0 static-port", "nat on em0 inet from 10.0.0.0/8 to any -> 192.0.2.1 static-port"],
    [
      "nat on em0 from 10/8 -> { 192.0.2.5 192.0.2.6 } sticky-address",
      "nat on em0 inet from 10.0.0.0/8 to any -> { 192.0.2.5, 192.0.2.6 } round-robin sticky-address",
    ],
    [
      "rdr pass proto tcp from any to any port ftp -> 127.0.0.1 port 8021",
      "rdr pass inet proto tcp from any to any port = ftp -> 127.0.0.1 port 8021",
    ],
    [
      "rdr on em1 proto tcp to 192.0.2.1 port 8000:8010 tag IN -> 10.0.0.1 port 9000:*",
      "rdr on em1 inet proto tcp from any to 192.0.2.1 port 8000:8010 tag IN -> 10.0.0.1 port 9000:9010",
    ],
    ["no rdr on lo0 from any to any", "no rdr on lo0 all"],
    ["binat on em0 from 10.0.0.5 to any -> 192.0.2.7", "binat on em0 inet from 10.0.0.5 to any -> 192.0.2.7"],
    ['rdr-anchor "ftp-proxy/*"', 'rdr-anchor "ftp-proxy/*" all'],
    ["scrub in all", "scrub in all fragment reassemble"],
    [
      "scrub out on em0 no-df max-mss 1440 fragment crop",
      "scrub out on em0 all no-df max-mss 1440 fragment reassemble",
    ],
    ["pass in", "pass in all flags S/SA keep state"],
    ["pass out proto tcp all user proxy", "pass out proto tcp all user = 62 flags S/SA keep state"],
    ["pass out proto tcp to port 8021", "pass out proto tcp from any to any port = ftp-proxy flags S/SA keep state"],
  ])("%s", (text, printed) => {
    const { stdout, stderr, status } = check("rdr-anchor", text);
    expect([stdout, stderr, status]).toEqual([`${printed}\n`, "", 0]);
  });

  it("prints what it reads again, anchors in place too", () => {
    const text = [
      "scrub in all fragment reassemble",
      "nat on em0 inet from 10.0.0.0/8 to any -> (em0) round-robin",
      'nat-anchor "foo" all {',
      '  nat-anchor "bar" all {',
      "    nat on em0 all -> (em0) round-robin",
      "  }",
      "}",
      "no nat on em0 all",
      'anchor "ftp-proxy/*" all',
      "block drop in all",
      "",
    ].join("\n");
    expect(check("rdr-anchor", text).stdout).toBe(text);
  });

  it("numbers the rules of each kind for themselves with -vv", () => {
    const text = 'nat-anchor "a"\nrdr-anchor "a"\nrdr-anchor "b"\npass\n';
    expect(pfctl(["-nvvf", "-"], { stdin: text, interfaces, era: "rdr-anchor" }).stdout).toMatch(
      /^@0 nat-anchor "a" all\n@0 rdr-anchor "a" all\n@1 rdr-anchor "b" all\n@0 pass all flags S\/SA keep state\n$/m,
    );
  });

  it("keeps translations and scrub rules in lists of their own", () => {
    const text = "scrub in all\nrdr on em0 proto tcp to port 21 -> 127.0.0.1 port 8021\npass in\n";
    const { ruleset } = parseRuleset(text, { interfaces, era: "rdr-anchor" });
    expect([ruleset.scrubs?.length, ruleset.translations?.length, ruleset.rules.length]).toEqual([1, 1, 1]);
    expect(ruleset.translations?.[0]).toMatchObject({
      type: "rdr",
      family: "inet",
      pool: { address: { address: "127.0.0.1" }, port: { from: 8021, to: 0 } },
    });
  });

  it("prints nat, rdr and binat one after the other, however the text mixed them", () => {
    const text = [
      "rdr on em0 inet proto tcp from any to 192.0.2.1 port = ftp -> 10.0.0.1",
      "nat on em0 inet from 10.0.0.0/8 to any -> 192.0.2.9",
      'rdr-anchor "ftp-proxy/*" all',
      "binat on em0 inet from 10.0.0.5 to any -> 192.0.2.7",
      'nat-anchor "ftp-proxy/*" all',
    ];
    const printed = [text[1], text[4], text[0], text[2], text[3]].map((line) => `${line}\n`).join("");
    expect(check("rdr-anchor", `${text.join("\n")}\n`).stdout).toBe(printed);
  });

  it("wants its order of statements, unless told otherwise", () => {
    const text = "pass in\nnat on em0 from any -> (em0)";
    expect(check("rdr-anchor", text).stderr).toBe(
      "stdin:2: Rules must be in order: options, ethernet, normalization, queueing, translation, filtering\n",
    );
    expect(check("rdr-anchor", text, "freebsd@12").stderr).toBe(
      "stdin:2: Rules must be in order: options, normalization, queueing, translation, filtering\n",
    );
    expect(check("rdr-anchor", `set require-order no\n${text}`).status).toBe(0);
  });
});

describe("words of another era", () => {
  it.each<[Era, string, string, string?]>([
    [
      "rdr-anchor",
      "pass in proto tcp divert-to 127.0.0.1 port 8021",
      '"divert-to" belongs to the era divert-to',
      "openbsd@4.6",
    ],
    ["rdr-anchor", "pass out nat-to (em0)", '"nat-to" belongs to the eras rdr-to', "openbsd@4.6"],
    ["rdr-to", "pass in proto tcp divert-to 127.0.0.1 port 8021", '"divert-to" belongs to the era divert-to'],
    ["rdr-to", "rdr on em0 proto tcp -> 10.0.0.1", '"rdr" belongs to the era rdr-anchor'],
    ["rdr-to", "pass in once", '"once" belongs to the era divert-to'],
  ])("%s: %s is a syntax error, and the model says why", (era, text, complaint, release) => {
    const { stderr, status } = check(era, text, release);
    expect(stderr).toMatch(/^stdin:1: syntax error\n/);
    expect(stderr).toContain(complaint);
    expect(status).toBe(1);
  });

  it("names of another system are not known", () => {
    expect(check("divert-to", "pass out proto tcp user proxy").stderr).toContain("unknown user proxy");
  });

  it("are a plain syntax error to OpenBSD 7.8; the hint stands beside", () => {
    const { errors } = parseRuleset("nat on em0 from any -> (em0)\n", { interfaces });
    expect(errors).toEqual([
      {
        file: "stdin",
        line: 1,
        text: "syntax error",
        hint: expect.stringContaining('"nat" belongs to the era rdr-anchor (OpenBSD before 4.7, and FreeBSD)'),
      },
    ]);
  });

  it("rdr-to has today's translation, without divert-to", () => {
    const { stdout } = check("rdr-to", "pass in quick proto tcp to port 21 rdr-to 127.0.0.1 port 8021");
    expect(stdout).toBe(
      "pass in quick inet proto tcp from any to any port = 21 flags S/SA rdr-to 127.0.0.1 port 8021\n",
    );
  });
});

describe("a release is named after its system", () => {
  it.each([
    ["freebsd@16", "freebsd@15"],
    ["freebsd@13", "freebsd@14"],
    ["freebsd@11.2", "freebsd@12"],
    ["openbsd@4.3", "openbsd@4.6"],
    ["openbsd@4.8", "openbsd@4.9"],
    ["openbsd@5.2", "openbsd@5.4"],
    ["openbsd@6.9", "openbsd@7.8"],
    ["openbsd", "openbsd@7.8"],
    ["macos", "macos"],
  ])("%s is read as %s", (asked, read) => {
    expect(releaseNamed(asked)?.name).toBe(read);
  });

  it("others are not known", () => {
    expect(releaseNamed("netbsd@10")).toBeUndefined();
    expect(releaseNamed("freebsd@new")).toBeUndefined();
  });
});

describe("queues of altq(4) are read and printed", () => {
  const text = "altq on em0 priq bandwidth 10Mb queue { std, ftp }\nqueue std priq(default)\nqueue ftp priority 7\n";
  const printed =
    "altq on em0 priq bandwidth 10Mb tbrsize 6000 queue { std ftp }\nqueue std priq( default ) \nqueue ftp priority 7 \n";

  it.each(["freebsd@15", "openbsd@4.6", "openbsd@4.9", "openbsd@5.4"])("by %s", (release) => {
    expect(check("rdr-anchor", text, release)).toEqual({ stdout: printed, stderr: "", status: 0 });
  });

  it("not by OpenBSD 7.8", () => {
    expect(check("divert-to", text).stderr).toMatch(/^stdin:1: syntax error\n/);
  });
});
