/**
 * Options that take several values, beside ids as people type them: `run --side reverse active/port`. The option's values
 * end at the first word that cannot be one.
 *
 * @example
 * withIdsApart(["run", "--side", "reverse", "active/port"], runCommand); // ["run", "--side=reverse", "active/port"]
 */

import { existsSync } from "node:fs";
import type { Command, Option } from "commander";

/** `active/port`, `passive/*`, a whole cell. A path begins with a dot or a slash, or is there. */
const isId = (word: string): boolean => /^[\w-]+\/[\w@,.*/-]+$/.test(word) && !existsSync(word);

const takes = ({ argChoices }: Option, word: string): boolean => argChoices?.includes(word) ?? !isId(word);

/** `args` begin with the command's name. */
export function withIdsApart(args: readonly string[], command: Command): string[] {
  const apart: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string;
    const option = command.options.find(({ long, short, variadic }) => variadic && (long === word || short === word));
    const first = args[at + 1];
    if (word === "--") return [...apart, ...args.slice(at)];
    if (option === undefined || first === undefined || first.startsWith("-")) {
      apart.push(word);
      continue;
    }
    // The first word is the option's, right or wrong: commander says what it allows.
    do {
      apart.push(`${option.long}=${args[++at]}`);
    } while (args[at + 1] !== undefined && !args[at + 1]?.startsWith("-") && takes(option, args[at + 1] as string));
  }
  return apart;
}
