/**
 * The firewall's pf.conf for a play: the template of its era and side from `vm/pf/`, the very files
 * that the virtual machines use, changed where the scenario asks for a broken one.
 */

import { readFile } from "node:fs/promises";
import type { Cell } from "../run/cell.ts";

const TEMPLATES = new URL("../../vm/pf/", import.meta.url);

export async function pfConfFor(cell: Cell): Promise<string> {
  if (cell.pfConf !== undefined) return cell.pfConf;
  const variant = cell.subject.terminates ? cell.side : `${cell.side}-without-proxy`;
  const text = await readFile(new URL(`${cell.era}/${variant}.conf`, TEMPLATES), "utf8");
  return cell.entry.scenario.pfConf?.(text, cell.era) ?? text;
}
