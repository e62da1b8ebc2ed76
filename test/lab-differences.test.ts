/**
 * The plays that labs of real kernels leave out, computed from the scenarios' needs, are those in
 * docs/labs/differences.md.
 * So a play that becomes unsupported, or supported, is noticed.
 */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { LabKind, Need } from "../harness/contract/lab.ts";
import netns from "../harness/labs/netns.ts";
import openbsd from "../harness/labs/openbsd.ts";
import sim from "../harness/labs/sim.ts";
import { ownChoice } from "../harness/run/play-catalogue.fixture.ts";
import { needsOf, type PlannedCell, select } from "../harness/run/selection.ts";

const PAGE = readFileSync(new URL("../docs/labs/differences.md", import.meta.url), "utf8");
/** The list items below a heading of the page, each on one line. */
function itemsBelow(heading: string): readonly string[] {
  const [section = ""] = (PAGE.split(`## ${heading}\n`)[1] ?? "").split("\n## ");
  const [, ...items] = section.split(/^- /m);
  return items.map((item) => item.trim().replace(/\s+/g, " "));
}

const { catalogue: all, subjects } = await ownChoice();
const catalogue = all.filter(({ scenario }) => !needsOf(scenario).includes("processes"));

const planned = (lab: LabKind, names = ["core", "none"]): readonly PlannedCell[] =>
  select({ catalogue, labs: [lab], subjects }, { subjects: names, labs: [lab.name] }, 1);
const named = ({ cell }: PlannedCell): string => `${cell.entry.id} ${cell.subject.name} ${cell.family} ${cell.side}`;
const playedInSim = new Set(planned(sim).flatMap((one) => (one.plan === "play" ? [named(one)] : [])));

describe.each([netns, openbsd])("$name", (lab) => {
  const cells = planned(lab);
  const missing = cells.filter((one) => one.plan !== "play" && playedInSim.has(named(one)));

  /** The need that the lab does not carry; undefined when the reason is another one. */
  function needBehind(one: PlannedCell): Need | undefined {
    if (one.plan !== "unsupported") return undefined;
    return needsOf(one.cell.entry.scenario).find((need) =>
      need === "long-waits" ? one.reason.includes("--long-waits") : lab.lacks(need) === one.reason,
    );
  }

  test("every play that only sim has is left out because of a need of the scenario", () => {
    expect(missing.filter((one) => needBehind(one) === undefined).map(named)).toEqual([]);
  });

  test("sim plays every scripted scenario that this lab plays, with core and none", () => {
    const more = cells.filter((one) => one.plan === "play" && !playedInSim.has(named(one)));
    expect(more.map(named)).toEqual([]);
  });

  test("the page lists them, by need", () => {
    const byNeed = new Map<Need, { readonly reason: string; readonly ids: Set<string> }>();
    for (const one of missing) {
      const need = needBehind(one);
      if (need === undefined || one.plan === "play") continue;
      const row = byNeed.get(need) ?? { reason: one.reason, ids: new Set() };
      byNeed.set(need, row);
      row.ids.add(one.cell.entry.id);
    }
    const computed = [...byNeed].map(
      ([need, { reason, ids }]) => `\`${need}\`: ${reason}. Scenarios: ${[...ids].sort().join(", ")}`,
    );
    expect(itemsBelow(`Only in \`sim\`, not in \`${lab.name}\``)).toEqual(computed.sort());
  });
});

test("each play that the page lists as different in `openbsd` exists", () => {
  const listed = itemsBelow("Otherwise in `openbsd`").flatMap((item) => {
    const [, scenarios = "", names = ""] = /^([^(]+) \(([^)]+)\):/.exec(item) ?? [];
    return scenarios.split(", ").flatMap((id) => names.split(", ").map((name) => `${id} ${name}`));
  });
  const played = planned(openbsd, ["core", "ftp-proxy"]).filter(({ plan }) => plan === "play");
  const known = new Set(played.map(({ cell }) => `${cell.entry.id} ${cell.subject.name}`));
  expect(listed.length).toBeGreaterThan(0);
  expect(listed.filter((one) => !known.has(one))).toEqual([]);
});
