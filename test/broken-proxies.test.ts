/** The runner catches a faulty proxy: the core with one fault at a time fails, by the right finding, in one group. */

import { describe, expect, test } from "vitest";
import type { Era } from "../harness/contract/lab.ts";
import type { Subject } from "../harness/contract/subject.ts";
import { ownChoice, playCells } from "../harness/run/play-catalogue.fixture.ts";
import { type Filters, select } from "../harness/run/selection.ts";
import core from "../harness/subjects/core.ts";
import { failureGroups } from "../reports/failure-groups.ts";
import type { PlayResult } from "../reports/model.ts";
import { failureReport } from "../reports/terminal/failures.ts";
import { brokenProxies } from "./broken-proxies.ts";

async function playsWith(subject: Subject, filters: Filters): Promise<readonly PlayResult[]> {
  const choice = { ...(await ownChoice()), subjects: [subject] };
  const { plays } = await playCells(select(choice, { ...filters, subjects: [subject.name] }, 1));
  return plays;
}

async function playWith(subject: Subject, id: string, era: Era = "divert-to"): Promise<PlayResult> {
  const [play] = await playsWith(subject, { ids: [id], families: ["inet"], sides: ["forward"], eras: [era] });
  if (play === undefined) throw new Error("nothing was played");
  return play;
}

/** Names of the broken invariants, and the letter if it differs. */
const brokenIn = ({ invariants, letter }: PlayResult): string[] => [
  ...invariants.filter(({ verdict }) => verdict === "broken").map(({ name }) => name),
  ...(letter?.verdict === "differs" ? ["letter"] : []),
];

const plays: [string, Era][] = [
  ["passive/pasv", "divert-to"],
  ["active/port", "divert-to"],
  ["passive/pasv", "rdr-to"],
  ["passive/pasv", "rdr-anchor"],
  ["active/port", "rdr-anchor"],
];

/** Faults of every session. */
const ALWAYS = [
  "sends the line on before the rules are loaded",
  "leaves its rules behind",
  "opens a rule to everybody",
  "allows more than one state",
  "loads no rules at all",
] as const;

describe.each(plays)("%s in the era %s with a core that", (id, era) => {
  test.each(ALWAYS)("%s: fails", async (name) => {
    const { subject, breaks } = brokenProxies[name];
    const play = await playWith(subject, id, era);
    expect(play.grade).toBe("failed");
    expect(brokenIn(play)).toContain(breaks);
  });

  test("is not broken: passes", async () => {
    const play = await playWith(core, id, era);
    expect(play.findings).toEqual([]);
    expect(play.grade).toBe("passed");
  });
});

/** Faults of rare moments, and the scenario that has the moment. */
const RARE = [
  ["forgets -a", "firewall/source-address"],
  ["keeps the slot of a client that resets", "clients/control-reset"],
  ["keeps the slot of a client that leaves before the server answers", "timing/client-gone-before-server"],
  ["leaves the rules of a client that resets", "clients/control-reset"],
] as const;

describe("a core that", () => {
  test.each(RARE)("%s: fails %s on both sides, in both families, for one cause", async (name, id) => {
    const { subject, breaks } = brokenProxies[name];
    const failed = await playsWith(subject, { ids: [id], eras: ["divert-to", "rdr-anchor"] });
    expect(failed.map(({ grade }) => grade)).toEqual(Array(8).fill("failed"));
    for (const play of failed) expect(brokenIn(play)).toContain(breaks);
    expect(failureGroups(failed).map(({ plays: members }) => members.length)).toEqual([8]);
  });

  test.each([
    [
      "writes a 229 without its last bar",
      "passive",
      /expected +229 Entering Extended Passive Mode \(\|{3}\d+\|\)\n +\^{8,}\n/,
    ],
    ["allows more than one state", "active", /expected +pass in quick[^^]+\(max 1\)[^^]+\n +\^\^\n/],
  ] as const)(
    "%s: a report under 60 lines tells the one cause, and marks the difference",
    async (name, category, marked) => {
      const failed = await playsWith(brokenProxies[name].subject, { categories: [category] });
      const report = failureReport(failed, { lines: 50 });
      expect(report.split("\n").length).toBeLessThan(60);
      expect(report.match(/^✕ /gm)).toHaveLength(1);
      expect(report).toMatch(marked);
      expect(report).toMatch(/^ {2}repeat .*npx anchorage repro/m);
      expect(report).not.toContain("\\n");
    },
  );

  test("leaves its rules behind: fails a whole category for one cause", async () => {
    const { subject } = brokenProxies["leaves its rules behind"];
    const played = await playsWith(subject, { categories: ["active"], families: ["inet"], sides: ["forward"] });
    const failed = played.filter(({ grade }) => grade === "failed");
    expect(failed.length).toBeGreaterThan(15);
    expect(failureGroups(failed).map(({ plays: members }) => members.length)).toEqual([failed.length]);
  });
});

test("a rule open to everybody lets the intruder in", async () => {
  const play = await playWith(brokenProxies["opens a rule to everybody"].subject, "active/port");
  expect(play.invariants.find(({ name }) => name === "intruder-out")?.verdict).toBe("broken");
  expect(play.harm?.found.map(({ name }) => name)).toContain("intruder-out");
});
