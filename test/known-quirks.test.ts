/**
 * Every scenario says what it is about and where its expectation comes from, no two say the same, and each known
 * quirk has a scenario and an entry in docs/reference/quirks.
 */

import { readdir, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { OWN_SCENARIOS, readCatalogue } from "../harness/run/catalogue.ts";

const catalogue = await readCatalogue(OWN_SCENARIOS);

describe("the catalogue", () => {
  test("has scenarios", () => {
    expect(catalogue.length).toBeGreaterThan(0);
  });

  test.each(["title", "quirk"] as const)("has each %s once", (field) => {
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

  test("a scenario that changes pf.conf has the need", () => {
    for (const { id, scenario } of catalogue) {
      if (scenario.pfConf !== undefined) expect(scenario.needs, id).toContain("own-pf-conf");
    }
  });

  test("a scenario whose client uses another address has the need", () => {
    for (const { id, scenario } of catalogue) {
      if (scenario.clientFrom !== undefined) expect(scenario.needs, id).toContain(scenario.clientFrom);
    }
  });

  test("a scenario beyond the default limit needs virtual time", () => {
    for (const { id, scenario } of catalogue) {
      if (scenario.limitMs > 10 * 60_000) expect(scenario.needs, id).toContain("virtual-time");
    }
  });
});

/** The quirks that docs/reference/quirks describes: a heading each. */
async function knownQuirks(): Promise<string[]> {
  const folder = new URL("../docs/reference/quirks/", import.meta.url);
  const names = (await readdir(folder)).filter((name) => name !== "README.md" && name !== "surprises.md");
  const pages = await Promise.all(names.map((name) => readFile(new URL(name, folder), "utf8")));
  return pages.flatMap((page) => [...page.matchAll(/^## (.*)$/gm)].map(([, id = ""]) => id));
}
const quirks = await knownQuirks();

/** Plain behaviour: the scenario is named after the command. */
const PLAYED_AS: Readonly<Record<string, string>> = {
  "pasv-227-canonical": "passive/pasv",
  "epsv-229-canonical": "passive/epsv",
  "port-canonical": "active/port",
  "eprt-canonical": "active/eprt",
  "reverse-active": "clients/active-verifies-address",
};

/** Quirks without a scenario. */
const NOT_PLAYED: Readonly<Record<string, string>> = {
  "rtable-rdomain":
    "Only OpenBSD has rdomains. Clients in another rdomain than the firewall's need a different topology in the guest, where rdomains already separate the hosts. The captures show that ftp-proxy(8) names both rdomains in its rules. Node has no setsockopt(SO_RTABLE) for Anchorage's own proxy.",
};

describe("the quirks of docs/reference", () => {
  const ids = catalogue.map(({ id }) => id);
  /** The scenarios of that name, variants included, and the one of another name. */
  const scenariosOf = (quirk: string): string[] =>
    ids.filter((id) => {
      const [, name = ""] = id.split("/");
      return id === PLAYED_AS[quirk] || name === quirk || name.startsWith(`${quirk}-`);
    });

  test("are 171, each listed once", () => {
    expect(quirks.length).toBe(171);
    expect(new Set(quirks).size).toBe(quirks.length);
  });

  test("each has a scenario, or a reason why not", () => {
    expect(quirks.filter((quirk) => scenariosOf(quirk).length === 0 && NOT_PLAYED[quirk] === undefined)).toEqual([]);
  });

  test("no reason is left for a quirk that is gone or has a scenario", () => {
    expect(Object.keys(NOT_PLAYED).filter((quirk) => !quirks.includes(quirk) || scenariosOf(quirk).length > 0)).toEqual(
      [],
    );
    expect(Object.entries(PLAYED_AS).filter(([quirk, id]) => !quirks.includes(quirk) || !ids.includes(id))).toEqual([]);
  });
});
