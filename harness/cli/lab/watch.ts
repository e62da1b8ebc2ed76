/**
 * `anchorage lab watch`: sessions, anchors and states of a lab, live, as top(1) shows processes. A screen is never
 * wider or longer than the terminal; lines that do not fit are counted.
 */

import { Command, InvalidArgumentError, Option } from "commander";
import { type Colors, colorsFor, widthOf } from "../../../reports/terminal/output.ts";
import { visible } from "../../../reports/text.ts";
import { askOnce } from "../../labs/netns/daemon/control-socket.ts";
import { controlSocket, type RunningLab } from "../../labs/netns/daemon/running-lab.ts";
import type { Session } from "../../labs/netns/daemon/sessions.ts";
import type { LogLine, Snapshot } from "../../labs/netns/daemon/snapshot.ts";
import { duration, labOf, nameOption } from "./named-lab.ts";

interface WatchOptions {
  readonly name: string;
  readonly interval: number;
  readonly once?: boolean;
  readonly json?: boolean;
}

const DEFAULT_INTERVAL_S = 1;
/** ECMA-48: alternate screen and back, cursor off and on, home, erase to the end of the line and of the screen. */
const ANSI = {
  enter: "\x1b[?1049h\x1b[?25l",
  leave: "\x1b[?25h\x1b[?1049l",
  home: "\x1b[H",
  restOfLine: "\x1b[K",
  restOfScreen: "\x1b[J",
};

export const labWatchCommand = (): Command =>
  new Command("watch")
    .description("show sessions, anchors and states, live; q quits")
    .addOption(nameOption())
    .addOption(
      new Option("--interval <seconds>", "how often").default(DEFAULT_INTERVAL_S).argParser((text) => {
        const seconds = Number(text);
        if (!(seconds >= 0.1 && seconds <= 3600)) throw new InvalidArgumentError("Seconds, from 0.1 to 3600.");
        return seconds;
      }),
    )
    .option("--once", "print one snapshot and exit, as happens without a terminal")
    .option("--json", "print one snapshot as JSON and exit")
    .action(async ({ name, interval, once = false, json = false }: WatchOptions) => {
      const lab = labOf(name);
      const { stdout } = process;
      if (json) stdout.write(`${JSON.stringify({ lab, ...(await look(lab)) }, null, 2)}\n`);
      else if (once || !stdout.isTTY)
        stdout.write(`${drawn(lab, await look(lab), Number.POSITIVE_INFINITY).join("\n")}\n`);
      else await live(lab, interval * 1000);
    });

const look = async (lab: RunningLab): Promise<Snapshot> =>
  (await askOnce(controlSocket(lab.path), { ask: "snapshot" })) as Snapshot;

const drawn = (lab: RunningLab, snapshot: Snapshot, rows: number): string[] =>
  watchScreen(lab, snapshot, {
    width: process.stdout.isTTY ? widthOf(process.stdout) : Number.POSITIVE_INFINITY,
    rows,
    colors: colorsFor(process.stdout, process.env),
  });

/** Redraws until q or a signal; rejects if the lab goes down. */
async function live(lab: RunningLab, intervalMs: number): Promise<void> {
  const { stdin, stdout } = process;
  let over = false;
  let wake: () => void = () => {};
  const stop = () => {
    over = true;
    wake();
  };
  const key = (bytes: Buffer) => /[q\x03\x04]/.test(bytes.toString("latin1")) && stop();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);
  const redraw = () => wake();
  stdout.on("resize", redraw);
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.on("data", key);
  }
  stdout.write(ANSI.enter);
  try {
    while (!over) {
      const lines = drawn(lab, await look(lab), stdout.rows - 1);
      const text = lines.map((line) => `${line}${ANSI.restOfLine}\r\n`).join("");
      stdout.write(`${ANSI.home}${text}${ANSI.restOfScreen}`);
      await new Promise<void>((settle) => {
        const timer = setTimeout(settle, intervalMs);
        wake = () => {
          clearTimeout(timer);
          settle();
        };
      });
    }
  } finally {
    stdout.write(ANSI.leave);
    stdout.off("resize", redraw);
    if (stdin.isTTY) {
      stdin.setRawMode(false);
      stdin.off("data", key);
      stdin.pause();
    }
  }
}

/** @example logText({ atMs: 0, level: 6, text: "#1 client close" }) // "00:00:00.000 #1 client close" */
export const logText = ({ atMs, text }: LogLine): string =>
  `${new Date(atMs).toISOString().slice(11, 23)} ${visible(text)}`;

interface Screen {
  readonly width: number;
  /** Lines of the terminal. */
  readonly rows: number;
  readonly colors: Colors;
}

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Lines that each section keeps, however long the others are. */
const SECTION_MINIMUM = 2;

export function watchScreen(lab: RunningLab, snapshot: Snapshot, { width, rows, colors }: Screen): string[] {
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

/** PF keeps states of closed connections for a while: they come last. */
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

/** The lines that fit, and a count of the others. */
function fitted(lines: readonly string[], room: number): readonly string[] {
  if (lines.length <= room) return lines;
  if (room < 1) return [];
  return [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more`];
}

/** Lines for each section: the longest sections are cut until all fit. */
export function shares(wanted: readonly number[], room: number): number[] {
  const given = wanted.map((number) => number);
  const total = () => given.reduce((sum, number) => sum + number, 0);
  while (total() > room) {
    const longest = given.indexOf(Math.max(...given));
    const most = given[longest] ?? 0;
    if (most <= SECTION_MINIMUM) break;
    given[longest] = most - 1;
  }
  return given;
}
