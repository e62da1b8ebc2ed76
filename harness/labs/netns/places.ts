/**
 * The standing places of this process, as many of each side as there are plays at once, made when first
 * asked for. They are put away at the end of a run; should the process end otherwise, by their recorded
 * names.
 */

import { randomInt } from "node:crypto";
import { type AgentFile, agentFile } from "../../agent/agent-file.ts";
import type { Side } from "../../lab.ts";
import { type Linux, openLinux } from "./linux.ts";
import { openRunFolder, type RunFolder } from "./run-folder.ts";
import { SetUpError, Standing } from "./standing.ts";

interface Ground {
  readonly linux: Linux;
  readonly folder: RunFolder;
  readonly places: Promise<Standing>[];
  /** Places of that side where nobody plays. */
  readonly free: Record<Side, Standing[]>;
  readonly made: Record<Side, number>;
  /** By the run's folder, which may get another name. */
  readonly agents: Map<string, Promise<AgentFile>>;
}

let ground: Promise<Ground> | undefined;
let removeAtExit: (() => void) | undefined;

/** Signals that end a process without further ado. */
const FATAL = ["SIGTERM", "SIGHUP"] as const;

/** Of this process; made when first asked for. */
export async function runFolder(): Promise<RunFolder> {
  ground ??= prepare();
  return (await ground).folder;
}

/** A place for one play at a time, until it is given back. */
export async function placeFor(side: Side): Promise<Standing> {
  ground ??= prepare();
  const { linux, folder, places, free, made, agents } = await ground;
  const found = free[side].shift();
  if (found !== undefined) return found;
  made[side] += 1;
  const agent = agents.get(folder.path) ?? agentFile(folder.path);
  agents.set(folder.path, agent);
  const name = made[side] === 1 ? side : `${side}${made[side]}`;
  const place = Standing.make({ linux, folder, side, name, agent, random: { below: (below) => randomInt(below) } });
  places.push(place);
  return place;
}

/** One that has lost an agent is put away; the next play gets a new one. */
export async function giveBack(place: Standing): Promise<void> {
  if (place.lost === undefined) (await ground)?.free[place.side].push(place);
  else await place.close();
}

async function prepare(): Promise<Ground> {
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
    places: [],
    free: { forward: [], reverse: [] },
    made: { forward: 0, reverse: 0 },
    agents: new Map(),
  };
}

function endAtOnce(signal: NodeJS.Signals): void {
  // Whoever else listens ends the process in order.
  if (process.listenerCount(signal) > 0) return;
  removeAtExit?.();
  process.kill(process.pid, signal);
}

/** Everything that this process has made goes: agents, devices, namespaces, the run's folder. */
export async function shutDownPlaces(): Promise<void> {
  const closing = ground;
  ground = undefined;
  if (closing === undefined) return;
  const { folder, places } = await closing;
  const standing = await Promise.allSettled(places);
  for (const one of standing) if (one.status === "fulfilled") await one.value.close();
  folder.remove();
  if (removeAtExit !== undefined) process.off("exit", removeAtExit);
  for (const signal of FATAL) process.off(signal, endAtOnce);
}
