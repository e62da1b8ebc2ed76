/**
 * A snapshot of a standing lab as lines for a terminal: never wider than it, never longer. What does
 * not fit is counted.
 */

import type { Colors } from "../../../reports/terminal/output.ts";
import { visible } from "../../../reports/visible-text.ts";
import type { Session } from "../../labs/netns/keeper/sessions.ts";
import type { Snapshot } from "../../labs/netns/keeper/snapshot.ts";
import type { StandingLab } from "../../labs/netns/keeper/standing-lab.ts";
import { duration } from "./duration.ts";
import { logText } from "./log.ts";

interface Screen {
  readonly width: number;
  /** Lines that there is room for. */
  readonly rows: number;
  readonly colors: Colors;
}

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

/** A section is shown with so many lines at least, whatever the others want. */
const LEAST = 2;

export function watchScreen(lab: StandingLab, snapshot: Snapshot, { width, rows, colors }: Screen): string[] {
  const { sessions, anchors, expected, states, log, atMs } = snapshot;
  const head = [
    `${lab.name}: ${lab.side}, ${lab.era}, ${lab.subject}, server ${lab.server}`,
    `up ${duration(atMs - lab.since)}`,
    `${snapshot.sessionCount} control connection${snapshot.sessionCount === 1 ? "" : "s"} so far`,
  ].join("   ");
  const sections: Section[] = [
    { title: `SESSIONS ${sessions.length}`, lines: sessionTable(sessions, atMs) },
    expected === undefined
      ? {
          title: `ANCHORS ${Object.keys(anchors).length}`,
          lines: Object.entries(anchors).flatMap(([name, rules]) => [name, ...rules.map((rule) => `  ${rule}`)]),
        }
      : { title: `EXPECTED ${expected.length}`, lines: expected },
    { title: `STATES ${states.length}`, lines: [...states].sort((a, b) => Number(isOver(a)) - Number(isOver(b))) },
    { title: "LOG", lines: log.map(logText) },
  ];
  const room = shares(
    sections.map(({ lines }) => lines.length),
    rows - 1 - 2 * sections.length,
  );
  const cut = (text: string) => [...visible(text)].slice(0, width).join("");
  return [
    colors.bold(cut(head)),
    ...sections.flatMap(({ title, lines }, place) => [
      "",
      colors.inverse(cut(title)),
      ...fitted(lines, room[place] ?? 0).map(cut),
    ]),
  ];
}

/** States of connections that are over stay for a while: they come last. */
const isOver = (state: string): boolean =>
  /(FIN_WAIT_2|TIME_WAIT|CLOSED):(FIN_WAIT_2|TIME_WAIT|CLOSED)$|^tcp \d+ \d+ (TIME_WAIT|CLOSE|LAST_ACK) /.test(state);

function sessionTable(sessions: readonly Session[], atMs: number): string[] {
  const rows = sessions.map(({ client, user = "", dialled, command = "", reply = "", state, sinceMs }) => [
    client,
    user,
    dialled,
    duration(atMs - sinceMs),
    state === "open" ? "" : state,
    [command, reply].filter((text) => text !== "").join(" → "),
  ]);
  if (rows.length === 0) return [];
  const table = [["CLIENT", "USER", "DIALLED", "AGE", "", "LAST COMMAND → LAST REPLY"], ...rows];
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => visible(row[column] ?? "").length)),
  );
  return table.map((row) =>
    row
      .map((text, column) => (column === row.length - 1 ? text : visible(text).padEnd(widths[column] ?? 0)))
      .filter((_, column) => column !== 4 || (widths[4] ?? 0) > 0)
      .join("  "),
  );
}

/** What does not fit is counted. */
function fitted(lines: readonly string[], room: number): readonly string[] {
  if (lines.length <= room) return lines;
  if (room < 1) return [];
  return [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more`];
}

/** Lines for each section: all get what they need as long as there is room, then the longest give way. */
export function shares(wanted: readonly number[], room: number): number[] {
  const given = wanted.map((number) => number);
  const total = () => given.reduce((sum, number) => sum + number, 0);
  while (total() > room) {
    const longest = given.indexOf(Math.max(...given));
    const most = given[longest] ?? 0;
    if (most <= LEAST) break;
    given[longest] = most - 1;
  }
  return given;
}
