/**
 * `anchorage lab …`: a netns lab that stays up, for people who try FTP programs by hand. `up` and `watch` have files of
 * their own; the short commands are here.
 */

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { constants } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Argument, Command } from "commander";
import type { HostName } from "../contract/lab.ts";
import { ask, callPfctl } from "../labs/netns/daemon/control-socket.ts";
import {
  binFolder,
  commandOn,
  controlSocket,
  findLab,
  type RunningLab,
  runningLabs,
} from "../labs/netns/daemon/running-lab.ts";
import type { LogLine } from "../labs/netns/daemon/snapshot.ts";
import { liveRuns, sweepDeadRuns } from "../labs/netns/run-folder.ts";
import { type Finish, interruptible } from "./exit-status.ts";
import { checkedName, duration, labOf, nameOption } from "./lab/named-lab.ts";
import { labUpCommand } from "./lab/up.ts";
import { labWatchCommand, logText } from "./lab/watch.ts";

export const labCommand = (finish: Finish): Command => {
  const lab = new Command("lab")
    .description("keep a netns lab up, to try FTP programs by hand (Linux)")
    // Options after a host or `pfctl` are not ours.
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

Without sudo the lab belongs to the user, in a user namespace, if the kernel allows one; see docs/labs/netns.md.`,
    );
  for (const command of [
    labUpCommand,
    statusCommand,
    shellCommand,
    pfctlCommand,
    labWatchCommand,
    logCommand,
    downCommand,
  ])
    lab.addCommand(command(finish));
  return lab;
};

const statusCommand = (): Command =>
  new Command("status")
    .description("list the labs that are up")
    .option("--json", "print them as JSON")
    .action((options: { readonly json?: boolean }) => {
      const labs = runningLabs();
      if (options.json === true) {
        console.log(JSON.stringify(labs, null, 2));
        return;
      }
      if (labs.length === 0) console.log("no lab is up");
      for (const { name, side, era, subject, server, since, pid } of labs) {
        const age = duration(Date.now() - since);
        console.log(`${name}  ${side}  ${era}  ${subject}  server ${server}  up ${age}  pid ${pid}`);
      }
    });

const pfctlCommand = (finish: Finish): Command =>
  new Command("pfctl")
    .description("run pfctl(8) on the lab's firewall")
    .argument("[option...]", "pfctl's options and arguments")
    .addOption(nameOption())
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (given: string[], { name }: { readonly name: string }) => {
      finish(await callPfctl(controlSocket(labOf(name).path), withoutDashes(given)));
    });

const logCommand = (): Command =>
  new Command("log")
    .description("print the proxy's log")
    .addOption(nameOption())
    .option("-f, --follow", "go on with new lines as they come")
    .option("--json", "one JSON object a line")
    .action(async (options: { readonly name: string; readonly follow?: boolean; readonly json?: boolean }) => {
      const { name, follow = false, json = false } = options;
      const { path } = labOf(name);
      await interruptible(async (signal) => {
        for await (const line of ask(controlSocket(path), { ask: "log", follow }, signal)) {
          console.log(json ? JSON.stringify(line) : logText(line as LogLine));
        }
      });
    });

const HOSTS: readonly HostName[] = ["client", "firewall", "server", "inside-intruder", "outside-intruder"];

const shellCommand = (finish: Finish): Command =>
  new Command("shell")
    .description("open a shell on a host of the lab, or run one command there")
    .addArgument(new Argument("<host>", "where").choices(HOSTS))
    .argument("[command...]", "a command with its arguments; its exit status becomes this one's")
    .addOption(nameOption())
    .passThroughOptions()
    .action(async (host: HostName, given: string[], { name }: { readonly name: string }) => {
      const lab = labOf(name);
      const command = withoutDashes(given);
      finish(await runInside(lab, host, command.length === 0 ? shellOf(lab, host) : command));
    });

const withoutDashes = (words: string[]): string[] => (words[0] === "--" ? words.slice(1) : words);

/** The user's shell; bash gets the host's name as its prompt. */
function shellOf(lab: RunningLab, host: HostName): string[] {
  const shell = process.env.SHELL ?? "/bin/sh";
  if (basename(shell) !== "bash") return [shell];
  const file = join(lab.path, `bashrc-${host}`);
  writeFileSync(file, `[ -f ~/.bashrc ] && . ~/.bashrc\nPATH=${binFolder(lab.path)}:$PATH\nPS1='${host}:\\w\\$ '\n`);
  return [shell, "--rcfile", file, "-i"];
}

function runInside(lab: RunningLab, host: HostName, command: readonly string[]): Promise<number> {
  const [program = "", ...args] = commandOn(lab.hosts[host], command, process.cwd());
  const env = {
    ...process.env,
    // An ordinary user is root in the lab, and needs root's folders.
    PATH: `${binFolder(lab.path)}:${process.env.PATH ?? "/usr/bin:/bin"}:/usr/sbin:/sbin`,
    PS1: `${host}# `,
    ANCHORAGE_LAB: lab.name,
    ANCHORAGE_HOST: host,
  };
  // Ctrl-C at the terminal is for the program on the host.
  const ignore = () => {};
  process.on("SIGINT", ignore);
  process.on("SIGQUIT", ignore);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "inherit", env });
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.once(signal, () => child.kill(signal));
    child.once("error", reject);
    child.once("exit", (status, signal) => resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

/** After this a daemon is killed, and what it made is removed here. */
const KEEPER_ENDS_WITHIN_MS = 15_000;
const POLL_MS = 50;

const downCommand = (finish: Finish): Command =>
  new Command("down")
    .description("take the lab down; exit status 0 also if none is up")
    .addOption(nameOption())
    .option("--all", "take down every lab")
    .action(async (options: { readonly name: string; readonly all?: boolean }) => {
      const name = checkedName(options.name);
      const names = options.all === true ? runningLabs().map((lab) => lab.name) : [name];
      for (const one of names) await takeDown(one);
      const swept = sweepDeadRuns();
      if (swept.length > 0) console.log(`removed the remains of runs that were killed: ${swept.join(", ")}`);
      finish(names.some((one) => findLab(one) !== undefined) ? 1 : 0);
    });

async function takeDown(name: string): Promise<void> {
  // Finds a lab that is still being set up, too.
  const run = liveRuns().find((one) => one.name === name);
  if (run === undefined) {
    console.log(`no lab "${name}" is up`);
    return;
  }
  process.kill(run.pid, "SIGTERM");
  const gone = () => !liveRuns().some((one) => one.name === name && one.pid === run.pid);
  for (let passed = 0; passed < KEEPER_ENDS_WITHIN_MS && !gone(); passed += POLL_MS) await wait(POLL_MS);
  if (!gone()) {
    process.kill(run.pid, "SIGKILL");
    while (!gone()) await wait(POLL_MS);
  }
  console.log(`lab "${name}" is down`);
}
