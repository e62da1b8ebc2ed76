/**
 * The firewall's pf.conf for a play: the template of its era and side from `vm/pf/`, the very files
 * that the virtual machines use, changed where the scenario asks for a broken one.
 */

import { readFile } from "node:fs/promises";
import type { Cell } from "../run/cell.ts";

const TEMPLATES = new URL("../../vm/pf/", import.meta.url);

export async function pfConfFor(cell: Cell): Promise<string> {
  if (cell.pfConf !== undefined) return cell.pfConf;
  const text = await templateFor(cell);
  return cell.entry.scenario.pfConf?.(text, cell.era) ?? text;
}

/** nft(8) rules, where the firewall's own kernel is the subject. */
export function kernelRulesFor({ subject, side, entry }: Pick<Cell, "subject" | "side" | "entry">): string | undefined {
  const text = subject.kernelRules?.(side);
  return text === undefined ? undefined : (entry.scenario.kernelRules?.(text) ?? text);
}

/** As it is for every scenario that asks for nothing else. */
export function templateFor({ era, side, subject }: Pick<Cell, "era" | "side" | "subject">): Promise<string> {
  const variant = subject.terminates ? side : `${side}-without-proxy`;
  return readFile(new URL(`${era}/${variant}.conf`, TEMPLATES), "utf8");
}
