/**
 * What to expect of ftp-proxy: each quirk with what came of it, in words, for each subject. Quirks are grouped by what came
 * of them with the proxy: fails (and who breaks it), works after a detour, works. Markdown, beside `matrix.md`.
 *
 *     await writeFile("expect.md", expectMarkdown(run));
 */

import { compatibilityOf, type ServiceCell, type ServiceRow } from "./compatibility.ts";
import { inline } from "./markdown.ts";
import type { Breaker, PlayResult, RunResult, Service } from "./model.ts";
import { isPairing } from "./pairings.ts";
import { answerStyle, breakerWord, worstOf } from "./service.ts";

interface Group {
  readonly heading: string;
  readonly rows: ServiceRow<PlayResult>[];
}

export function expectMarkdown(run: RunResult): string {
  const { categories, columns } = compatibilityOf(run.plays.filter((play) => !isPairing(play)));
  const subjects = [...new Set(columns.map(({ subject }) => subject))];
  const [proxy = "no subject"] = subjects;
  const groups = groupsOf(
    categories.flatMap(({ rows }) => rows),
    proxy,
  );
  const contents = groups.map(({ heading, rows }) => `- ${heading}: ${rows.length}`);
  const parts = [
    "# What to expect of ftp-proxy",
    `Found by playing each quirk with ${subjects.map(inline).join(", ")} (seed ${run.seed}). Groups are by what came of it with ${inline(proxy)}. Clients are inside in *forward*, the server in *reverse*.`,
    contents.join("\n"),
    ...groups.flatMap(({ heading, rows }) => [`## ${heading}`, ...rows.map((row) => entry(row, subjects))]),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** What is closest to the proxy comes first. */
const BREAKERS: readonly Breaker[] = ["proxy", "firewall", "translation", "server", "client", "network"];

function groupsOf(rows: readonly ServiceRow<PlayResult>[], proxy: string): Group[] {
  const groups = new Map<string, Group & { rank: number }>();
  for (const row of rows) {
    const service = worstOf(row.cells.flatMap((cell) => (cell?.subject === proxy ? cell.plays : [])))?.service;
    const { heading, rank } = headingOf(service);
    const group = groups.get(heading) ?? { heading, rank, rows: [] };
    groups.set(heading, group);
    group.rows.push(row);
  }
  return [...groups.values()].sort((a, b) => a.rank - b.rank);
}

function headingOf(service: Service | undefined): { heading: string; rank: number } {
  switch (service?.verdict) {
    case "fails":
      return service.by === undefined
        ? { heading: "Fails", rank: BREAKERS.length }
        : { heading: `Fails: ${breakerWord(service.by)} breaks it`, rank: BREAKERS.indexOf(service.by) };
    case "detour":
      return { heading: "Works after a detour", rank: 10 };
    case "works":
      return { heading: "Works", rank: 11 };
    case undefined:
      return { heading: "Not played", rank: 12 };
  }
}

function entry({ scenario, variant, cells }: ServiceRow<PlayResult>, subjects: readonly string[]): string {
  const outcomes = subjects.flatMap((subject) => {
    const sides = cells.flatMap((cell) => (cell?.subject === subject && applies(cell) ? [cell] : []));
    return sides.length === 0 ? [] : [`- ${inline(subject)}: ${outcomeOf(sides)}`];
  });
  const of = variant === undefined ? "" : `, ${inline(variant)}`;
  return [`**${inline(scenario.title)}** (${inline(scenario.id)}${of})`, "", ...outcomes].join("\n");
}

const applies = ({ answer }: ServiceCell): boolean => answer.kind !== "does-not-apply";

/** One sentence for both sides, if they differ in addresses and ports only, or one for each. */
function outcomeOf(sides: readonly ServiceCell<PlayResult>[]): string {
  const told = sides.map((cell) => ({ side: cell.side, words: wordsOf(cell) }));
  const [first] = told;
  const alike = (words: string): string => words.replaceAll(/\d+/g, "0");
  if (told.every(({ words }) => alike(words) === alike(first!.words))) return inline(first!.words);
  return told.map(({ side, words }) => `${side}: ${inline(words)}`).join(" ");
}

function wordsOf({ answer, plays: [play] }: ServiceCell<PlayResult>): string {
  const service = play?.service;
  const fresh = answer.isNew ? " Not as expected." : "";
  const harm = answer.harm ? ` Harm: ${play?.harm?.found.map(({ detail }) => detail).join("; ")}.` : "";
  const { word } = answerStyle(answer.kind);
  if (service === undefined) return `${word}${play?.reason === undefined ? "" : `: ${play.reason}`}.`;
  switch (service.verdict) {
    case "works":
      return `works.${harm}${fresh}`;
    case "detour":
      return `works after a detour: ${sentence(service.reason)}${harm}${fresh}`;
    case "fails": {
      const where = service.where === undefined ? "" : ` at ${service.where}`;
      const notice = service.notice === undefined ? "" : ` The user sees: ${sentence(service.notice)}`;
      return `fails${where}: ${sentence(service.reason)}${notice}${harm}${fresh}`;
    }
  }
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
