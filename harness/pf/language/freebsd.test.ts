/**
 * FreeBSD's language against its pfctl: 1,080 random files of ours, as FreeBSD 15.1 reads them, and 14.0 and 12.1 where
 * they answer otherwise. The files that the model answers otherwise are listed, so that a change either way shows.
 */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { pfctl } from "../pfctl.ts";
import { freebsdMachine } from "./judge-machine.fixture.ts";

const RELEASES = ["freebsd@15", "freebsd@14", "freebsd@12"] as const;
type ReleaseName = (typeof RELEASES)[number];

interface Answer {
  readonly accepted: boolean;
  /** stdout of `pfctl -nvf -`; of refused files stderr. */
  readonly output: string;
}

type Case = { readonly id: string; readonly text: string; readonly optimized: boolean } & {
  /** Null: pfctl crashes. Absent: as FreeBSD 15. */
  readonly [release in ReleaseName]?: Answer | null;
};

const cases: readonly Case[] = JSON.parse(
  gunzipSync(readFileSync(new URL("./fixtures/pfctl-freebsd.json.gz", import.meta.url))).toString(),
);

const check = (text: string, release: string, optimized = false) =>
  pfctl(optimized ? ["-nvf", "-"] : ["-o", "none", "-nvf", "-"], { ...freebsdMachine, stdin: text, release });

/** Keys that pfctl draws at random do not count. */
const comparable = (text: string) => text.replace(/source-hash( 0x[0-9a-f]{32})?/g, "source-hash KEY").trimEnd();

type Outcome = "equal" | "printed otherwise" | "refused in other words" | "wrongly refused" | "wrongly read";

function outcome({ text, optimized, ...answers }: Case, release: ReleaseName): Outcome {
  const judge = (release in answers ? answers[release] : answers["freebsd@15"]) as Answer | null;
  if (judge === null) return "equal";
  const { stdout, stderr, status } = check(text, release, optimized);
  if (judge.accepted) {
    if (status !== 0) return "wrongly refused";
    return comparable(stdout) === comparable(judge.output) ? "equal" : "printed otherwise";
  }
  if (status === 0) return "wrongly read";
  return comparable(stderr) === comparable(judge.output) ? "equal" : "refused in other words";
}

/** Ids of the files that the model answers otherwise, by what is wrong. */
const KNOWN: Readonly<Record<ReleaseName, Readonly<Partial<Record<Outcome, string>>>>> = {
  "freebsd@15": {
    "printed otherwise": "f0303 f0380 f0660 f1188 f1554 f1578",
    "refused in other words": "f0386 f1355 f1385 f1661 f1785",
    "wrongly refused": "f1402 f1820",
  },
  "freebsd@14": {
    "printed otherwise": "f0278 f0359 f1119 f1188 f1295 f1298 f1642",
    "refused in other words": "f0237 f0269 f0386 f1661 f1785",
    "wrongly read": "f1158",
    "wrongly refused": "f1402",
  },
  "freebsd@12": {
    "printed otherwise": "f0671 f1272 f1295 f1298 f1484 f1642",
    "refused in other words": "f0237 f0263 f0830 f1158 f1458 f1471 f1661 f1785",
    "wrongly refused": "f1402",
  },
};

describe.each(RELEASES)("as pfctl of %s answers them", (release) => {
  it(`${cases.length} random files`, () => {
    const found: Partial<Record<Outcome, string>> = {};
    for (const one of cases) {
      const what = outcome(one, release);
      if (what !== "equal") found[what] = `${found[what] === undefined ? "" : `${found[what]} `}${one.id}`;
    }
    expect(found).toEqual(KNOWN[release]);
  });
});

describe("translation in FreeBSD and before OpenBSD 4.7", () => {
  it.each([
    [
      "drops sources of another family than the first",
      "nat on em0 from em0:network -> (em0)",
      ["nat on em0 inet from 192.0.2.0/24 to any -> (em0) round-robin"],
    ],
    [
      "drops targets of another family than the rule",
      "nat on em0 from 10/8 -> em0",
      ["nat on em0 inet from 10.0.0.0/8 to any -> 192.0.2.1"],
    ],
    [
      "takes the family of the first target, if nothing else has one",
      "rdr on em0 proto tcp to port 22 -> { 10.0.0.1 2001:db8::9 }",
      ["rdr on em0 inet proto tcp from any to any port = ssh -> 10.0.0.1"],
    ],
    [
      "nat may have ports without a protocol",
      "nat on em0 inet from 10/8 port 500 -> (em0) static-port",
      ["nat on em0 inet from 10.0.0.0/8 port = isakmp to any -> (em0) round-robin static-port"],
    ],
    [
      "binat may use an interface's first address",
      "binat on em0 inet from 10.0.0.5 to any -> (em0:0)",
      ["binat on em0 inet from 10.0.0.5 to any -> (em0:0)"],
    ],
  ])("%s", (_, text, printed) => {
    for (const release of [...RELEASES, "openbsd@4.6"]) {
      const { stdout, stderr } = check(`${text}\n`, release);
      expect(stderr).toBe("");
      expect(stdout.trimEnd().split("\n")).toEqual(printed);
    }
  });

  it("rdr may not", () => {
    expect(check("rdr on em0 from any to any port 80 -> 10.0.0.1\n", "freebsd@14").stderr).toMatch(
      /^stdin:1: dst port only applies to tcp\/udp\n/,
    );
  });
});

describe("rule sets from the field are read", () => {
  it.each([
    ["options after rules that want no order", "pass in\nset skip on lo0\nset state-policy if-bound\nset hostid 1\n"],
    [
      "pfSense's",
      'pass out route-to ( em0 192.0.2.254 ) from 192.0.2.1 to !192.0.2.0/24 ridentifier 1 label "a" label "b"\n',
    ],
    ["a user without a protocol", "pass out user proxy\n"],
    ["set-tos of scrub rules", "scrub out on em0 all set-tos lowdelay\n"],
    ["levels of debug", "set debug urgent\n"],
  ])("%s", (_, text) => {
    expect(check(text, "freebsd@15")).toMatchObject({ stderr: "", status: 0 });
  });

  it("anchors of macOS are skipped with a remark, and are not FreeBSD's", () => {
    const text = 'scrub-anchor "com.apple/*"\ndummynet-anchor "com.apple/*"\nanchor "com.apple/*"\n';
    expect(check(text, "macos")).toMatchObject({ stdout: 'anchor "com.apple/*" all\n', status: 0 });
    expect(check(text, "macos").stderr).toContain('scrub-anchor "com.apple/*" is macOS\'s, and not known to the model');
    expect(check(text, "freebsd@15").stderr).toBe("stdin:1: syntax error\n");
  });
});
