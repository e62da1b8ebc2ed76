/**
 * `anchorage vm …`: the virtual machines of vm/, by Vagrant. Each command may be repeated. If this machine lacks
 * something, the message says what to type.
 */

import { spawn } from "node:child_process";
import { Command, Option } from "commander";
import { namedRelease, type Release, ReleaseError, readReleases } from "../labs/guest/release.ts";
import { VAGRANT_FOLDER, VagrantError, vagrant, vagrantEnv } from "../labs/guest/vagrant.ts";
import { type MachineState, machineFacts, machineStates } from "../labs/vm/machine-facts.ts";
import { describeMissing, type MachineFacts, missing } from "../labs/vm/missing.ts";
import { remedyFor } from "../labs/vm/remedy.ts";
import { type Finish, UsageError } from "./exit-status.ts";
import { runCommand } from "./run.ts";

const RELEASE = ["<release>", "openbsd@7.8, or its name in the Vagrantfile: openbsd-7.8"] as const;
/** The end of Vagrant's standard error that is searched for a known problem, in characters. */
const SEARCHED_END = 10_000;
const TOPOLOGY = "/usr/local/libexec/anchorage/topology.sh";

export function vmCommand(finish: Finish): Command {
  const program = new Command("vm")
    .enablePositionalOptions()
    .description("make, look at and play in virtual machines with a real PF, by Vagrant");
  program.addCommand(
    about("up", "make and start the machine, or start it again; the first time takes minutes")
      .addOption(new Option("--provider <name>", "the program that runs it").choices(["libvirt", "virtualbox"]))
      .action(async (name: string, { provider }: { provider?: string }) => {
        const machine = await ready(name);
        if (machine === undefined) return finish(1);
        finish(await runVagrant(["up", machine.name, ...(provider === undefined ? [] : ["--provider", provider])]));
      }),
  );
  program.addCommand(
    new Command("status")
      .description("list the machines and their states, and what this machine lacks to run them")
      .option("--json", "as JSON")
      .action(async ({ json }: { json?: boolean }) => finish(await status(json === true))),
  );
  program.addCommand(
    about("provision", "install our files in a running machine again").action(async (name: string) => {
      const machine = await ready(name);
      finish(machine === undefined ? 1 : await runVagrant(["provision", machine.name]));
    }),
  );
  program.addCommand(
    about("run", "start the machine if it is not running, and play in it: `anchorage run --lab …`")
      .argument("[arguments...]", "ids and options of `anchorage run`")
      .allowUnknownOption()
      .passThroughOptions()
      .action(async (name: string, rest: string[]) => {
        const machine = await ready(name);
        if (machine === undefined) return finish(1);
        const known = await states(await machineFacts(), machine.name);
        const up = known.get(machine.name)?.state === "running" ? 0 : await runVagrant(["up", machine.name]);
        if (up !== 0) return finish(up);
        const run = runCommand(finish).exitOverride();
        await run.parseAsync([...rest, "--lab", `${machine.system}@${machine.version}`], { from: "user" });
      }),
  );
  program.addCommand(
    about("ssh", "open a shell in the machine, or run one command")
      .argument("[command...]", "the command")
      .passThroughOptions()
      .action(async (name: string, command: string[]) => {
        const machine = await ready(name);
        const words = command.length === 0 ? [] : ["-c", command.join(" ")];
        finish(machine === undefined ? 1 : await runVagrant(["ssh", machine.name, ...words]));
      }),
  );
  program.addCommand(
    about("reset", "reset the machine's network: no states, no rules in ftp-proxy/*").action(async (name: string) => {
      const machine = await ready(name);
      // The login shell may be any; OpenBSD has doas, FreeBSD sudo.
      const command = `sh -c 'if doas -n true 2>/dev/null; then doas -n sh ${TOPOLOGY} reset; else sudo -n sh ${TOPOLOGY} reset; fi'`;
      finish(machine === undefined ? 1 : await runVagrant(["ssh", machine.name, "-c", command]));
    }),
  );
  program.addCommand(
    about("down", "stop the machine; its disk stays, and `up` starts it again")
      .option("--remove", "and delete it")
      .action(async (name: string, { remove }: { remove?: boolean }) => {
        const machine = await ready(name);
        if (machine === undefined) return finish(1);
        finish(await runVagrant(remove === true ? ["destroy", "--force", machine.name] : ["halt", machine.name]));
      }),
  );
  return program;
}

