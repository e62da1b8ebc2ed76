/** A machine that dies in mid-run takes its own plays with it, and no other lab's. */

import { expect, test } from "vitest";
import type { LabKind } from "../contract/lab.ts";
import sim from "../labs/sim.ts";
import { OWN_SCENARIOS, readCatalogue, readSubjects } from "./catalogue.ts";
import { runPlays } from "./runner.ts";
import { select } from "./selection.ts";

/** The simulator as a machine of its own, which dies while the second play is under way. */
function mortal(): LabKind {
  let opened = 0;
  return {
    ...sim,
    name: "mortal",
    async open(setup) {
      opened++;
      const lab = await sim.open(setup);
      if (opened < 2) return lab;
      return {
        ...lab,
        run: () => Promise.reject(new Error("the agent of firewall is gone: ssh ended with status 255")),
      };
    },
    lost: () => (opened < 2 ? undefined : "firewall: ssh ended with status 255"),
  };
}

test("plays under way and to come are not run, with why; the run goes on elsewhere", async () => {
  const choice = {
    catalogue: await readCatalogue(OWN_SCENARIOS),
    labs: [mortal(), sim],
    subjects: await readSubjects(),
  };
  const filters = { ids: ["passive/epsv"], subjects: ["core"], labs: ["mortal", "sim"], sides: ["forward"] as const };
  const planned = select(choice, { ...filters, families: ["inet", "inet6"] }, 1);
  const more = select(choice, { ...filters, ids: ["passive/pasv"], families: ["inet"] }, 1);
  const { plays } = await runPlays({ seed: 1, version: "0", now: () => 0, planned: [...planned, ...more] });
  const lost = "lab lost: firewall: ssh ended with status 255";
  expect(plays.map(({ lab, grade, reason }) => [lab, grade, reason])).toEqual([
    ["mortal", "passed", undefined],
    ["mortal", "not-run", lost],
    ["sim", "passed", undefined],
    ["sim", "passed", undefined],
    ["mortal", "not-run", lost],
    ["sim", "passed", undefined],
  ]);
});
