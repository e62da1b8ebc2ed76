/** `anchorage lab status`: which labs stand. */

import { Command } from "commander";
import { standingLabs } from "../../labs/netns/keeper/standing-lab.ts";
import { duration } from "./duration.ts";

export const labStatusCommand = (): Command =>
  new Command("status")
    .description("list the labs that stand")
    .option("--json", "print them as JSON")
    .action((options: { readonly json?: boolean }) => {
      const labs = standingLabs();
      if (options.json === true) console.log(JSON.stringify(labs, null, 2));
      else if (labs.length === 0) console.log("no lab stands");
      for (const { name, side, era, subject, server, since, pid } of options.json === true ? [] : labs) {
        console.log(
          `${name}  ${side}  ${era}  ${subject}  server ${server}  up ${duration(Date.now() - since)}  pid ${pid}`,
        );
      }
    });
