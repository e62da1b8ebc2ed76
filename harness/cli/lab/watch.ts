/** `anchorage lab watch`: sessions, anchors and states of a standing lab, live, as top(1) shows processes. */

import { Command, InvalidArgumentError, Option } from "commander";
import { colorsFor, widthOf } from "../../../reports/terminal/output.ts";
import { askOnce } from "../../labs/netns/keeper/control-socket.ts";
import type { Snapshot } from "../../labs/netns/keeper/snapshot.ts";
import { controlSocket, type StandingLab } from "../../labs/netns/keeper/standing-lab.ts";
import { watchScreen } from "./watch-screen.ts";
import { labOf, nameOption } from "./which.ts";

interface WatchOptions {
  readonly name: string;
  readonly interval: number;
  readonly once?: boolean;
  readonly json?: boolean;
}

const DEFAULT_INTERVAL_S = 1;
/** ECMA-48: another screen and back, the cursor hidden and shown, home, erase to the end of line and of screen. */
const ANSI = {
  enter: "\x1b[?1049h\x1b[?25l",
  leave: "\x1b[?25h\x1b[?1049l",
  home: "\x1b[H",
  restOfLine: "\x1b[K",
  restOfScreen: "\x1b[J",
};

export const labWatchCommand = (): Command =>
  new Command("watch")
    .description("show sessions, anchors and states live; q ends it")
    .addOption(nameOption())
    .addOption(
      new Option("--interval <seconds>", "how often").default(DEFAULT_INTERVAL_S).argParser((text) => {
        const seconds = Number(text);
        if (!(seconds >= 0.1 && seconds <= 3600)) throw new InvalidArgumentError("Seconds, from 0.1 to 3600.");
        return seconds;
      }),
    )
    .option("--once", "print one snapshot and end, as without a terminal")
    .option("--json", "print one snapshot as JSON and end")
    .action(async ({ name, interval, once = false, json = false }: WatchOptions) => {
      const lab = labOf(name);
      const { stdout } = process;
      if (json) stdout.write(`${JSON.stringify({ lab, ...(await look(lab)) }, null, 2)}\n`);
      else if (once || !stdout.isTTY)
        stdout.write(`${drawn(lab, await look(lab), Number.POSITIVE_INFINITY).join("\n")}\n`);
      else await live(lab, interval * 1000);
    });

const look = async (lab: StandingLab): Promise<Snapshot> =>
  (await askOnce(controlSocket(lab.path), { ask: "snapshot" })) as Snapshot;

const drawn = (lab: StandingLab, snapshot: Snapshot, rows: number): string[] =>
  watchScreen(lab, snapshot, {
    width: process.stdout.isTTY ? widthOf(process.stdout) : Number.POSITIVE_INFINITY,
    rows,
    colors: colorsFor(process.stdout, process.env),
  });

/** Until q or a signal; rejects when the lab goes. */
async function live(lab: StandingLab, intervalMs: number): Promise<void> {
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
