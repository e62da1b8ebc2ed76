/**
 * The optimizer against pfctl of OpenBSD 7.8 (300 random files of ours, in fixtures/), and what holds for any ruleset.
 */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { Firewall, newNotes } from "../../engine/firewall.ts";
import { INTERFACES, rulesetText, storm } from "../../engine/storm.fixture.ts";
import { pfctl } from "../../pfctl.ts";
import { interfaces } from "../judge-machine.fixture.ts";
import { parseRuleset } from "../parse.ts";

const load = (text: string, ...options: string[]): string =>
  pfctl([...options, "-nvf", "-"], { stdin: text, interfaces }).stdout;

const cases: readonly { readonly id: string; readonly text: string; readonly output: string }[] = JSON.parse(
  gunzipSync(readFileSync(new URL("../fixtures/pfctl-7.8-optimized.json.gz", import.meta.url))).toString(),
);

describe(`${cases.length} random files rich in duplicates, judged by pfctl of OpenBSD 7.8`, () => {
  it.each(cases)("$id is optimized as there", ({ text, output }) => {
    expect(load(text)).toBe(output);
  });
});

const TWICE = "pass in proto tcp to 10.0.0.1\npass in proto tcp to 10.0.0.1\npass out\n";

test("a rule that another one covers goes, with -o basic and when nothing is said", () => {
  const once = "pass in inet proto tcp from any to 10.0.0.1 flags S/SA\npass out all flags S/SA\n";
  expect(load(TWICE)).toBe(once);
  expect(load(TWICE, "-o", "basic")).toBe(once);
});

test("`set ruleset-optimization none` leaves rules as written; -o wins over it, and of two lines the first counts", () => {
  const rules = (text: string, ...options: string[]) => load(text, ...options).match(/^pass/gm)?.length;
  expect(rules(`set ruleset-optimization none\n${TWICE}`)).toBe(3);
  expect(rules(`set ruleset-optimization none\n${TWICE}`, "-o", "basic")).toBe(2);
  expect(rules(`set ruleset-optimization basic\n${TWICE}`, "-o", "none")).toBe(3);
  expect(rules(`set ruleset-optimization none\nset ruleset-optimization basic\n${TWICE}`)).toBe(3);
});

test("rules that differ in one address become a table from the sixth on", () => {
  const hosts = (count: number) => Array.from({ length: count }, (_, index) => `10.0.0.${index + 1}`).join(" ");
  expect(load(`pass from { ${hosts(6)} }\n`)).toBe(
    `table <__automatic_0> const { ${hosts(6)} }\npass inet from <__automatic_0> to any flags S/SA\n`,
  );
  expect(load(`pass from { ${hosts(5)} }\n`)).not.toContain("table");
});

test("labels count rules as they are loaded", () => {
  expect(load(`${TWICE}block label "r$nr"\n`)).toContain('block drop all label "r2"\n');
});

test("an inline anchor is optimized by itself", () => {
  expect(load(`anchor "x" {\n${TWICE}}\n`)).toBe(
    'anchor "x" all {\n  pass in inet proto tcp from any to 10.0.0.1 flags S/SA\n  pass out all flags S/SA\n}\n',
  );
});

test("optimizing changes no decision", () => {
  const decisions = (
    text: string,
    arrivals: readonly (typeof storm extends fc.Arbitrary<infer T> ? T : never)[number][],
    optimization: "none" | "basic",
  ) => {
    let ms = 1_000_000;
    const firewall = new Firewall({ interfaces: INTERFACES, now: () => ms, random: () => 0 });
    firewall.load("", parseRuleset(text, { interfaces: INTERFACES, optimization }).ruleset);
    return arrivals.map(({ direction, interface: name, packet, after }) => {
      ms += after;
      return firewall.test(direction, name, packet, newNotes()).verdict;
    });
  };
  fc.assert(
    fc.property(rulesetText, storm, (text, arrivals) => {
      expect(decisions(text, arrivals, "basic")).toEqual(decisions(text, arrivals, "none"));
    }),
    { numRuns: 200 },
  );
});
