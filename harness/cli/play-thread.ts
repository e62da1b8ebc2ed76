/**
 * The inside of a worker thread of `anchorage run`: plays each cell that the runner sends, and sends its result back.
 * Loads only the scenarios, subjects and labs that its cells name.
 *
 * @example
 * servePlays(); // in bin/play-thread.mjs
 */

import { setImmediate } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { CatalogueEntry } from "../contract/scenario.ts";
import type { Cell } from "../play/cell.ts";
import type { Played } from "../play/play.ts";
import { loadEntry, readLabs, readSubjects } from "../run/catalogue.ts";
import { playedOrFailed } from "../run/cell-result.ts";
import type { PlayOrder } from "../run/play-thread.ts";
import type { Choice, Filters } from "../run/selection.ts";
import { type FilterOptions, readChoice } from "./filters.ts";

/** What the command line chose from: with it, a thread makes the scenarios that are in no file. */
export interface CommandLine {
  readonly filters: Filters;
  readonly options: FilterOptions;
}

export function servePlays(): void {
  parentPort?.on("message", async (order: PlayOrder) => {
    const { result, capture } = await playedOrFailed(await cellFor(order), {
      keepsCapture: (grade) => order.keepsCapture.includes(grade),
    });
    // A promise that the play left behind rejects now, not in the next play.
    await setImmediate();
    // A copy has its buffer to itself, and leaves with it.
    const bytes = capture && new Uint8Array(capture);
    const played: Played = { result, ...(bytes && { capture: bytes }) };
    parentPort?.postMessage(played, bytes ? [bytes.buffer] : []);
  });
}

const labs = new Map<string, ReturnType<typeof readLabs>>();
let subjects: ReturnType<typeof readSubjects> | undefined;
let choice: Promise<Choice> | undefined;

/** Rejects, and so ends the thread, if this thread does not find what the runner found. */
async function cellFor({ entry, subject: subjectName, lab: labName, ...rest }: PlayOrder): Promise<Cell> {
  subjects ??= readSubjects();
  labs.set(labName, labs.get(labName) ?? readLabs([labName]));
  const subject = (await subjects).find(({ name }) => name === subjectName);
  const [lab] = (await labs.get(labName)) ?? [];
  if (subject === undefined || lab === undefined) throw new Error(`there is no subject ${subjectName}`);
  return { ...rest, subject, lab, entry: await entryAgain(entry) };
}

async function entryAgain(entry: Omit<CatalogueEntry, "scenario">): Promise<CatalogueEntry> {
  if (entry.options === undefined) return loadEntry(entry);
  const { filters, options } = workerData as CommandLine;
  choice ??= readChoice(filters, options);
  const found = (await choice).catalogue.find(({ id }) => id === entry.id);
  if (found === undefined) throw new Error(`${entry.options} makes no ${entry.id}`);
  return found;
}
