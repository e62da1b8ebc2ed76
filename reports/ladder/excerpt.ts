/**
 * The place in a ladder where FTP broke: the rows around it, a few before and what came of it; or all rows, with the reason
 * at that place.
 *
 *     excerptOf(ladderRows(play), play) // 8 rows of 60
 */
import { tellingFinding } from "../failure-groups.ts";
import type { PlayResult } from "../model.ts";
import { visible } from "../text.ts";
import type { LadderRow } from "./rows.ts";

const BEFORE = 4;
const AFTER = 3;

export function excerptOf(rows: readonly LadderRow[], play: PlayResult): LadderRow[] {
  const shown = rows.filter(({ kind }) => kind !== "kept-out");
  const at = decisive(shown, play);
  return shown.slice(Math.max(0, at - BEFORE), at + AFTER + 1);
}

/** All rows, and after the one where FTP broke a note why, and what the user sees. */
export function withReason(rows: readonly LadderRow[], play: PlayResult): readonly LadderRow[] {
  const { service } = play;
  const last =
    rows.length > 0 && service?.verdict === "fails" ? rows[decisive(rows, { ...play, findings: [] })] : undefined;
  if (last === undefined || service === undefined) return rows;
  const notice = service.notice === undefined ? "" : `. The user sees: ${service.notice}`;
  const [why = ""] = service.reason.split("; "); // What follows is the proxy's log, which has a row.
  const text = visible(`FTP breaks here: ${why}${notice}`);
  const at = rows.indexOf(last) + 1;
  return [...rows.slice(0, at), { kind: "note", atMs: last.atMs, tone: "broke", text }, ...rows.slice(at)];
}

/**
 * The line that differs from the reference, the line that the service names, the finding, or else the first row that
 * something is wrong with.
 */
function decisive(rows: readonly LadderRow[], play: PlayResult): number {
  const { service, findings } = play;
  const told = tellingFinding(play);
  const differing = told?.kind === "letter" ? told.actual : undefined;
  for (const line of [differing, service?.verdict === "fails" ? service.line : undefined]) {
    const named = line === undefined ? -1 : rows.findIndex((row) => isLine(row, visible(line.trimEnd())));
    if (named >= 0) return named;
  }
  const wrong = rows.findIndex(isWrong);
  const atMs = findings.find((finding) => finding.atMs !== undefined)?.atMs;
  const found = atMs === undefined ? -1 : rows.findLastIndex((row) => row.atMs <= atMs);
  if (service?.verdict !== "fails" && found >= 0) return found;
  return wrong >= 0 ? wrong : found >= 0 ? found : rows.length - 1;
}

const isLine = (row: LadderRow, line: string): boolean =>
  row.kind === "message" && (row.text.endsWith(line) || row.insteadOf?.endsWith(line) === true);

function isWrong(row: LadderRow): boolean {
  switch (row.kind) {
    case "message":
      return row.why !== undefined;
    case "drop":
      return true;
    case "note":
      return row.tone === "warning" || row.tone === "bad";
    case "connection":
      return row.event === "reset" || row.event === "refused" || row.event === "no-answer";
    case "rules":
    case "kept-out":
      return false;
  }
}
