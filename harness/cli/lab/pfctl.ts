/** `anchorage lab pfctl …`: pfctl(8) of the lab's firewall, from outside. */

import { Command } from "commander";
import { callPfctl } from "../../labs/netns/keeper/pfctl-call.ts";
import { controlSocket } from "../../labs/netns/keeper/standing-lab.ts";
import { labOf, nameOption } from "./which.ts";

export const labPfctlCommand = (finish: (status: number) => void): Command =>
  new Command("pfctl")
    .description("run pfctl(8) on the lab's firewall")
    .argument("[option...]", "pfctl's own options and arguments, after ours")
    .addOption(nameOption())
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (given: string[], { name }: { readonly name: string }) => {
      const { path } = labOf(name);
      finish(await callPfctl(controlSocket(path), given[0] === "--" ? given.slice(1) : given));
    });
