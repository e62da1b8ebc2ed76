/** `anchorage repro ID`: plays one cell and prints its ladder. */

import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { serviceInWords } from "../../reports/service.ts";
import { failureLines } from "../../reports/terminal/failures.ts";
import { terminalLadder } from "../../reports/terminal/ladder.ts";
import { colorsFor, widthOf } from "../../reports/terminal/output.ts";
import { visible } from "../../reports/text.ts";
import { version } from "../package.ts";
import { guessEra, splitStatements } from "../pf/text/statements.ts";
import { quoted } from "../players/programs/command-line.ts";
import { runPlays } from "../run/runner.ts";
import { type PlannedCell, select } from "../run/selection.ts";
import { withOwnRules } from "../tools/ftp/own-rules.ts";
import { type Finish, interruptible, UsageError } from "./exit-status.ts";
import { addFilters, type FilterOptions, filtersFrom, readChoice } from "./filters.ts";
import { type FirewallOptions, firewallOf, inputName, readInput } from "./input.ts";
import { addFirewallOptions, seedOption } from "./options.ts";
import { relaunch } from "./relaunch.ts";

interface ReproOptions extends FilterOptions, FirewallOptions {
  readonly seed: number;
  readonly pfConf?: string;
  readonly capture?: string;
  readonly log?: boolean;
  readonly json?: boolean;
}

export const reproCommand = (finish: Finish): Command =>
  addFirewallOptions(addFilters(new Command("repro")))
    .description("play one scenario again and print its ladder")
    .argument("<id>", "a scenario, or a whole cell as `anchorage run` prints it")
    .addOption(seedOption())
    .option("--pf-conf <file>", "play with this pf.conf on the firewall, in sim on its own interfaces and addresses")
    .option("--capture <file>", "write the packets of the firewall's interfaces there (pcapng)")
    .option("--log", "show the proxy's log and PF's states in the ladder")
    .option("--json", "print the result as JSON instead of the ladder")
    .action(async (id: string, options: ReproOptions) => {
      const pfConf = options.pfConf === undefined ? undefined : readInput(options.pfConf);
      // Rules are in one language; only a cell's whole id names another.
      const era = pfConf !== undefined && !id.includes("@") ? { era: [guessEra(splitStatements(pfConf))] } : {};
      const filters = filtersFrom([id], { ...era, ...options });
      const choice = await readChoice(filters, options);
      await relaunch(choice.labs);
      const { planned, inWords } = withRules(onlyCell(select(choice, filters, options.seed)), pfConf, options);
      let packets: Uint8Array | undefined;
      const run = await interruptible((signal) =>
        runPlays({
          seed: options.seed,
          version: version(),
          planned: [planned],
          now: Date.now,
          signal,
          onNote: (text) => console.error(visible(text)),
          keepsCapture: () => options.capture !== undefined,
          onResult: async (_result, capture) => {
            packets = capture;
            return undefined;
          },
        }),
      );
      const [result] = run.plays;
      if (result === undefined) return;
      if (options.capture !== undefined && packets !== undefined) await writeFile(options.capture, packets);
      if (options.json === true) console.log(JSON.stringify(result, null, 2));
      else {
        const colors = colorsFor(process.stdout, process.env);
        const width = widthOf(process.stdout);
        console.log(`${colors.bold(result.id)}\n${visible(result.scenario.title)}\n${inWords ? `${inWords}\n` : ""}`);
        process.stdout.write(
          terminalLadder(result, { width, colors, log: options.log === true, states: options.log === true }),
        );
        console.log(
          result.grade === "failed" ? `\n${failureLines(result, width, colors).join("\n")}` : endLine(result),
        );
        if (result.service !== undefined) console.log(`service: ${serviceInWords(result)}`);
        for (const open of result.harm?.policy ?? []) console.log(visible(`remark: by the rule set alone, ${open}`));
      }
      finish(result.grade === "passed" ? 0 : 1);
    });

const endLine = (result: { grade: string; outcome: string; expected: string; reason?: string }): string =>
  visible(
    `${result.grade}: ${result.outcome}${result.reason === undefined ? "" : ` (${result.reason})`}; expected: ${result.expected}`,
  );

/** A scenario's id alone means its first cell that can be played. */
function onlyCell(planned: readonly PlannedCell[]): PlannedCell {
  const chosen = planned.find((one) => one.plan === "play") ?? planned[0];
  if (chosen === undefined) throw new UsageError("nothing to play");
  return chosen;
}

function withRules(
  planned: PlannedCell,
  text: string | undefined,
  { pfConf = "", ...firewall }: ReproOptions,
): { readonly planned: PlannedCell; readonly inWords?: string } {
  if (text === undefined) return { planned };
  const { interfaces, root, define = {} } = firewall;
  const given = [
    ...["--pf-conf", quoted(pfConf)],
    ...(interfaces === undefined ? [] : ["--interfaces", quoted(interfaces)]),
    ...(root === undefined ? [] : ["--root", quoted(root)]),
    ...Object.entries(define).flatMap(([name, value]) => ["-D", quoted(`${name}=${value}`)]),
  ];
  const { entry } = planned.cell;
  const options = [entry.options ?? [], given].flat().join(" ");
  const { cell, ...rest } = withOwnRules({ ...planned.cell, entry: { ...entry, options } }, text, {
    file: inputName(pfConf),
    ...firewallOf(pfConf, firewall),
  });
  return { planned: { ...planned, cell }, ...rest };
}
