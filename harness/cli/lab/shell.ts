/** `anchorage lab shell HOST`: a shell, or one command, on a host of the lab. */

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { constants } from "node:os";
import { basename, join } from "node:path";
import { Argument, Command } from "commander";
import type { HostName } from "../../contract/lab.ts";
import { inside } from "../../labs/netns/keeper/enter.ts";
import { binFolder, type StandingLab } from "../../labs/netns/keeper/standing-lab.ts";
import { labOf, nameOption } from "./which.ts";

const HOSTS: readonly HostName[] = ["client", "firewall", "server", "inside-intruder", "outside-intruder"];

export const labShellCommand = (finish: (status: number) => void): Command =>
  new Command("shell")
    .description("open a shell on a host of the lab, or run one command there")
    .addArgument(new Argument("<host>", "where").choices(HOSTS))
    .argument("[command...]", "a command with its arguments; its exit status becomes this one's")
    .addOption(nameOption())
    .passThroughOptions()
    .action(async (host: HostName, given: string[], { name }: { readonly name: string }) => {
      const lab = labOf(name);
      const command = given[0] === "--" ? given.slice(1) : given;
      finish(await runInside(lab, host, command.length === 0 ? shellOf(lab, host) : command));
    });

/** Its prompt says where one is. */
function shellOf(lab: StandingLab, host: HostName): string[] {
  const shell = process.env.SHELL ?? "/bin/sh";
  if (basename(shell) !== "bash") return [shell];
  const file = join(lab.path, `bashrc-${host}`);
  writeFileSync(file, `[ -f ~/.bashrc ] && . ~/.bashrc\nPATH=${binFolder(lab.path)}:$PATH\nPS1='${host}:\\w\\$ '\n`);
  return [shell, "--rcfile", file, "-i"];
}

function runInside(lab: StandingLab, host: HostName, command: readonly string[]): Promise<number> {
  const [program = "", ...args] = inside(lab.hosts[host], command, process.cwd());
  const env = {
    ...process.env,
    // Whoever is an ordinary user elsewhere is root there.
    PATH: `${binFolder(lab.path)}:${process.env.PATH ?? "/usr/bin:/bin"}:/usr/sbin:/sbin`,
    PS1: `${host}# `,
    ANCHORAGE_LAB: lab.name,
    ANCHORAGE_HOST: host,
  };
  // Interrupts at the terminal are for what runs there.
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
