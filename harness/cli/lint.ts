/** `anchorage lint pf.conf`: is this rule set fit for ftp-proxy? Exit status 1 if anything was found. */

import { Command, InvalidArgumentError, Option } from "commander";
import type { Era } from "../pf/text/era.ts";
import { fileReader, inputName, readInput, readInterfaces } from "./input.ts";

interface Options {
  readonly reverse?: boolean;
  readonly era?: Era;
  readonly port?: number;
  readonly tag?: string;
  readonly interfaces?: string;
  readonly json?: boolean;
}

export const lintCommand = (finish: (status: number) => void): Command =>
  new Command("lint")
    .description("is a pf.conf fit for ftp-proxy? says what is wrong, why, and how the lines should read")
    .argument("<file...>", "pf.conf, or - for standard input")
    .addOption(eraOption("--era <era>", "PF language of the firewall (default: guessed from the text)"))
    .option("--reverse", "the set-up is for ftp-proxy -R (default: guessed from the rules)")
    .option("--port <number>", "where ftp-proxy listens, its -p (default: 8021; 21 with -R)", portNumber)
    .option("--tag <name>", "ftp-proxy runs with -T name")
    .option("--interfaces <file>", "the firewall's interfaces, as ifconfig prints them or as JSON (default: guessed)")
    .option("--json", "as JSON")
    .action(async (files: string[], options: Options) => {
      const { lint } = await import("../tools/lint/lint.ts");
      const { lintJson, lintReport } = await import("../tools/lint/report.ts");
      const interfaces = readInterfaces(options.interfaces);
      const results = files.map((path) => {
        const file = inputName(path);
        const { era, reverse, port, tag } = options;
        const given = {
          ...(era !== undefined && { era }),
          ...(reverse !== undefined && { reverse }),
          ...(port !== undefined && { port }),
          ...(tag !== undefined && { tag }),
          ...(interfaces !== undefined && { interfaces }),
        };
        return { file, linted: lint(readInput(path), { file, readFile: fileReader(path), ...given }) };
      });
      if (options.json === true) {
        const all = results.map(({ file, linted }) => lintJson(file, linted));
        console.log(JSON.stringify(all.length === 1 ? all[0] : all, null, 2));
      } else for (const { file, linted } of results) process.stdout.write(lintReport(file, linted), "latin1");
      finish(results.some(({ linted }) => linted.findings.length > 0) ? 1 : 0);
    });

export const eraOption = (flags: string, description: string): Option =>
  new Option(flags, description).choices(["divert-to", "rdr-to", "rdr-anchor"]);

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535)
    throw new InvalidArgumentError("A port is a number from 1 to 65535.");
  return port;
}
