/**
 * The catalogue reads as one book: every scenario says what it is about and where its expectation
 * comes from, and no two say the same.
 */

import { describe, expect, test } from "vitest";
import { OWN_SCENARIOS, readCatalogue } from "../harness/run/catalogue.ts";
import { KNOWN_QUIRKS, NOT_PLAYED, PLAYED_AS } from "./known-quirks.ts";

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

  test("a client that speaks from another address of its own is asked for as a need", () => {
    for (const { id, scenario } of catalogue) {
      if (scenario.clientFrom !== undefined) expect(scenario.needs, id).toContain(scenario.clientFrom);
    }
  });

  test("a scenario that outlasts the default limit asks for virtual time", () => {
    for (const { id, scenario } of catalogue) {
      if (scenario.limitMs > 10 * 60_000) expect(scenario.needs, id).toContain("virtual-time");
    }
  });
});

describe("the known quirks", () => {
  const quirks = Object.values(KNOWN_QUIRKS).flat();
  const ids = catalogue.map(({ id }) => id);
  /** The scenarios of that name, variants included, and the one of another name. */
  const scenariosOf = (quirk: string): string[] =>
    ids.filter((id) => {
      const [, name = ""] = id.split("/");
      return id === PLAYED_AS[quirk] || name === quirk || name.startsWith(`${quirk}-`);
    });

  test("are 171, each told once", () => {
    expect(quirks.length).toBe(171);
    expect(new Set(quirks).size).toBe(quirks.length);
  });

  test("each has a scenario, or a reason why not", () => {
    expect(quirks.filter((quirk) => scenariosOf(quirk).length === 0 && NOT_PLAYED[quirk] === undefined)).toEqual([]);
  });

  test("no reason outlives its quirk or the scenario that was written after all", () => {
    expect(Object.keys(NOT_PLAYED).filter((quirk) => !quirks.includes(quirk) || scenariosOf(quirk).length > 0)).toEqual(
      [],
    );
    expect(Object.entries(PLAYED_AS).filter(([quirk, id]) => !quirks.includes(quirk) || !ids.includes(id))).toEqual([]);
  });
});
