/** How many plays a second the simulator carries, on one core, everything included. */

import { OWN_SCENARIOS, readCatalogue, readLabs, readSubjects } from "../harness/run/catalogue.ts";
import { runPlays } from "../harness/run/runner.ts";
import { select } from "../harness/run/selection.ts";
import { type Benchmark, type Measurement, rate } from "./measure.ts";

const SCRIPTED = ["passive/pasv", "passive/epsv", "active/port", "active/eprt"];
const LIBRARIES = ["libraries"];

const benchmark: Benchmark = async ({ quick }) => {
  const choice = {
    catalogue: await readCatalogue(OWN_SCENARIOS),
    labs: await readLabs(),
    subjects: await readSubjects(),
  };
  const measured: Measurement[] = [];
  for (const [name, ids] of [
    ["scripted players", SCRIPTED],
    ["basic-ftp and ftp-srv", LIBRARIES],
  ] as const) {
    const planned = select(choice, { ids, subjects: ["core"] }, 1).filter(({ plan }) => plan === "play");
    const round = async () => {
      const run = await runPlays({ seed: 1, version: "bench", planned, now: Date.now });
      const failed = run.plays.find((play) => play.grade !== "passed");
      if (failed !== undefined) throw new Error(`${failed.id}: ${failed.reason}`);
      return run.plays.length;
    };
    measured.push(await rate(`plays with ${name}`, "plays/s", quick ? 3 : 9, round, "two transfers or more each"));
  }
  return measured;
};

export default benchmark;
