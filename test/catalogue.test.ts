/**
 * The catalogue in the simulator, in every era: every play ends as its scenario says, and the six invariants hold in
 * each.
 */

import { describe, expect, test } from "vitest";
import { ownChoice, playCells } from "../harness/run/play-catalogue.fixture.ts";
import { leftToOtherLabs, needsOf, select } from "../harness/run/selection.ts";
import type { Service } from "../reports/model.ts";

const choice = await ownChoice();
const withPrograms = choice.catalogue.filter(({ scenario }) => needsOf(scenario).includes("processes"));
const categories = [
  ...new Set(choice.catalogue.filter((entry) => !withPrograms.includes(entry)).map(({ category }) => category)),
];

/** pfctl(8) refuses `set queue` in an anchor's text, so a proxy that loads text has no -q. */
const NEED_THE_IOCTL = [
  "firewall/pf-ioctl-failure",
  "firewall/pf-ioctl-failure-active",
  "firewall/tag-queue-log-options-queue",
];

/** A service that failed names who broke it, where, and how the user notices. */
const isExplained = (service: Service | undefined): boolean =>
  service !== undefined &&
  (service.verdict !== "fails" || ![service.by, service.where, service.notice].includes(undefined));

describe("the catalogue ends as expected, with the core and with no proxy", () => {
  test.each(categories)("%s", { timeout: 120_000 }, async (category) => {
    const run = await playCells(select(choice, { categories: [category] }, 1));
    const known = (id: string) => NEED_THE_IOCTL.some((scenario) => id.startsWith(`${scenario}@core,`));
    const wrong = run.plays.filter(
      ({ id, grade }) => grade !== (known(id) ? "unsupported" : "passed") && grade !== "does-not-apply",
    );
    expect(wrong.map(({ id, grade, reason }) => `${id}: ${grade}: ${reason}`)).toEqual([]);
    expect(run.plays.some(({ grade }) => grade === "passed")).toBe(true);
    const unexplained = run.plays.filter(({ grade, service }) => grade === "passed" && !isExplained(service));
    expect(unexplained.map(({ id, service }) => `${id}: ${service?.reason}`)).toEqual([]);
  });

  test("real programs are left to netns: a run that names none of them reports it, one that does gets a reason", () => {
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

  test("every scenario describes itself completely", () => {
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
  const differing = choice.catalogue.filter(({ scenario }) => scenario.expect.classic !== scenario.expect["ftp-proxy"]);
  expect(differing.map(({ id }) => id)).toContain("servers/server-connects-before-200");
});
