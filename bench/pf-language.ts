/**
 * How fast pf.conf text becomes rules and rules become text again: 10,000 mixed rules, parsed and printed after warm
 * start; the process's own start is not in the figures.
 */

import { parseRuleset } from "../harness/pf/language/parse.ts";
import { printRuleset } from "../harness/pf/language/print/print.ts";
import { type Benchmark, summarise } from "./measure.ts";

const templates: readonly ((n: number) => string)[] = [
  (n) =>
    `pass in quick on em0 inet proto tcp from 10.${n % 256}.0.0/16 to any port ${1024 + (n % 5000)} keep state (max 10)`,
  (n) => `block return in log on ! lo0 proto tcp to port ${6000 + (n % 10)}:${6010 + (n % 10)}`,
  (n) => `match out on egress inet from 192.0.2.${n % 256} nat-to (egress) static-port`,
  (n) => `pass in quick inet proto tcp to port ftp divert-to 127.0.0.1 port 8021 label "r${n}"`,
  (n) => `pass out proto udp from (self) to 198.51.100.${n % 256} port { 53 123 } tag DNS`,
  (n) => `anchor "ftp-proxy/${n}" in on em0 proto tcp from 10.0.0.${n % 256}`,
  (n) =>
    `pass in inet6 proto tcp from 2001:db8:${(n % 4096).toString(16)}::/48 to any port > 1023 flags S/SAFR modulate state`,
  (n) => `block drop in quick from <t${n % 7}> to ! 203.0.113.${n % 256}`,
];

/** A text that expands to `count` rules. */
export function mixedRules(count: number): string {
  const lines: string[] = [];
  for (let n = 0, rules = 0; rules < count; n++) {
    const line = (templates[n % templates.length] as (n: number) => string)(n);
    const made = line.includes("{ 53 123 }") ? 2 : 1;
    if (rules + made > count) continue;
    lines.push(line);
    rules += made;
  }
  return `${lines.join("\n")}\n`;
}

const benchmark: Benchmark = ({ quick }) => {
  const rules = 10_000;
  const text = mixedRules(rules);
  const times: number[] = [];
  for (let run = -3; run < (quick ? 3 : 9); run++) {
    const start = performance.now();
    const { ruleset, accepted } = parseRuleset(text, { interfaces: [] });
    const printed = printRuleset(ruleset);
    const time = performance.now() - start;
    if (!accepted || ruleset.rules.length !== rules || printed === "") throw new Error("the text was not understood");
    if (run >= 0) times.push(time);
  }
  return [summarise(`${rules} mixed rules of pf.conf, parsed and printed`, "ms", times, "less is better")];
};

export default benchmark;
