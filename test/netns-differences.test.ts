/**
 * What `sim` plays and `netns` does not: computed from what scenarios need, and told in docs/labs.md. A new
 * "unsupported" there, or one that is gone, is noticed here.
 */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Need } from "../harness/lab.ts";
import netns from "../harness/labs/netns.ts";
import sim from "../harness/labs/sim.ts";
import { OWN_SCENARIOS, readCatalogue, readSubjects } from "../harness/run/catalogue.ts";
import { needsOf, type PlannedCell, select } from "../harness/run/selection.ts";

const PAGE = readFileSync(new URL("../docs/labs.md", import.meta.url), "utf8");

const choice = { catalogue: await readCatalogue(OWN_SCENARIOS), labs: [sim, netns], subjects: await readSubjects() };
const scripted = choice.catalogue.filter(({ scenario }) => !needsOf(scenario).includes("processes"));
const cells = select({ ...choice, catalogue: scripted }, { subjects: ["core", "none"], labs: ["sim", "netns"] }, 1);

const named = ({ cell }: PlannedCell): string => `${cell.entry.id} ${cell.subject.name} ${cell.family} ${cell.side}`;
const inLab = (name: string) => cells.filter(({ cell }) => cell.lab.name === name);
const playedInSim = new Set(inLab("sim").flatMap((one) => (one.plan === "play" ? [named(one)] : [])));
const missing = inLab("netns").filter((one) => one.plan !== "play" && playedInSim.has(named(one)));

/** The need that netns does not carry; undefined: its reason is another one. */
function needBehind(one: PlannedCell): Need | undefined {
  if (one.plan !== "unsupported") return undefined;
  return needsOf(one.cell.entry.scenario).find((need) =>
    need === "long-waits" ? one.reason.includes("--long-waits") : netns.lacks(need) === one.reason,
  );
}

test("whatever sim plays and netns does not has a need of the scenario's as its reason", () => {
  expect(missing.filter((one) => needBehind(one) === undefined).map(named)).toEqual([]);
});

test("whatever netns plays of the scripted catalogue, with core and none, sim plays too", () => {
  const more = inLab("netns").filter((one) => one.plan === "play" && !playedInSim.has(named(one)));
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
  const table = PAGE.split("| need | why not in `netns` | scenarios |\n| --- | --- | --- |\n")[1] ?? "";
  expect(table.split("\n\n")[0]?.split("\n").sort()).toEqual(rows.sort());
});
