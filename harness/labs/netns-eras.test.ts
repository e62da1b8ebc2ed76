/** The older PF languages with real kernels: plays end there as in `sim`, and anchors hold the same rules. */

import { describe, expect, test } from "vitest";
import type { PlayResult } from "../../reports/model.ts";
import { playCatalogue } from "../run/play-catalogue.fixture.ts";
import netns from "./netns.ts";
import sim from "./sim.ts";

const missing = await netns.unavailable();

const IDS = ["active/port", "active/eprt", "passive/pasv", "passive/epsv"];

/** What a play comes to but for addresses of the moment, by its cell without the lab. */
function gist({ id, grade, outcome, timeline }: PlayResult): readonly [string, unknown] {
  const anchors = timeline.flatMap((event) => (event.kind === "anchor" ? [event.rules] : []));
  const rules = anchors.map((list) => list.map((rule) => rule.replace(/port (= )?\d+/g, "port N")));
  return [id.replace(/,(sim|netns),/, ","), { grade, outcome, rules }];
}

describe.skipIf(missing !== undefined)(`eras in netns${missing === undefined ? "" : `: not run, ${missing}`}`, () => {
  test.each(["rdr-to", "rdr-anchor"] as const)(
    "%s: with the core and with none as in sim",
    async (era) => {
      const { plays } = await playCatalogue([sim, netns], { ids: IDS, subjects: ["core", "none"], eras: [era] });
      const played = plays.filter(({ grade }) => grade !== "does-not-apply");
      expect(played.filter(({ grade }) => grade !== "passed").map(({ id, reason }) => `${id}: ${reason}`)).toEqual([]);
      const inLab = (lab: string) => Object.fromEntries(played.filter((one) => one.lab === lab).map(gist));
      expect(Object.keys(inLab("netns"))).toHaveLength(24);
      expect(inLab("netns")).toEqual(inLab("sim"));
    },
    60_000,
  );
});
