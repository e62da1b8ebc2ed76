/**
 * `results.json`: the whole run as JSON, one play a line, so that it greps and diffs well. Keys are sorted and plays
 * are in order of their id: two runs with one seed differ in `clock` alone, whatever order they were played in.
 *
 *     const run = readResults(await readFile("results.json", "utf8"), "results.json");
 *     const both = mergeRuns([run, onOpenBsd]);
 */
import type { Grade, PlayResult, RunResult } from "./model.ts";

export function resultsJson(run: RunResult): string {
  const { plays, ...head } = run;
  const lines = [...plays]
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    .map((play) => JSON.stringify(sorted(play)));
  const opening = JSON.stringify(sorted(head)).slice(0, -1);
  return `${opening},"plays":[\n${lines.join(",\n")}\n]}\n`;
}

/** The file is not the result of a run; the message names the file and the reason. */
export class ResultsError extends Error {
  override readonly name = "ResultsError";
  readonly file: string;

  constructor(file: string, why: string) {
    super(`${file} is not a results.json of anchorage: ${why}`);
    this.file = file;
  }
}

/** Throws ResultsError. `file` is for its message. */
export function readResults(text: string, file: string): RunResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ResultsError(file, error instanceof Error ? error.message : String(error));
  }
  if (typeof value !== "object" || value === null) throw new ResultsError(file, "it holds no object");
  const run = value as Partial<RunResult>;
  if (run.schema !== 1) throw new ResultsError(file, `expected schema 1, found ${JSON.stringify(run.schema)}`);
  if (!Array.isArray(run.plays)) throw new ResultsError(file, "it has no list of plays");
  return run as RunResult;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

const PLAYED: readonly Grade[] = ["passed", "failed"];

/** Seed and tool are the first run's; the clock has the earliest start and all the time together. Throws RangeError without runs. */
export function mergeRuns(runs: readonly RunResult[]): RunResult {
  const [first] = runs;
  if (first === undefined) throw new RangeError("no runs to merge");
  const plays = new Map<string, PlayResult>();
  for (const play of runs.flatMap((run) => run.plays)) {
    const known = plays.get(play.id);
    if (known === undefined || PLAYED.includes(play.grade) || !PLAYED.includes(known.grade)) plays.set(play.id, play);
  }
  return {
    schema: first.schema,
    tool: first.tool,
    clock: {
      startedAt: runs.map(({ clock }) => clock.startedAt).reduce((a, b) => (a < b ? a : b)),
      tookMs: runs.reduce((sum, { clock }) => sum + clock.tookMs, 0),
    },
    seed: first.seed,
    plays: [...plays.values()],
  };
}
