/**
 * The main ruleset of a case after pfctl's optimizer, as text from the recorded listing of rules. Optimizing is
 * pfctl's business; the model loads the rules that the kernel got.
 */

import { parseRuleset } from "../../../pf/language/parse.ts";
import type { CaseRule, DecisionCase } from "./case.ts";
import { INTERFACES } from "./topology.ts";

export function optimizedText(one: DecisionCase): string {
  const { conf } = one;
  const kept = conf.split("\n").filter((line) => /^(set|table)\b/.test(line.trim()));
  const automatic = parseRuleset(conf, { interfaces: INTERFACES }).ruleset.tables.flatMap(({ name, text }) => {
    const number = /^__automatic_(\d+)$/.exec(name)?.[1];
    return number === undefined ? [] : [text.replace(name, `made_${number}`)];
  });
  const loaded = new Set((one.anchors ?? []).map((anchor) => ("ftp" in anchor ? "ftp-proxy" : anchor.name)));
  return [...kept, ...automatic, ...block(one.rules, "", loaded), ""].join("\n");
}

/** The rules at one place, inline anchors with what is in them. */
function block(rules: readonly CaseRule[], prefix: string, loaded: ReadonlySet<string>): string[] {
  const here = rules.filter(({ k }) => k.startsWith(prefix) && !k.slice(prefix.length).includes("/"));
  return here.flatMap(({ k, text }) => {
    const plain = withoutCounts(text);
    const name = /^anchor "([^"]+)"/.exec(plain)?.[1];
    const inner = rules.some((other) => other.k.startsWith(`${k}/`)) ? block(rules, `${k}/`, loaded) : [];
    if (!plain.startsWith("anchor") || inner.length === 0) return [plain];
    // Of an anchor that was loaded by itself only the call belongs here.
    if (name !== undefined && (name.endsWith("*") || loaded.has(name))) return [plain];
    return [`${plain} {`, ...inner, "}"];
  });
}

/** `<lan:4>` and `(egress:0:1)` with -vv: how many addresses there are. */
const withoutCounts = (text: string): string =>
  text
    .replace(/<__automatic_[0-9a-f]+_(\d+)(:[\d*]+)?>/g, "<made_$1>")
    .replace(/<([\w-]+):[\d*]+>/g, "<$1>")
    .replace(/\(([^\s()]+):[\d*]+\)/g, "($1)");
