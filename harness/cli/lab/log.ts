/** `anchorage lab log`: what the proxies on the lab's firewall have logged. */

import { Command } from "commander";
import { visible } from "../../../reports/visible-text.ts";
import { ask } from "../../labs/netns/keeper/control-socket.ts";
import type { LogLine } from "../../labs/netns/keeper/log-lines.ts";
import { controlSocket } from "../../labs/netns/keeper/standing-lab.ts";
import { interruptible } from "../interrupt.ts";
import { labOf, nameOption } from "./which.ts";

interface LogOptions {
  readonly name: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

export const labLogCommand = (): Command =>
  new Command("log")
    .description("print what the proxy has logged")
    .addOption(nameOption())
    .option("-f, --follow", "go on printing as lines come")
    .option("--json", "one JSON object a line")
    .action(async ({ name, follow = false, json = false }: LogOptions) => {
      const { path } = labOf(name);
      await interruptible(async (signal) => {
        for await (const line of ask(controlSocket(path), { ask: "log", follow }, signal)) {
          console.log(json ? JSON.stringify(line) : logText(line as LogLine));
        }
      });
    });

/** @example logText({ atMs: 0, level: 6, text: "#1 client close" }) // "00:00:00.000 #1 client close" */
export const logText = ({ atMs, text }: LogLine): string =>
  `${new Date(atMs).toISOString().slice(11, 23)} ${visible(text)}`;
