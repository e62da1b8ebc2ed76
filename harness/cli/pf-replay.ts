/**
 * `anchorage pf-replay FILE…`: plays decision cases of a real kernel (JSON lines, plain or gzip) through the model, and
 * says for each whether they agree and, where not, at which rule they part. Exit status 0 only if all do.
 */

import { readFileSync } from "node:fs";
import { Command } from "commander";
import type { DecisionCase } from "../tools/replay/decisions/case.ts";
import { UsageError } from "./exit-status.ts";

interface Difference {
  readonly file: string;
  readonly case: string;
  readonly probe: string;
  readonly difference: string;
  /** Path and text of the rule at which model and kernel part. */
  readonly rule?: string;
}

/** Often enough to see it move. */
const PROGRESS_EVERY = 25;

export const pfReplayCommand = (finish: (status: number) => void): Command =>
  new Command("pf-replay")
    .description("play recorded decisions of a real PF through the model, and compare")
    .argument("<file...>", "decision cases: .jsonl or .jsonl.gz")
    .option("--json", "as JSON")
    .action(async (files: string[], { json }: { json?: boolean }) => {
      const { readCases } = await import("../tools/replay/decisions/case.ts");
      const { replayCase } = await import("../tools/replay/decisions/replay.ts");
      const progress = new Meter(json !== true && process.stderr.isTTY === true);
      const differ: Difference[] = [];
      let total = 0;
      let agree = 0;
      for (const file of files) {
        for (const [index, one] of read(file, readCases).entries()) {
          progress.show(`${file}: case ${index + 1}`, index);
          const found = replayed(file, one, replayCase);
          total += found.total;
          agree += found.total - found.differ.length;
          differ.push(...found.differ);
          if (json !== true) {
            progress.clear();
            for (const line of found.differ) process.stdout.write(describe(line));
            if (found.differ.length === 0) process.stdout.write(`agrees   ${one.id} (${found.total} probes)\n`);
          }
        }
      }
      progress.clear();
      if (json === true) console.log(JSON.stringify({ total, agree, differ }, null, 2));
      else console.log(`${agree} of ${total} probes agree`);
      finish(total > 0 && agree === total ? 0 : 1);
    });

type ReadCases = typeof import("../tools/replay/decisions/case.ts").readCases;
type ReplayCase = typeof import("../tools/replay/decisions/replay.ts").replayCase;

function read(file: string, readCases: ReadCases): readonly DecisionCase[] {
  let contents: Uint8Array;
  try {
    contents = readFileSync(file);
  } catch {
    throw new UsageError(`${file}: cannot be read`);
  }
  try {
    return readCases(contents);
  } catch (error) {
    throw new UsageError(`${file}: no decision cases: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A case that stops the model is a case that differs, in all its probes. */
function replayed(
  file: string,
  one: DecisionCase,
  replayCase: ReplayCase,
): { readonly total: number; readonly differ: readonly Difference[] } {
  try {
    const { probes } = replayCase(one);
    const differ = probes
      .filter(({ agree }) => !agree)
      .map(({ name, difference = "they part", rule }) => ({
        file,
        case: one.id,
        probe: name,
        difference,
        ...(rule !== undefined && { rule }),
      }));
    return { total: probes.length, differ };
  } catch (error) {
    const difference = `the model stopped: ${error instanceof Error ? error.message : String(error)}`;
    const probes = Array.isArray(one.probes) ? one.probes : [];
    return {
      total: Math.max(1, probes.length),
      differ: (probes.length === 0 ? [{ name: "load" }] : probes).map(({ name }) => ({
        file,
        case: String(one.id),
        probe: name,
        difference,
      })),
    };
  }
}

const describe = ({ case: id, probe, difference, rule }: Difference): string =>
  `DIFFERS  ${id} ${probe}: ${difference}\n${rule === undefined ? "" : `         at rule ${rule}\n`}`;

/** One line that is written over. */
class Meter {
  readonly #on: boolean;

  constructor(on: boolean) {
    this.#on = on;
  }

  show(text: string, count: number): void {
    if (this.#on && count % PROGRESS_EVERY === 0) process.stderr.write(`\r\u001b[K${text}`);
  }

  clear(): void {
    if (this.#on) process.stderr.write("\r\u001b[K");
  }
}
