/**
 * The catalogue reads as one book: every scenario says what it is about and where its expectation
 * comes from, and no two say the same.
 */

import { describe, expect, test } from "vitest";
import { OWN_SCENARIOS, readCatalogue } from "../harness/run/catalogue.ts";

const catalogue = await readCatalogue(OWN_SCENARIOS);

describe("the catalogue", () => {
  test("has scenarios", () => {
    expect(catalogue.length).toBeGreaterThan(0);
  });

  test.each(["title", "quirk"] as const)("tells each %s once", (field) => {
    const texts = catalogue.map(({ scenario }) => scenario[field]);
    expect(texts.filter((text, index) => texts.indexOf(text) !== index)).toEqual([]);
  });

  test("titles are noun phrases on one line, quirks are sentences, sources are named", () => {
    for (const { id, scenario } of catalogue) {
      expect(scenario.title, id).toMatch(/^\S.{2,100}[^.]$/);
      expect(scenario.quirk, id).toMatch(/^\S[^\n]+[.)]$/);
      expect(scenario.sources.length, id).toBeGreaterThan(0);
    }
  });

  test("every scenario has a family and a side to be played in", () => {
    for (const { id, scenario } of catalogue) {
      expect([scenario.families.length > 0, scenario.sides.length > 0], id).toEqual([true, true]);
    }
  });

  test("a pf.conf that is changed is asked for as a need", () => {
    for (const { id, scenario } of catalogue) {
      if (scenario.pfConf !== undefined) expect(scenario.needs, id).toContain("own-pf-conf");
    }
  });

  test("a scenario that outlasts the default limit asks for virtual time", () => {
    for (const { id, scenario } of catalogue) {
      if (scenario.limitMs > 10 * 60_000) expect(scenario.needs, id).toContain("virtual-time");
    }
  });
});
