/**
 * Opens a lab for a cell, with the rules and addresses that its scenario asks for, and closes it afterwards.
 *
 * @example
 * await inLab(cell, {}, (lab, { pfConf }) => lab.run(script(lab), { limitMs: 600_000 }));
 */

import type { PlayResult } from "../../reports/model.ts";
import type { Lab, LabSetup } from "../contract/lab.ts";
import { type Cell, kernelRulesFor, pfConfFor } from "./cell.ts";

/** The rules that the firewall has, for the result. */
export type Rules = Pick<PlayResult, "pfConf" | "kernelRules">;

export async function inLab<T>(
  cell: Cell,
  { signal, note }: Pick<LabSetup, "signal" | "note">,
  action: (lab: Lab, rules: Rules) => Promise<T>,
): Promise<T> {
  const { link, needs } = cell.entry.scenario;
  const pfConf = await pfConfFor(cell);
  const kernelRules = kernelRulesFor(cell);
  const lab = await cell.lab.open({
    seed: cell.seed,
    side: cell.side,
    family: cell.family,
    era: cell.era,
    pfConf,
    ...(kernelRules === undefined ? {} : { kernelRules }),
    secondAddress: needs.includes("second-address"),
    ...(cell.network === undefined ? {} : { network: cell.network }),
    ...(link === undefined ? {} : { link }),
    ...(signal === undefined ? {} : { signal }),
    ...(note === undefined ? {} : { note }),
  });
  try {
    return await action(lab, kernelRules === undefined ? { pfConf } : { pfConf: "", kernelRules });
  } finally {
    await lab.close();
  }
}
