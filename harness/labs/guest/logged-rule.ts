/**
 * Finds the rule of an entry of pflog(4), which has numbers, as `tcpdump -i pflog0` prints them (`rule 2/(match)`, in an
 * anchor `rule 0.4711.1.1/(match)`). The text is pfctl's, the line is pf.conf's. Pure.
 *
 * @example
 * positionOf(entry, numbered(stdout, pfConf, "divert-to"), (anchor) => rules) // { path: "2", text: "block drop log all", line: 16 }
 */

import type { Era } from "../../contract/lab.ts";
import type { RulePosition } from "../../pf/decision.ts";
import { parseRuleset } from "../../pf/language/parse.ts";
import type { PflogEntry } from "./link-layer.ts";

export interface Numbered {
  readonly text: string;
  /** In pf.conf; undefined where the model would number the rules otherwise than this PF does. */
  readonly line: number | undefined;
}

/** The main ruleset as `pfctl -sr` prints it, with the lines of pf.conf where they are known. */
export function numbered(printed: string, pfConf: string, era: Era): readonly Numbered[] {
  // Rules inside braces are numbered apart.
  const texts = printed.split("\n").filter((line) => line !== "" && !/^[\s}]/.test(line));
  const { rules } = parseRuleset(pfConf, { interfaces: [], era }).ruleset;
  return texts.map((text, place) => ({
    text,
    line: rules.length === texts.length ? rules[place]?.line : undefined,
  }));
}

/** Undefined: its line in pf.conf is not known. `rulesOf` takes the last part of an anchor's name. */
export function positionOf(
  { rule, subrule, ruleset }: PflogEntry,
  main: readonly Numbered[],
  rulesOf: (anchor: string) => readonly string[],
): RulePosition | undefined {
  if (subrule === undefined) {
    const { text = "", line } = main[rule] ?? {};
    return line === undefined ? undefined : { path: String(rule), text, line };
  }
  // A proxy loads one rule a line.
  return { path: `${rule}/${ruleset}/${subrule}`, text: rulesOf(ruleset)[subrule] ?? "", line: subrule + 1 };
}
