/**
 * The namespaces of this process: as many of each side as there are plays at once, made on demand. They are deleted at
 * the end of a run, or, when the process ends otherwise, by their recorded names.
 *
 * @example
 * const namespaces = await takeNamespaces("forward");
 * await giveBackNamespaces(namespaces);
 * await closeNamespaces();
 */

import { randomInt } from "node:crypto";
import { ProtocolError } from "../../agent/protocol/frame.ts";
import { LabLost, type Side } from "../../contract/lab.ts";
import { type Linux, openLinux } from "./linux.ts";
import { Namespaces, SetUpError } from "./namespaces.ts";
import { openRunFolder, type RunFolder } from "./run-folder.ts";
import { SystemCallError } from "./system-calls.ts";

interface Pool {
  readonly linux: Linux;
  readonly folder: RunFolder;
  readonly all: Promise<Namespaces>[];
  /** Of that side, without a play. */
  readonly free: Record<Side, Namespaces[]>;
  readonly made: Record<Side, number>;
  /** Attempts in a row that failed because an agent did not greet, and the last reason. */
  ungreeted: { readonly attempts: number; readonly why: string };
}

let pool: Promise<Pool> | undefined;
let removeAtExit: (() => void) | undefined;

/** After so many attempts in a row no more are made: each may take a minute. */
const UNGREETED_ATTEMPTS = 2;

/** Signals that end a process at once. */
const FATAL = ["SIGTERM", "SIGHUP"] as const;

/** The folder of this process, made on demand. */
export async function runFolder(): Promise<RunFolder> {
  pool ??= prepare();
  return (await pool).folder;
}

/** Namespaces for one play, whose agents answer. Throws LabLost when they cannot be made. */
export async function takeNamespaces(side: Side, note: (text: string) => void = () => {}): Promise<Namespaces> {
  pool ??= prepare();
  const here = await pool;
  const { free } = here;
  for (let found = free[side].shift(); found !== undefined; found = free[side].shift()) {
    await found.checkAgents();
    if (found.lost === undefined) return found;
    note(`${found.lost}, between two plays; the next one has new hosts`);
    await found.close();
  }
  if (here.ungreeted.attempts >= UNGREETED_ATTEMPTS) throw new LabLost(here.ungreeted.why);
  try {
    const namespaces = await makeNamespaces(here, side);
    here.ungreeted = { attempts: 0, why: "" };
    return namespaces;
  } catch (error) {
    if (error instanceof ProtocolError) here.ungreeted = { attempts: here.ungreeted.attempts + 1, why: error.message };
    else if (!(error instanceof SetUpError || error instanceof SystemCallError)) throw error;
    throw new LabLost(error.message);
  }
}

function makeNamespaces({ linux, folder, all, made }: Pool, side: Side): Promise<Namespaces> {
  made[side] += 1;
  const name = made[side] === 1 ? side : `${side}${made[side]}`;
  const namespaces = Namespaces.make({ linux, folder, side, name, random: { below: (below) => randomInt(below) } });
  all.push(namespaces);
  return namespaces;
}

/** Namespaces that have lost an agent are closed; the next play gets new ones. */
export async function giveBackNamespaces(namespaces: Namespaces): Promise<void> {
  if (namespaces.lost === undefined) (await pool)?.free[namespaces.side].push(namespaces);
  else await namespaces.close();
}

async function prepare(): Promise<Pool> {
  const linux = await openLinux();
  if (linux === undefined) throw new SetUpError("needs Linux and the optional package koffi");
  const folder = openRunFolder();
  removeAtExit = () => {
    folder.remove();
    linux.release();
  };
  process.once("exit", removeAtExit);
  for (const signal of FATAL) process.once(signal, endAtOnce);
  return {
    linux,
    folder,
    all: [],
    free: { forward: [], reverse: [] },
    made: { forward: 0, reverse: 0 },
    ungreeted: { attempts: 0, why: "" },
  };
}

function endAtOnce(signal: NodeJS.Signals): void {
  // Another handler ends the process in order.
  if (process.listenerCount(signal) > waitingHandlers()) return;
  removeAtExit?.();
  process.kill(process.pid, signal);
}

/** Handlers of the library signal-exit, as it counts them: they wait until there are no others, and then end the process. */
const waitingHandlers = (): number =>
  (process as { readonly __signal_exit_emitter__?: { readonly count: number } }).__signal_exit_emitter__?.count ?? 0;

/** Removes everything that this process has made: agents, devices, namespaces, the folder. */
export async function closeNamespaces(): Promise<void> {
  const closing = pool;
  pool = undefined;
  if (closing === undefined) return;
  const { folder, all } = await closing;
  const settled = await Promise.allSettled(all);
  for (const one of settled) if (one.status === "fulfilled") await one.value.close();
  folder.remove();
  if (removeAtExit !== undefined) process.off("exit", removeAtExit);
  for (const signal of FATAL) process.off(signal, endAtOnce);
}
