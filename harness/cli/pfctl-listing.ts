/** How `anchorage --help` shows pfctl, whose options commander never sees (main.ts). */

import { Command } from "commander";

export const pfctlListing = (): Command =>
  new Command("pfctl")
    .description("pfctl's own options for what needs no kernel, answered as OpenBSD 7.8's pfctl does")
    .argument("[option...]");
