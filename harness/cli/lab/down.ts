/** `anchorage lab down`: puts a standing lab away. */

import { setTimeout as waited } from "node:timers/promises";
import { Command } from "commander";
import { findLab, standingLabs } from "../../labs/netns/keeper/standing-lab.ts";
import { liveRuns, sweepDeadRuns } from "../../labs/netns/run-folder.ts";
import { checked, nameOption } from "./which.ts";

/** A keeper that has not ended by then is killed, and what it has made is swept. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 50;

export const labDownCommand = (finish: (status: number) => void): Command =>
  new Command("down")
    .description("put the lab away; says so and is content when none stands")
    .addOption(nameOption())
    .option("--all", "every lab that stands")
    .action(async (options: { readonly name: string; readonly all?: boolean }) => {
      const name = checked(options.name);
      const names = options.all === true ? standingLabs().map((lab) => lab.name) : [name];
      for (const one of names) await takeDown(one);
      const swept = sweepDeadRuns();
      if (swept.length > 0) console.log(`removed what a run that was killed had left: ${swept.join(", ")}`);
      finish(names.some((one) => findLab(one) !== undefined) ? 1 : 0);
    });

async function takeDown(name: string): Promise<void> {
  // Also one that is still being set up.
  const run = liveRuns().find((one) => one.name === name);
  if (run === undefined) {
    console.log(`no lab "${name}" stands`);
    return;
  }
  process.kill(run.pid, "SIGTERM");
  const gone = () => !liveRuns().some((one) => one.name === name && one.pid === run.pid);
  for (let passed = 0; passed < PATIENCE_MS && !gone(); passed += LOOK_MS) await waited(LOOK_MS);
  if (!gone()) {
    process.kill(run.pid, "SIGKILL");
    while (!gone()) await waited(LOOK_MS);
  }
  console.log(`lab "${name}" is down`);
}
