/**
 * The two older PF languages, and the classic generations: the part of the catalogue in which they could differ, played
 * in the simulator with the core.
 */

import { describe, expect, test } from "vitest";
import { OWN_SCENARIOS, readCatalogue, readLabs, readSubjects } from "../harness/run/catalogue.ts";
import { runPlays } from "../harness/run/runner.ts";
import { select } from "../harness/run/selection.ts";

const choice = {
  catalogue: await readCatalogue(OWN_SCENARIOS),
  labs: await readLabs(),
  subjects: await readSubjects(),
};
const CATEGORIES = ["passive", "active", "data", "pipelining", "reverse", "firewall"];

async function playsOf(era: "rdr-to" | "rdr-anchor", subject: "core" | "core-late-classic", category: string) {
  const planned = select(choice, { categories: [category], subjects: [subject], labs: ["sim"], eras: [era] }, 1);
  return (await runPlays({ seed: 1, version: "test", planned, now: () => 0 })).plays;
}

describe.each([
  ["rdr-to", "core"],
  ["rdr-anchor", "core"],
  ["rdr-anchor", "core-late-classic"],
] as const)("in the era %s with %s every play ends as its scenario says", (era, subject) => {
  test.each(CATEGORIES)("%s", { timeout: 120_000 }, async (category) => {
    const plays = await playsOf(era, subject, category);
    const wrong = plays.filter(({ grade }) => grade === "failed" || grade === "not-run");
    expect(wrong.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([]);
    expect(plays.some(({ grade }) => grade === "passed")).toBe(true);
  });
});

test("where the generations differ, the scenario says so", () => {
  const differing = choice.catalogue.filter(
    ({ scenario }) => JSON.stringify(scenario.ends.classic) !== JSON.stringify(scenario.ends["ftp-proxy"]),
  );
  expect(differing.map(({ id }) => id)).toContain("firewall/active-rules-timing-by-version");
});
