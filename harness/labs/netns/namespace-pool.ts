/**
 * The standing places of this process, as many of each side as there are plays at once, made when first
 * asked for. They are put away at the end of a run; should the process end otherwise, by their recorded
 * names.
 */

import { randomInt } from "node:crypto";
import { ProtocolError } from "../../agent/protocol/frame.ts";
import { LabLost, type Side } from "../../contract/lab.ts";
import { type Linux, openLinux } from "./linux.ts";
import { Namespaces, SetUpError } from "./namespaces.ts";
import { openRunFolder, type RunFolder } from "./run-folder.ts";
import { SystemCallError } from "./system-calls.ts";

interface Ground {
  readonly linux: Linux;
  readonly folder: RunFolder;
  readonly places: Promise<Namespaces>[];
  /** Places of that side where nobody plays. */
  readonly free: Record<Side, Namespaces[]>;
  readonly made: Record<Side, number>;
  /** Places in whose making an agent said nothing, one after the other, and why the last. */
  silent: { readonly places: number; readonly why: string };
}

let ground: Promise<Ground> | undefined;
let removeAtExit: (() => void) | undefined;

/** After so many places in a row without agents that greet no more are tried: each may take a minute. */
const SILENT_PLACES = 2;

/** Signals that end a process without further ado. */
const FATAL = ["SIGTERM", "SIGHUP"] as const;

/** Of this process; made when first asked for. */
export async function runFolder(): Promise<RunFolder> {
  ground ??= prepare();
  return (await ground).folder;
}

/** A place for one play at a time, until it is given back: one whose agents answer. Throws LabLost when there is none to be had. */
export async function takeNamespaces(side: Side, note: (text: string) => void = () => {}): Promise<Namespaces> {
  ground ??= prepare();
  const here = await ground;
  const { free } = here;
  for (let found = free[side].shift(); found !== undefined; found = free[side].shift()) {
    await found.checkAgents();
    if (found.lost === undefined) return found;
    note(`${found.lost}, between two plays; the next one has new hosts`);
    await found.close();
  }
  if (here.silent.places >= SILENT_PLACES) throw new LabLost(here.silent.why);
  try {
    const place = await makePlace(here, side);
    here.silent = { places: 0, why: "" };
    return place;
  } catch (error) {
    if (error instanceof ProtocolError) here.silent = { places: here.silent.places + 1, why: error.message };
    else if (!(error instanceof SetUpError || error instanceof SystemCallError)) throw error;
    throw new LabLost(error.message);
  }
}

function makePlace({ linux, folder, places, made }: Ground, side: Side): Promise<Namespaces> {
  made[side] += 1;
  const name = made[side] === 1 ? side : `${side}${made[side]}`;
  const place = Namespaces.make({ linux, folder, side, name, random: { below: (below) => randomInt(below) } });
  places.push(place);
  return place;
}

/** One that has lost an agent is put away; the next play gets a new one. */
export async function giveBackNamespaces(place: Namespaces): Promise<void> {
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
    silent: { places: 0, why: "" },
  };
}

function endAtOnce(signal: NodeJS.Signals): void {
  // Whoever else listens ends the process in order.
  if (process.listenerCount(signal) > 0) return;
  removeAtExit?.();
  process.kill(process.pid, signal);
}

/** Everything that this process has made goes: agents, devices, namespaces, the run's folder. */
export async function closeNamespaces(): Promise<void> {
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
