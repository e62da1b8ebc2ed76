/**
 * One cell of the matrix: which scenario is played with which subject, where and how. With it: its id, its seed, the
 * firewall's rules, and the fields of a result that are known before the play.
 */

import { readFile } from "node:fs/promises";
import type { PlayerInfo, PlayResult } from "../../reports/model.ts";
import { describeExpectation, expectationOf } from "../contract/expectation.ts";
import type { Era, LabKind, NetworkPlan, Side } from "../contract/lab.ts";
import type { CatalogueEntry } from "../contract/scenario.ts";
import type { Subject } from "../contract/subject.ts";
import { packageFile } from "../package.ts";
import type { Family } from "../pf/packet.ts";

export interface Cell {
  readonly entry: CatalogueEntry;
  readonly subject: Subject;
  readonly lab: LabKind;
  readonly era: Era;
  readonly family: Family;
  readonly side: Side;
  /** Seed of this play, made from the run's seed and the cell's id. */
  readonly seed: number;
  readonly runSeed: number;
  /** The user's pf.conf, instead of the template (`anchorage repro --pf-conf`). */
  readonly pfConf?: string;
  /** The names and addresses of that pf.conf. */
  readonly network?: NetworkPlan;
}

/** `passive/pasv@core,sim,divert-to,inet,forward`: accepted by `anchorage repro`. */
export const cellId = (cell: Omit<Cell, "seed">): string =>
  `${cell.entry.id}@${cell.subject.name},${cell.lab.name},${cell.era},${cell.family},${cell.side}`;

/** FNV-1a over the id: a play has the same seed alone and among hundreds. */
export function playSeed(runSeed: number, id: string): number {
  let hash = 0x811c9dc5 ^ runSeed;
  for (let index = 0; index < id.length; index++) {
    hash ^= id.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** The pf.conf of each era and side: the same files that the virtual machines use. */
const TEMPLATES = packageFile("vm/pf/");

/** The firewall's pf.conf: the template, changed where the scenario asks for a broken one. */
export async function pfConfFor(cell: Cell): Promise<string> {
  if (cell.pfConf !== undefined) return cell.pfConf;
  const text = await templateFor(cell);
  return cell.entry.scenario.pfConf?.(text, cell.era) ?? text;
}

/** Each file is read once: hundreds of plays begin with the same. */
const templates = new Map<string, Promise<string>>();

/** The unchanged template. */
export function templateFor({ era, side, subject }: Pick<Cell, "era" | "side" | "subject">): Promise<string> {
  const name = `${era}/${side}${subject.terminates ? "" : "-without-proxy"}.conf`;
  const text = templates.get(name) ?? readFile(new URL(name, TEMPLATES), "utf8");
  templates.set(name, text);
  return text;
}

/** nft(8) rules, where the firewall's own kernel is the subject. */
export function kernelRulesFor({ subject, side, entry }: Pick<Cell, "subject" | "side" | "entry">): string | undefined {
  const text = subject.kernelRules?.(side);
  return text === undefined ? undefined : (entry.scenario.kernelRules?.(text) ?? text);
}

type Description = Pick<
  PlayResult,
  "id" | "scenario" | "subject" | "lab" | "era" | "family" | "side" | "seed" | "expected" | "players" | "repeat"
>;

/** Facts about a player that are known only after it has taken its part. */
export type TakenInfo = Pick<PlayerInfo, "version" | "output">;

/** The fields of a result that every cell has, played or not. */
export function describeCell(cell: Cell, taken: Partial<Record<PlayerInfo["part"], TakenInfo>> = {}): Description {
  const { entry, subject, lab, era, family, side, runSeed } = cell;
  const { scenario } = entry;
  const { title, quirk, sources, priority } = scenario;
  const id = cellId(cell);
  const repeatOptions = [entry.options, subject.options].map((text) => (text === undefined ? "" : ` ${text}`)).join("");
  return {
    id,
    scenario: { id: entry.id, title, category: entry.category, quirk, sources, priority },
    subject: subject.name,
    lab: lab.name,
    era,
    family,
    side,
    seed: runSeed,
    expected: describeExpectation(expectationOf(scenario.expect, subject.profile(era), { side, family, era })),
    players: (["client", "server"] as const).map((part) => {
      const { name, command, version: known } = scenario[part];
      const { version = known, output } = taken[part] ?? {};
      return { part, name, ...(version && { version }), ...(command && { command }), ...(output && { output }) };
    }),
    repeat: `npx anchorage repro '${id}'${repeatOptions} --seed ${runSeed}`,
  };
}