const about = (name: string, description: string): Command =>
  new Command(name).description(description).argument(...RELEASE);

/** The release of that name; undefined, with a message, if this machine cannot run it. Throws UsageError. */
async function ready(name: string): Promise<Release | undefined> {
  const found = await releaseNamed(name);
  const lacking = missing(await machineFacts()).filter((one) => one.optional !== true);
  if (lacking.length === 0) return found;
  console.error(`anchorage: this machine lacks what ${found.name} needs\n${describeMissing(lacking)}`);
  return undefined;
}

async function releaseNamed(name: string): Promise<Release> {
  try {
    return namedRelease(await readReleases(), name);
  } catch (error) {
    throw error instanceof ReleaseError ? new UsageError(error.message) : error;
  }
}

/** Runs Vagrant at the terminal; after a known error, prints the remedy. Resolves to its exit status. */
function runVagrant(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const { VAGRANT_NO_COLOR: _, ...env } = vagrantEnv();
    // ssh needs a whole terminal; of other commands the errors are searched, too.
    const stderr = args[0] === "ssh" ? "inherit" : "pipe";
    const child = spawn("vagrant", args, { stdio: ["inherit", "inherit", stderr], env, cwd: VAGRANT_FOLDER });
    let words = "";
    child.stderr?.on("data", (bytes: Buffer) => {
      process.stderr.write(bytes);
      words = (words + bytes.toString("utf8")).slice(-SEARCHED_END);
    });
    child.once("error", reject);
    child.once("close", (code) => {
      const remedy = code === 0 ? undefined : remedyFor(words, args[1]);
      if (remedy !== undefined) console.error(`anchorage: ${remedy}`);
      resolve(code === 0 ? 0 : 1);
    });
  });
}

/** Empty if Vagrant cannot say; `status` then prints what is missing. */
async function states(facts: MachineFacts, ...names: readonly string[]): Promise<Map<string, MachineState>> {
  if (facts.vagrant === undefined || facts.providers.length === 0) return new Map();
  try {
    return machineStates(await vagrant(["status", ...names, "--machine-readable"]));
  } catch (error) {
    if (!(error instanceof VagrantError)) throw error;
    console.error(`anchorage: ${error.message}`);
    return new Map();
  }
}

async function status(json: boolean): Promise<number> {
  const [facts, { all, byDefault }] = await Promise.all([machineFacts(), readReleases()]);
  const found = await states(facts);
  const lacking = missing(facts);
  const machines = all.map(({ name, system, version, era, providers }) => ({
    ...{ name, lab: `${system}@${version}`, era, publicBoxes: providers },
    state: found.get(name)?.state ?? "unknown",
  }));
  if (json)
    process.stdout.write(
      `${JSON.stringify({ default: byDefault, machines, machine: facts, missing: lacking }, null, 2)}\n`,
    );
  else {
    const rows = [
      ["machine", "lab", "PF", "state", "public box"],
      ...machines.map(({ name, lab, era, state, publicBoxes }) => [
        ...[name, lab, era, state.replaceAll("_", " ")],
        publicBoxes.length === 0 ? `none: sh vm/box/build.sh ${name}` : publicBoxes.join(", "),
      ]),
    ];
    const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
    for (const row of rows)
      console.log(
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd(),
      );
    if (lacking.length > 0) console.log(`\nThis machine lacks\n${describeMissing(lacking)}`);
  }
  return lacking.some((one) => one.optional !== true) ? 1 : 0;
}
