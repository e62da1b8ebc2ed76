/** What `run` and `merge` print of a run, and the options that choose it. */

import { type Command, Option } from "commander";
import { quirksWith, type ServiceFilter } from "../../reports/compatibility.ts";
import type { PlayResult } from "../../reports/model.ts";
import { answerStyles, breakers } from "../../reports/service.ts";
import { compatibilityTable } from "../../reports/terminal/compatibility.ts";
import { failureReport } from "../../reports/terminal/failures.ts";
import { colorsFor, widthOf } from "../../reports/terminal/output.ts";
import { pairingTable } from "../../reports/terminal/pairings.ts";
import { countLine, summaryTable } from "../../reports/terminal/summary.ts";

export interface PrintOptions extends ServiceFilter {
  readonly view: "service" | "letter";
  readonly all?: boolean;
  readonly quiet?: boolean;
}

export const addPrinting = (command: Command): Command =>
  command
    .addOption(
      new Option("--view <view>", "print what works (service), or what passed (letter: expectations and letter)")
        .choices(["service", "letter"])
        .default("service"),
    )
    .addOption(
      new Option("--service <answer...>", "print only quirks with one of these answers").choices(
        answerStyles.map(({ kind }) => kind),
      ),
    )
    .addOption(new Option("--by <breaker...>", "print only quirks that one of these breaks").choices(breakers))
    .option("--all", "print every play, row and failure, however many")
    .option("--quiet", "print no matrix: failures, and one line");

export function printRun(plays: readonly PlayResult[], options: PrintOptions): void {
  const { view, service, by } = options;
  const filtered = service !== undefined || by !== undefined;
  const shown = filtered ? quirksWith(plays, options) : plays;
  const out = { width: widthOf(process.stdout), colors: colorsFor(process.stdout, process.env) };
  const table = view === "service" ? compatibilityTable : summaryTable;
  const matrix =
    shown.length === 0 && filtered
      ? "no quirk with that answer\n"
      : table(shown, { ...out, all: filtered || options.all === true });
  const above = options.quiet === true ? "" : matrix + (view === "service" ? pairingTable(shown, out) : "");
  const room = options.all === true ? {} : { lines: TWO_SCREENS - above.split("\n").length };
  process.stdout.write(above + failureReport(plays, { ...out, ...room }));
  if (options.quiet === true) process.stdout.write(`${countLine(plays, out.colors)}\n`);
}

/** Less what `run` says before and after. */
const TWO_SCREENS = 50;
