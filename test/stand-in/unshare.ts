/**
 * The process that is a stand-in guest: boot.ts, bundled, in namespaces of its own. It ends with its standard
 * input, and with it everything that runs in the guest.
 *
 * @example
 * const machine = startMachine("/tmp/stand-in/boot.mjs", settings);
 * await ready(machine, ended);
 */

import { type ChildProcess, spawn } from "node:child_process";
import type { BootOptions } from "./boot-options.ts";

const NAMESPACES = [
  ...["--mount", "--pid", "--uts", "--ipc"],
  ...["--fork", "--kill-child=SIGKILL", "--propagation", "private"],
];
// The shell is the first process of the guest: it reaps, and with it all others end.
const INIT = 'hostname openbsd.example.org; mount -t proc proc /proc; "$@"; exit';

interface Surroundings {
  readonly packages: string;
  readonly quiet?: boolean;
  readonly network?: "own" | "shared";
}

/** `packages`: a file beside whose node_modules koffi is. `network`: keeps that of whoever starts it. */
export function startMachine(
  program: string,
  settings: BootOptions,
  { packages, quiet = false, network = "own" }: Surroundings,
): ChildProcess {
  return spawn(
    "unshare",
    [
      ...(network === "own" ? ["--net"] : []),
      ...NAMESPACES,
      "sh",
      "-c",
      INIT,
      "init",
      process.execPath,
      program,
      JSON.stringify(settings),
    ],
    {
      stdio: ["pipe", "pipe", quiet ? "ignore" : "inherit"],
      env: { ...process.env, ANCHORAGE_PACKAGES: packages },
      detached: true,
    },
  );
}

/** Rejects when it is not up within `patienceMs`, or ends before. */
export function ready(machine: ChildProcess, ended: Promise<void>, patienceMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the guest is not up after ${patienceMs / 1000} s`)), patienceMs);
    machine.stdout?.once("data", () => {
      clearTimeout(timer);
      resolve();
    });
    machine.once("error", reject);
    void ended.then(() => {
      clearTimeout(timer);
      reject(new Error("the guest ended while it booted"));
    });
  });
}
