/**
 * `anchorage …`: the command line. One file per command; here only what they share: exit status
 * 0 fine, 1 something failed, 2 wrong use, and errors without stack traces.
 */

import { Command, CommanderError } from "commander";
import { DaemonGone } from "../labs/netns/daemon/control-socket.ts";
import { DiscoveryError } from "../run/discover.ts";
import { SelectionError } from "../run/selection.ts";
import { agentCheckCommand } from "./agent-check.ts";
import { compareCommand } from "./compare.ts";
import { convertCommand } from "./convert.ts";
import { UsageError } from "./exit-status.ts";
import { explainCommand } from "./explain.ts";
import { NoLab } from "./lab/named-lab.ts";
import { labCommand } from "./lab.ts";
import { lintCommand } from "./lint.ts";
import { listCommand } from "./list.ts";
import { mergeCommand } from "./merge.ts";
import { pfReplayCommand } from "./pf-replay.ts";
import { pfctlListing } from "./pfctl-listing.ts";
import { replayCapturesCommand } from "./replay-captures.ts";
import { reproCommand } from "./repro.ts";
import { runCommand } from "./run.ts";
import { showCommand } from "./show.ts";
import { version } from "./version.ts";
import { vmCommand } from "./vm.ts";

/** Returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  let status = 0;
  const finish = (code: number) => {
    status = code;
  };
  const program = new Command("anchorage")
    .description("Plays quirky FTP clients and servers through a PF firewall with an FTP proxy on it.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .showHelpAfterError("(--help shows what there is)")
    .exitOverride()
    // `anchorage lab shell client ls -V` asks ls.
    .enablePositionalOptions()
    .addHelpText("after", "\nExit status: 0 fine, 1 something failed, 2 wrong use.");
  for (const command of [
    runCommand,
    listCommand,
    showCommand,
    reproCommand,
    compareCommand,
    mergeCommand,
    labCommand,
    vmCommand,
    agentCheckCommand,
    lintCommand,
    explainCommand,
    convertCommand,
    pfctlListing,
    pfReplayCommand,
    replayCapturesCommand,
  ])
    program.addCommand(command(finish));
  const settle = (command: Command) => {
    command.exitOverride().helpOption("-h, --help", "show help").showHelpAfterError("(--help shows what there is)");
    command.commands.forEach(settle);
  };
  program.commands.forEach(settle);
  try {
    if (args[0] === "pfctl") return await (await import("./pfctl.ts")).pfctlCommand(args.slice(1));
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof NoLab || error instanceof DaemonGone) {
      console.error(`anchorage: ${error.message}`);
      return 1;
    }
    if (error instanceof UsageError || error instanceof SelectionError || error instanceof DiscoveryError) {
      console.error(`anchorage: ${error.message}`);
      return 2;
    }
    const message = error instanceof Error ? error.message : String(error);
    console.error(`anchorage: ${message}`);
    if (process.env.ANCHORAGE_DEBUG !== undefined) console.error(error);
    else console.error("This is a fault of anchorage itself; ANCHORAGE_DEBUG=1 shows where it comes from.");
    return 1;
  }
}
