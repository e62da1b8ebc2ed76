/**
 * Checks a text and the anchors that it loads, as `pfctl -nvf` does: pfctl's output, and its exit status.
 *
 * `checkRuleset("pass\n", { interfaces: [] })` gives stdout `pass all flags S/SA\n`, nothing on stderr, status 0.
 */

import { type Parsed, parseRuleset, type Surroundings } from "./parse.ts";
import { printRuleset } from "./print/print.ts";

export interface Checked {
  readonly main: Parsed;
  /** In the order of their `load anchor`; each is reached only if those before were accepted. */
  readonly anchors: readonly { readonly name: string; readonly parsed: Parsed }[];
  readonly stdout: string;
  readonly stderr: string;
  readonly status: 0 | 1;
}

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("");

export function checkRuleset(text: string, surroundings: Surroundings): Checked {
  const options = surroundings.era === undefined ? {} : { era: surroundings.era };
  const printed = ({ output, accepted: fine, ruleset }: Parsed): string =>
    lines(output) + (fine ? printRuleset(ruleset, options) : "");
  const main = parseRuleset(text, surroundings);
  const anchors: { name: string; parsed: Parsed }[] = [];
  let stdout = printed(main);
  let stderr = lines(main.stderr);
  let { accepted, automaticTables } = main;
  const queues = main.ruleset.queues.map(({ name }) => name);
  const pending = accepted ? [...main.ruleset.loads] : [];
  // A loaded text may load others, after those already waiting. The bound is ours, against texts that load each other.
  for (let load = pending.shift(); load !== undefined && accepted && anchors.length < 1000; load = pending.shift()) {
    const { anchor, file } = load;
    stderr += `\nLoading anchor ${anchor} from ${file}\n`;
    const content = surroundings.readFile?.(file);
    if (content === undefined) {
      const reason = "No such file or directory";
      stderr += `pfctl: pushfile: ${file}: ${reason}\npfctl: cannot open the main config file!: ${reason}\n`;
      stderr += "pfctl: load anchors\n";
      accepted = false;
      break;
    }
    const parsed = parseRuleset(content, {
      ...surroundings,
      anchor,
      file,
      queues,
      firstAutomaticTable: automaticTables,
    });
    anchors.push({ name: anchor, parsed });
    stdout += printed(parsed);
    stderr += lines(parsed.stderr);
    automaticTables = parsed.automaticTables;
    accepted = parsed.accepted;
    pending.push(...parsed.ruleset.loads);
    if (!accepted) stderr += "pfctl: load anchors\n";
  }
  return { main, anchors, stdout, stderr, status: accepted ? 0 : 1 };
}
