/** `anchorage lab …`: a lab that stands for people. */

import { Command } from "commander";
import { labDownCommand } from "./lab/down.ts";
import { labLogCommand } from "./lab/log.ts";
import { labPfctlCommand } from "./lab/pfctl.ts";
import { labShellCommand } from "./lab/shell.ts";
import { labStatusCommand } from "./lab/status.ts";
import { labUpCommand } from "./lab/up.ts";
import { labWatchCommand } from "./lab/watch.ts";

export const labCommand = (finish: (status: number) => void): Command => {
  const lab = new Command("lab")
    .description("keep a netns lab standing, to try FTP programs by hand (Linux)")
    // What follows a host or `pfctl` is not ours.
    .enablePositionalOptions()
    .addHelpText(
      "after",
      `
In another terminal, or one after the other:
  sudo npx anchorage lab up             client, firewall with PF and proxy, server
  sudo npx anchorage lab watch          sessions, anchors and states, live
  sudo npx anchorage lab shell client   there: ftp 198.51.100.7
  sudo npx anchorage lab pfctl -sr      pfctl(8) of the firewall
  sudo npx anchorage lab down

Without sudo a lab is a user's own, in a user namespace, where the kernel allows one; see docs/labs.md.`,
    );
  for (const command of [
    labUpCommand,
    labStatusCommand,
    labShellCommand,
    labPfctlCommand,
    labWatchCommand,
    labLogCommand,
    labDownCommand,
  ])
    lab.addCommand(command(finish));
  return lab;
};
