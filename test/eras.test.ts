/**
 * The two older PF languages: the whole catalogue in the simulator, with every subject that plays there. The era
 * `divert-to` is in catalogue.test.ts.
 */

import { describe, expect, test } from "vitest";
import { ownChoice, playCells } from "../harness/run/play-catalogue.fixture.ts";
import { select } from "../harness/run/selection.ts";

const choice = await ownChoice();

/** Subjects with at least one play in the simulator; the others need a firewall that it does not have. */
const PLAYING = {
  "rdr-to": ["core", "none"],
  "rdr-anchor": ["core", "core-late-classic", "none"],
} as const;

describe.each(["rdr-to", "rdr-anchor"] as const)("in the era %s", (era) => {
  test.each(choice.subjects.map(({ name }) => name))(
    "%s: every play ends as its scenario says",
    {
      timeout: 120_000,
    },
    async (subject) => {
      const { plays } = await playCells(select(choice, { subjects: [subject], eras: [era] }, 1));
      const wrong = plays.filter(({ grade }) => grade === "failed" || grade === "not-run");
      expect(wrong.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([]);
      expect(plays.some(({ grade }) => grade === "passed")).toBe((PLAYING[era] as readonly string[]).includes(subject));
    },
  );
});

test("where the generations differ, the scenario says so", () => {
  const differing = choice.catalogue.filter(
    ({ scenario }) => JSON.stringify(scenario.ends.classic) !== JSON.stringify(scenario.ends["ftp-proxy"]),
  );
  expect(differing.map(({ id }) => id)).toContain("firewall/active-rules-timing-by-version");
});
