/**
 * `anchorage …`: the command line. One file per command; here only what they share: exit status
 * 0 fine, 1 something failed, 2 wrong use, and errors without stack traces.
 */

import type { Command } from "commander";
import { visibleLines } from "../../reports/text.ts";
import { version } from "../package.ts";
import { EXIT, type Finish } from "./exit-status.ts";
import { withIdsApart } from "./variadic.ts";

/** In the order of --help. A command is loaded only when it is asked for, so each starts fast. */
const COMMANDS: Readonly<Record<string, () => Promise<(finish: Finish) => Command>>> = {
  run: async () => (await import("./run.ts")).runCommand,
  list: async () => (await import("./list.ts")).listCommand,
  show: async () => (await import("./show.ts")).showCommand,
  repro: async () => (await import("./repro.ts")).reproCommand,
  serve: async () => (await import("./serve.ts")).serveCommand,
  dial: async () => (await import("./dial.ts")).dialCommand,
  compare: async () => (await import("./compare.ts")).compareCommand,
  merge: async () => (await import("./merge.ts")).mergeCommand,
  init: async () => (await import("./init.ts")).initCommand,
  lab: async () => (await import("./lab.ts")).labCommand,
  vm: async () => (await import("./vm.ts")).vmCommand,
  "agent-check": async () => (await import("./agent-check.ts")).agentCheckCommand,
  ftp: async () => (await import("./ftp.ts")).ftpCommand,
  lint: async () => (await import("./lint.ts")).lintCommand,
  explain: async () => (await import("./explain.ts")).explainCommand,
  convert: async () => (await import("./convert.ts")).convertCommand,
  pfctl: async () => (await import("./pfctl.ts")).pfctlListing,
  "pf-replay": async () => (await import("./pf-replay.ts")).pfReplayCommand,
  completion: async () => (await import("./completion.ts")).completionCommand,
  "replay-captures": async () => (await import("./replay-captures.ts")).replayCapturesCommand,
};

/** Errors that are not a fault of anchorage, by name: their classes belong to commands that may not be loaded. */
const STATUS_OF: Readonly<Record<string, number>> = {
  NoLab: EXIT.failed,
  DaemonGone: EXIT.failed,
  RulesError: EXIT.failed,
  UsageError: EXIT.wrongUse,
  SelectionError: EXIT.wrongUse,
  CommandLineError: EXIT.wrongUse,
  NoSuchQuirk: EXIT.wrongUse,
  DiscoveryError: EXIT.wrongUse,
};

/** Returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const [name = ""] = args;
  try {
    if (name === "--version" || name === "-V") {
      console.log(version());
      return EXIT.fine;
    }
    // Its options are pfctl's, which commander does not parse.
    if (name === "pfctl") return (await import("./pfctl.ts")).pfctlCommand(args.slice(1));
    if (name === "__complete") return await complete(args.slice(1));
    return await runCommandLine(args);
  } catch (error) {
    return report(error);
  }
}

/** Asked by the shell: words, one a line. */
async function complete(words: readonly string[]): Promise<number> {
  const { completions } = await import("./completion.ts");
  const commands = await Promise.all(Object.values(COMMANDS).map(async (load) => (await load())(() => {})));
  console.log((await completions(words, commands)).join("\n"));
  return EXIT.fine;
}

async function runCommandLine(args: readonly string[]): Promise<number> {
  const [name = ""] = args;
  const { Command, CommanderError } = await import("commander");
  let status: number = EXIT.fine;
  const program = new Command("anchorage")
    .description("Plays quirky FTP clients and servers through a PF firewall with an FTP proxy on it.")
    .version(version(), "-V, --version", "print the version")
    .exitOverride()
    // `anchorage lab shell client ls -V` asks ls.
    .enablePositionalOptions()
    .addHelpText("after", "\nExit status: 0 fine, 1 something failed, 2 wrong use.");
  const loaders = Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]!] : Object.values(COMMANDS);
  for (const load of loaders) {
    const command = await load();
    program.addCommand(
      command((code) => {
        status = code;
      }),
    );
  }
  const settle = (command: Command) => {
    command.exitOverride().helpOption("-h, --help", "show help").showHelpAfterError("(--help shows what there is)");
    command.configureOutput({ writeErr: (text) => process.stderr.write(visibleLines(text)) });
    command.commands.forEach(settle);
  };
  settle(program);
  try {
    const chosen = program.commands.find((command) => command.name() === name);
    await program.parseAsync(chosen === undefined ? args : withIdsApart(args, chosen), { from: "user" });
    return status;
  } catch (error) {
    // Its message has been printed.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.wrongUse;
    throw error;
  }
}

function report(error: unknown): number {
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  console.error(`anchorage: ${visibleLines(message)}`);
  const known = STATUS_OF[name];
  if (known !== undefined) return known;
  if (process.env.ANCHORAGE_DEBUG !== undefined) console.error(error);
  else console.error("This is a fault of anchorage itself; ANCHORAGE_DEBUG=1 shows where it comes from.");
  return EXIT.failed;
}
