/** Ctrl-C in the midst of a play: neither it nor the plays after it are held against anybody. */

import { expect, test } from "vitest";
import { LimitError } from "../contract/lab.ts";
import sim from "../labs/sim.ts";
import { OWN_SCENARIOS, readCatalogue, readSubjects } from "./catalogue.ts";
import { runPlays } from "./runner.ts";
import { select } from "./selection.ts";

test("a play under way when the run is stopped is not run", async () => {
  const stopping = new AbortController();
  let opened = 0;
  const interruptible = {
    ...sim,
    async open(setup: Parameters<typeof sim.open>[0]) {
      const lab = await sim.open(setup);
      opened++;
      if (opened < 2) return lab;
      stopping.abort();
      // As labs of real time do.
      return { ...lab, run: () => Promise.reject(new LimitError("the run was stopped")) };
    },
  };
  const choice = {
    catalogue: await readCatalogue(OWN_SCENARIOS),
    labs: [interruptible],
    subjects: await readSubjects(),
  };
  const filters = { ids: ["passive/epsv", "passive/pasv"], subjects: ["core"], labs: ["sim"] };
  const planned = select(choice, { ...filters, sides: ["forward"], families: ["inet"] }, 1);
  const again = select(choice, { ...filters, sides: ["reverse"], families: ["inet"] }, 1);
  const { plays } = await runPlays({
    seed: 1,
    version: "0",
    now: () => 0,
    planned: [...planned, ...again],
    signal: stopping.signal,
  });
  expect(plays.map(({ grade, reason }) => [grade, reason])).toEqual([
    ["passed", undefined],
    ["not-run", "the run was stopped"],
    ["not-run", "the run was stopped"],
    ["not-run", "the run was stopped"],
  ]);
});
