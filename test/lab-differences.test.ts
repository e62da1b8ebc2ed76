/**
 * What `sim` plays and labs of real kernels do not: computed from what scenarios need, and told in docs/labs.md.
 * A new "unsupported" there, or one that is gone, is noticed here.
 */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { LabKind, Need } from "../harness/contract/lab.ts";
import netns from "../harness/labs/netns.ts";
import openbsd from "../harness/labs/openbsd.ts";
import sim from "../harness/labs/sim.ts";
import { OWN_SCENARIOS, readCatalogue, readSubjects } from "../harness/run/catalogue.ts";
import { needsOf, type PlannedCell, select } from "../harness/run/selection.ts";

const PAGE = readFileSync(new URL("../docs/labs.md", import.meta.url), "utf8");

const catalogue = (await readCatalogue(OWN_SCENARIOS)).filter(
  ({ scenario }) => !needsOf(scenario).includes("processes"),
);
const subjects = await readSubjects();

const planned = (lab: LabKind, names = ["core", "none"]): readonly PlannedCell[] =>
  select({ catalogue, labs: [lab], subjects }, { subjects: names, labs: [lab.name] }, 1);
const named = ({ cell }: PlannedCell): string => `${cell.entry.id} ${cell.subject.name} ${cell.family} ${cell.side}`;
const playedInSim = new Set(planned(sim).flatMap((one) => (one.plan === "play" ? [named(one)] : [])));

describe.each([netns, openbsd])("$name", (lab) => {
  const cells = planned(lab);
  const missing = cells.filter((one) => one.plan !== "play" && playedInSim.has(named(one)));

  /** The need that the lab does not carry; undefined: its reason is another one. */
  function needBehind(one: PlannedCell): Need | undefined {
    if (one.plan !== "unsupported") return undefined;
    return needsOf(one.cell.entry.scenario).find((need) =>
      need === "long-waits" ? one.reason.includes("--long-waits") : lab.lacks(need) === one.reason,
    );
  }

  test("whatever sim plays and it does not has a need of the scenario's as its reason", () => {
    expect(missing.filter((one) => needBehind(one) === undefined).map(named)).toEqual([]);
  });

  test("whatever it plays of the scripted catalogue, with core and none, sim plays too", () => {
    const more = cells.filter((one) => one.plan === "play" && !playedInSim.has(named(one)));
    expect(more.map(named)).toEqual([]);
  });

  test("docs/labs.md lists them, by need", () => {
    const byNeed = new Map<Need, { readonly reason: string; readonly ids: Set<string> }>();
    for (const one of missing) {
      const need = needBehind(one);
      if (need === undefined || one.plan === "play") continue;
      const row = byNeed.get(need) ?? { reason: one.reason, ids: new Set() };
      byNeed.set(need, row);
      row.ids.add(one.cell.entry.id);
    }
    const rows = [...byNeed].map(
      ([need, { reason, ids }]) => `| \`${need}\` | ${reason} | ${[...ids].sort().join(", ")} |`,
    );
    const table = PAGE.split(`| need | why not in \`${lab.name}\` | scenarios |\n| --- | --- | --- |\n`)[1] ?? "";
    expect(table.split("\n\n")[0]?.split("\n").sort()).toEqual(rows.sort());
  });
});

test("what docs/labs.md tells of ends and wires in `openbsd` is of plays that there are", () => {
  const register = PAGE.split("| scenario | subject | in `openbsd` | why |\n| --- | --- | --- | --- |\n")[1] ?? "";
  const told = (register.split("\n\n")[0] ?? "").split("\n").flatMap((row) => {
    const [scenarios = "", names = ""] = row.slice(2).split(" | ");
    return scenarios.split(", ").flatMap((id) => names.split(", ").map((name) => `${id} ${name}`));
  });
  const played = planned(openbsd, ["core", "ftp-proxy"]).filter(({ plan }) => plan === "play");
  const known = new Set(played.map(({ cell }) => `${cell.entry.id} ${cell.subject.name}`));
  expect(told.length).toBeGreaterThan(0);
  expect(told.filter((one) => !known.has(one))).toEqual([]);
});
