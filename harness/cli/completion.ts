/**
 * Tab completion: `anchorage completion bash` prints a script for the shell, which asks `anchorage __complete WORD…` for
 * the words that may come: commands, options, an option's choices, ids of scenarios, names of quirks.
 *
 * @example
 * // eval "$(npx anchorage completion bash)"
 */

import { basename, relative } from "node:path";
import { Argument, Command } from "commander";
import { OWN_SCENARIOS } from "../run/catalogue.ts";
import { modulesIn } from "../run/discover.ts";

const SCRIPTS = {
  bash: `_anchorage() {
  local IFS=$'\\n'
  COMPREPLY=($(anchorage __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _anchorage anchorage
`,
  zsh: `#compdef anchorage
_anchorage() {
  compadd -- \${(f)"$(anchorage __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)"}
}
compdef _anchorage anchorage
`,
  fish: `complete -c anchorage -a '(anchorage __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};
type Shell = keyof typeof SCRIPTS;

export const completionCommand = (): Command =>
  new Command("completion")
    .description('print a script for tab completion: eval "$(anchorage completion bash)"')
    .addArgument(new Argument("<shell>").choices(Object.keys(SCRIPTS)))
    .action((shell: Shell) => {
      process.stdout.write(SCRIPTS[shell]);
    });

const WITH_IDS = ["run", "list", "show", "repro"];
const WITH_QUIRKS = ["serve", "dial"];

/** The words that may stand in place of the last one, which may be empty. */
export async function completions(words: readonly string[], commands: readonly Command[]): Promise<string[]> {
  const current = words.at(-1) ?? "";
  const command = commands.find((one) => one.name() === words[0]);
  const all =
    words.length < 2 || command === undefined
      ? commands.map((one) => one.name())
      : await wordsFor(command, words.slice(1, -1), current);
  return all.filter((word) => word.startsWith(current));
}

async function wordsFor(command: Command, before: readonly string[], current: string): Promise<string[]> {
  const options = command.options.flatMap(({ long }) => long ?? []);
  if (current.startsWith("-")) return options;
  const lastOption = before.findLast((word) => word.startsWith("-"));
  const option = command.options.find(({ long }) => long === lastOption);
  const isValue = option !== undefined && (option.variadic || before.at(-1) === lastOption);
  const choices = isValue && option.argChoices !== undefined ? option.argChoices : [];
  const name = command.name();
  if (choices.length > 0 && before.at(-1) === lastOption) return [...choices];
  if (WITH_IDS.includes(name)) return [...choices, ...(await scenarioIds())];
  if (WITH_QUIRKS.includes(name)) return [...choices, ...(await quirkNames(name === "serve" ? "servers" : "clients"))];
  return [...choices, ...command.commands.map((one) => one.name())];
}

const withoutEnding = (path: string): string => path.replace(/\.\w+$/, "");

/** By their files, since loading them takes seconds. */
const scenarioIds = async (): Promise<string[]> =>
  (await modulesIn(OWN_SCENARIOS)).map((file) => withoutEnding(relative(OWN_SCENARIOS, file).replaceAll("\\", "/")));

const quirkNames = async (folder: string): Promise<string[]> =>
  (await modulesIn(`${OWN_SCENARIOS}/${folder}`)).map((file) => withoutEnding(basename(file)));
