/**
 * A play with a pf.conf of the user's: on its own interfaces and addresses, where the lab can have them.
 *
 * @example
 * const { cell, inWords } = withOwnRules(planned, text, { file: "pf.conf" });
 * console.log(inWords); // "inside vlan10, outside pppoe0 (guessed from the rules)"
 */

import { AnchorageError } from "../../contract/errors.ts";
import type { Cell } from "../../play/cell.ts";
import { type Analysis, analyse, type LintOptions } from "../lint/analysis.ts";
import { machineInWords } from "../lint/machine.ts";
import { withDefines } from "../lint/read-rules.ts";
import { networkPlan } from "./network-plan.ts";
import { proxyOptions } from "./proxy-options.ts";

/** The rules do not load. The message has the user's file and lines. */
export class RulesError extends AnchorageError {
  override readonly name = "RulesError";
}

/** Rejects with RulesError. */
export function withOwnRules(
  cell: Cell,
  text: string,
  options: Pick<LintOptions, "file" | "readFile" | "interfaces" | "defines">,
): { readonly cell: Cell; readonly inWords?: string } {
  if (cell.lab.lacks("own-network") !== undefined) return { cell: { ...cell, pfConf: text } };
  const { era, family, side } = cell;
  const analysis = analyse(text, { ...options, era, reverse: side === "reverse" });
  const { machine, errors } = analysis;
  if (errors.length > 0) {
    throw new RulesError(errors.map((error) => `${error.file}:${error.line}: ${error.text}`).join("\n"));
  }
  const inWords = machineInWords(machine);
  const own = onOwnNetwork(cell, analysis, proxyOptions(analysis, family), options.readFile);
  if (own === undefined) throw new RulesError(`${options.file}: the firewall has no ${family} addresses (${inWords})`);
  return { cell: own, inWords };
}

/** With these rules, their network and these options of ftp-proxy. Undefined: no addresses of its family there. */
export function onOwnNetwork(
  cell: Cell,
  analysis: Analysis,
  proxyArgs: readonly string[],
  readFile: LintOptions["readFile"],
): Cell | undefined {
  const network = networkPlan(analysis, cell.family);
  if (network === undefined) return undefined;
  const { entry } = cell;
  const { scenario } = entry;
  return {
    ...cell,
    entry: { ...entry, scenario: { ...scenario, proxyArgs: [...proxyArgs, ...scenario.proxyArgs] } },
    pfConf: withDefines(analysis.text, analysis.options.defines),
    network: {
      ...network,
      readFile: (path) => readFile?.(path) ?? (isAbsent(analysis, path) ? "" : undefined),
      release: analysis.release,
      filledTables: analysis.filled,
    },
  };
}

/** The firewall has it, and this machine has not: it counts as empty, as for lint. */
const isAbsent = ({ absent }: Analysis, path: string): boolean =>
  absent.some(({ kind, name }) => kind === "file" && name === path);
