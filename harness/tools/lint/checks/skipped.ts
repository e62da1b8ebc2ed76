/** `set skip` on an interface that the proxy needs rules on. */

import { macrosOf, wordsOf } from "../../../pf/text/statements.ts";
import type { Analysis } from "../analysis.ts";
import { isSkipped } from "../diagnosis.ts";
import { type Check, rewrite } from "../finding.ts";

export const skipped: Check = (analysis) => {
  const names = new Set(
    analysis.sessions.flatMap(({ packets }) => packets.filter(isSkipped).map((one) => one.interface)),
  );
  return [...names].flatMap((name) => {
    const line = skipLine(analysis, name);
    if (line === undefined) return [];
    return [
      rewrite(analysis, line, (text) => text.replace(/\bon\b.*/s, "on lo"), {
        check: "interface-skipped",
        message: `${name} is skipped: PF evaluates no rules there, neither the divert rule nor ftp-proxy's`,
        why: "set skip turns PF off on an interface (pf.conf(5)): no diversion, no translation, no state.",
      }),
    ];
  });
};

function skipLine({ statements, machine }: Analysis, name: string): number | undefined {
  const macros = macrosOf(statements);
  const own = machine.interfaces.find((one) => one.name === name);
  const covering = new Set([name, name.replace(/\d+$/, ""), ...(own?.groups ?? [])]);
  return statements.find((statement) => {
    const words = wordsOf(statement, macros);
    return words[0] === "set" && words[1] === "skip" && words.some((word) => covering.has(word));
  })?.line;
}
