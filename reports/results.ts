/**
 * `results.json`: the whole run as JSON, one play a line, so that it greps and diffs well. Keys are sorted and plays
 * are in order of their id: two runs with one seed differ in `clock` alone, whatever order they were played in.
 *
 * Values that many plays share are stored once: a play has the id of its scenario, and in place of its rules, hosts,
 * players, invariants and harm their place in the list `values`. results.schema.json describes it.
 *
 *     const run = readResults(await readFile("results.json", "utf8"), "results.json");
 *     const both = mergeRuns([run, onOpenBsd]);
 */
import type { Grade, Harm, PlayResult, RunResult, ScenarioInfo } from "./model.ts";

/** Which plays keep their time line in the file. */
export type Timelines = "all" | "failed" | "none";

/** Fields whose value is stored once for all plays that have it. */
const SHARED = ["harm", "hosts", "invariants", "kernelRules", "pfConf", "players"] as const;
type Shared = (typeof SHARED)[number];

/** A play in the file. */
export type StoredPlay = Omit<PlayResult, "scenario" | "timeline" | Shared> & {
  readonly scenario: string;
  readonly timeline?: PlayResult["timeline"];
} & { readonly [Field in Shared]?: number };

export interface StoredRun extends Omit<RunResult, "plays"> {
  readonly scenarios: Readonly<Record<string, ScenarioInfo>>;
  readonly values: readonly (string | Harm | PlayResult["hosts"] | PlayResult["invariants"] | PlayResult["players"])[];
  readonly plays: readonly StoredPlay[];
}

export function resultsJson(run: RunResult, timelines: Timelines = "failed"): string {
  const { plays, ...head } = run;
  const values = new SharedValues();
  const scenarios: Record<string, ScenarioInfo> = {};
  const stored = [...plays]
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    .map(({ scenario, timeline, ...play }) => {
      scenarios[scenario.id] = scenario;
      const keeps = timelines === "all" || (timelines === "failed" && play.grade === "failed");
      return { ...values.inPlaceOf(play), scenario: scenario.id, ...(keeps && { timeline }) };
    });
  const opening = JSON.stringify(sorted({ ...head, scenarios })).slice(0, -1);
  const lines = (list: readonly unknown[]): string => list.map((one) => JSON.stringify(sorted(one))).join(",\n");
  return `${opening},"values":[\n${lines(values.list)}\n],"plays":[\n${lines(stored)}\n]}\n`;
}

/** Numbers equal values alike. */
class SharedValues {
  readonly list: unknown[] = [];
  readonly #places = new Map<string, number>();

  inPlaceOf<Play extends Pick<PlayResult, Shared>>(play: Play): Record<string, unknown> {
    const replaced: Record<string, unknown> = { ...play };
    for (const field of SHARED) if (play[field] !== undefined) replaced[field] = this.#placeOf(play[field]);
    return replaced;
  }

  #placeOf(value: unknown): number {
    const text = JSON.stringify(sorted(value));
    const place = this.#places.get(text) ?? this.list.push(value) - 1;
    this.#places.set(text, place);
    return place;
  }
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

/** Throws ResultsError. `file` is for its message; `trouble` says what is wrong with a value (check-results.ts). */
export function readResults(
  text: string,
  file: string,
  trouble: (value: unknown) => string | undefined = () => undefined,
): RunResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ResultsError(file, error instanceof Error ? error.message : String(error));
  }
  if (typeof value !== "object" || value === null) throw new ResultsError(file, "it holds no object");
  const run = value as { readonly schema?: unknown; readonly plays?: unknown };
  if (run.schema !== 1 && run.schema !== 2) {
    throw new ResultsError(file, `expected schema 1 or 2, found ${JSON.stringify(run.schema)}`);
  }
  if (!Array.isArray(run.plays)) throw new ResultsError(file, "it has no list of plays");
  const current = run.schema === 2 ? value : asStored(value as RunResult, file);
  const wrong = trouble(current);
  if (wrong !== undefined) throw new ResultsError(file, wrong);
  return whole(current as StoredRun, file);
}

/** A run of schema 1, which has everything in each play. */
function asStored(run: RunResult, file: string): unknown {
  const odd = run.plays.findIndex((play) => typeof play !== "object" || typeof play?.scenario?.id !== "string");
  if (odd >= 0) throw new ResultsError(file, `plays/${odd} has no scenario`);
  return JSON.parse(resultsJson({ ...run, schema: 2 }, "all"));
}

/** Puts shared values back into the plays. */
function whole({ scenarios, values, plays, ...head }: StoredRun, file: string): RunResult {
  const back = (play: StoredPlay): PlayResult => {
    const scenario = scenarios?.[play.scenario];
    if (scenario === undefined) throw new ResultsError(file, `there is no scenario "${play.scenario}" in it`);
    const shared: Partial<Record<Shared, unknown>> = {};
    for (const field of SHARED) {
      const place = play[field];
      if (place === undefined) continue;
      shared[field] = values?.[place];
      if (shared[field] === undefined) throw new ResultsError(file, `the value ${place} of ${play.id} is not in it`);
    }
    return { timeline: [], ...play, ...shared, scenario } as PlayResult;
  };
  return { ...head, plays: plays.map(back) };
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
