/** `anchorage lint pf.conf`: checks a rule set for ftp-proxy. Exit status 1 if it found an error. */

import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import type { LintOptions } from "../tools/lint/analysis.ts";
import type { LintFormat } from "../tools/lint/formats.ts";
import { type Finish, UsageError } from "./exit-status.ts";
import { type FirewallOptions, firewallOf, inputName, readInput } from "./input.ts";
import { addFirewallOptions, addProxyOptions, eraOption, releaseOption } from "./options.ts";

interface Options extends Pick<LintOptions, "era" | "release" | "reverse" | "port" | "tag">, FirewallOptions {
  readonly format: LintFormat;
  readonly json?: boolean;
  readonly fix?: boolean;
}

export const lintCommand = (finish: Finish): Command =>
  addFirewallOptions(
    addProxyOptions(
      new Command("lint")
        .description("check a pf.conf for ftp-proxy: what is wrong, why, and how the lines should read")
        .argument("<file...>", "pf.conf, a folder with *.conf, or - for standard input")
        .addOption(eraOption("--era <era>", "PF language of the firewall (default: guessed from the text)"))
        .addOption(releaseOption()),
      "8021; 21 with -R",
    ),
  )
    .addOption(new Option("--format <format>", "how findings are written").choices(FORMATS).default("text"))
    .option("--json", "short for --format json")
    .option("--fix", "make the corrections in the files, and show what changed")
    .action(async (paths: string[], { json, fix, format, interfaces, define, root, ...given }: Options) => {
      const { fixed, isFit, lint } = await import("../tools/lint/lint.ts");
      const { lintOutput } = await import("../tools/lint/formats.ts");
      const results = paths.flatMap(rulesetsIn).map((path) => {
        const file = inputName(path);
        const firewall = { ...(interfaces && { interfaces }), ...(define && { define }), ...(root && { root }) };
        const options = { file, ...firewallOf(path, firewall), ...given };
        const text = readInput(path);
        const mended = fix === true ? fixed(text, options) : text;
        if (mended !== text) keep(path, text, mended);
        return { file, linted: lint(mended, options) };
      });
      process.stdout.write(lintOutput(json === true ? "json" : format, results), "latin1");
      finish(results.every(({ linted }) => isFit(linted)) ? 0 : 1);
    });

const FORMATS: readonly LintFormat[] = ["text", "json", "github", "sarif"];

/** A folder stands for the files in it that are named *.conf. */
function rulesetsIn(path: string): readonly string[] {
  const isFolder = path !== "-" && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder) return [path];
  const names = readdirSync(path).filter((name) => name.endsWith(".conf"));
  return names.sort().map((name) => join(path, name));
}

/** Writes beside the file and renames, so that a file is never half written. Standard input goes to standard output. */
function keep(path: string, before: string, after: string): void {
  process.stderr.write(changes(before, after), "latin1");
  if (path === "-") {
    process.stdout.write(after, "latin1");
    return;
  }
  const aside = `${path}.${process.pid}`;
  try {
    writeFileSync(aside, after, { encoding: "latin1", mode: statSync(path).mode & 0o777, flag: "wx" });
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw new UsageError(`${path} cannot be written: ${(error as Error).message}`);
  }
}

/** Lines taken away and added, in the order of the text. */
function changes(before: string, after: string): string {
  const [old, now] = [before.split("\n"), after.split("\n")];
  // Longest common subsequence, from the end.
  const length = old.map(() => new Uint32Array(now.length + 1));
  const at = (i: number, j: number) => length[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      const row = length[i] as Uint32Array;
      row[j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: string[] = [];
  for (let i = 0, j = 0; i < old.length || j < now.length; ) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      i++;
      j++;
    } else if (j >= now.length || (i < old.length && at(i + 1, j) >= at(i, j + 1)))
      lines.push(`${i + 1}: - ${old[i++]}`);
    else lines.push(`${j + 1}: + ${now[j++]}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}
