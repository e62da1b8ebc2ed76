/**
 * The catalogue, played in the simulator: every play ends as its scenario says, and the six
 * invariants hold in each.
 */

import { describe, expect, test } from "vitest";
import { OWN_SCENARIOS, readCatalogue, readLabs, readSubjects } from "../harness/run/catalogue.ts";
import { runPlays } from "../harness/run/runner.ts";
import { leftToOtherLabs, needsOf, select } from "../harness/run/selection.ts";

const choice = {
  catalogue: await readCatalogue(OWN_SCENARIOS),
  labs: await readLabs(),
  subjects: await readSubjects(),
};
const withPrograms = choice.catalogue.filter(({ scenario }) => needsOf(scenario).includes("processes"));
const categories = [
  ...new Set(choice.catalogue.filter((entry) => !withPrograms.includes(entry)).map(({ category }) => category)),
];

/** pfctl(8) refuses `set queue` in an anchor's text, so a proxy that loads by it has no -q. */
const NEED_THE_IOCTL = [
  "firewall/pf-ioctl-failure",
  "firewall/pf-ioctl-failure-active",
  "firewall/tag-queue-log-options-queue",
];

describe("the catalogue ends as expected, with the core and with no proxy", () => {
  test.each(categories)("%s", { timeout: 120_000 }, async (category) => {
    const planned = select(choice, { categories: [category] }, 1);
    const run = await runPlays({ seed: 1, version: "test", planned, now: () => 0 });
    const known = (id: string) => NEED_THE_IOCTL.some((scenario) => id.startsWith(`${scenario}@core,`));
    const wrong = run.plays.filter(
      ({ id, grade }) => grade !== (known(id) ? "unsupported" : "passed") && grade !== "does-not-apply",
    );
    expect(wrong.map(({ id, grade, reason }) => `${id}: ${grade}: ${reason}`)).toEqual([]);
    expect(run.plays.some(({ grade }) => grade === "passed")).toBe(true);
  });

  test("real programs are left to netns: a run that names none of them says so, one that does gets a reason", () => {
    const whole = select(choice, {}, 1);
    expect(whole.filter(({ cell }) => withPrograms.includes(cell.entry))).toEqual([]);
    expect(leftToOtherLabs(choice, {})).toEqual(withPrograms);
    const asked = select(choice, { ids: ["programs/curl/vsftpd-passive"] }, 1);
    expect(leftToOtherLabs(choice, { ids: ["programs/curl/vsftpd-passive"] })).toEqual([]);
    expect(asked).not.toEqual([]);
    for (const one of asked) {
      expect(one).toMatchObject({ plan: "unsupported", reason: expect.stringContaining("run no programs") });
    }
  });

  test("what a scenario says of itself is complete", () => {
    for (const { id, scenario } of choice.catalogue) {
      expect(scenario.title, id).toMatch(/^\S.{2,}/);
      expect(scenario.quirk.length, id).toBeGreaterThan(40);
      expect(scenario.sources.length, id).toBeGreaterThan(0);
      expect([1, 2, 3], id).toContain(scenario.priority);
      if (id.startsWith("passive/")) expect(scenario.modes, id).toContain("passive");
      if (id.startsWith("active/")) expect(scenario.modes, id).toContain("active");
    }
  });
});
