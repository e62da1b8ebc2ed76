/** `anchorage lint pf.conf`: checks a rule set for ftp-proxy. Exit status 1 if it found anything. */

import { Command } from "commander";
import type { LintOptions } from "../tools/lint/analysis.ts";
import type { Finish } from "./exit-status.ts";
import { fileReader, inputName, readInput, readInterfaces } from "./input.ts";
import { addProxyOptions, eraOption, interfacesOption, releaseOption } from "./options.ts";

interface Options extends Pick<LintOptions, "era" | "release" | "reverse" | "port" | "tag"> {
  readonly interfaces?: string;
  readonly json?: boolean;
}

export const lintCommand = (finish: Finish): Command =>
  addProxyOptions(
    new Command("lint")
      .description("check a pf.conf for ftp-proxy: what is wrong, why, and how the lines should read")
      .argument("<file...>", "pf.conf, or - for standard input")
      .addOption(eraOption("--era <era>", "PF language of the firewall (default: guessed from the text)"))
      .addOption(releaseOption()),
    "8021; 21 with -R",
  )
    .addOption(interfacesOption())
    .option("--json", "as JSON")
    .action(async (files: string[], { json, interfaces: interfacesFile, ...given }: Options) => {
      const { lint, lintJson, lintReport } = await import("../tools/lint/lint.ts");
      const interfaces = readInterfaces(interfacesFile);
      const results = files.map((path) => {
        const file = inputName(path);
        const options = { file, readFile: fileReader(path), ...given, ...(interfaces && { interfaces }) };
        return { file, linted: lint(readInput(path), options) };
      });
      if (json === true) {
        const all = results.map(({ file, linted }) => lintJson(file, linted));
        console.log(JSON.stringify(all.length === 1 ? all[0] : all, null, 2));
      } else for (const { file, linted } of results) process.stdout.write(lintReport(file, linted), "latin1");
      finish(results.some(({ linted }) => linted.findings.length > 0) ? 1 : 0);
    });
