/** `anchorage convert --to ERA pf.conf`: writes it in another era's language. Exit status 1 if it cannot. */

import { Command } from "commander";
import type { Era } from "../pf/language/eras.ts";
import type { Finish } from "./exit-status.ts";
import { inputName, readInput } from "./input.ts";
import { eraOption } from "./options.ts";

interface Options {
  readonly to: Era;
  readonly from?: Era;
  readonly json?: boolean;
}

export const convertCommand = (finish: Finish): Command =>
  new Command("convert")
    .description("write a pf.conf in the PF language of another era")
    .argument("<file>", "pf.conf, or - for standard input")
    .addOption(eraOption("--to <era>", "the language to write").makeOptionMandatory())
    .addOption(eraOption("--from <era>", "the language of the file (default: guessed from the text)"))
    .option("--json", "as JSON")
    .action(async (path: string, { json, ...eras }: Options) => {
      const { convert } = await import("../tools/convert/convert.ts");
      const file = inputName(path);
      const done = convert(readInput(path), eras);
      finish(done.text === undefined ? 1 : 0);
      if (json === true) {
        console.log(JSON.stringify({ file, ...done, text: done.text ?? null }, null, 2));
        return;
      }
      for (const { line, text } of done.refused) console.error(`${file}:${line}: cannot be converted: ${text}`);
      for (const { line, text } of done.remarks) console.error(`${file}:${line}: note: ${text}`);
      if (done.text !== undefined) process.stdout.write(done.text, "latin1");
    });
