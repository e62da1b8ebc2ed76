/**
 * The answers as a table for people, each reason once:
 *
 *     pf.conf: inside vlan10, outside pppoe0 (guessed from the rules); ftp-proxy -p 8021
 *                inet        inet6
 *     passive    works       fails
 *     active     works       fails
 *     inet6, passive and active: fails at control connection: …
 */

import { groupBy } from "../../../reports/compatibility.ts";
import { serviceInWords } from "../../../reports/service.ts";
import { correctionText } from "../lint/lint.ts";
import { machineInWords } from "../lint/machine.ts";
import { FAMILIES, type FtpAnswer, type FtpAnswers, MODES } from "./ftp.ts";

const WORDS = { works: "works", detour: "works after a detour", fails: "fails", untried: "not tried" } as const;

export function ftpReport(file: string, found: FtpAnswers): string {
  const { analysis, answers, findings, policy } = found;
  const mends = findings.filter(({ correction }) => correction.lines.length > 0);
  const failed = answers.some(({ verdict }) => verdict === "fails") || analysis.errors.length > 0;
  return [
    ...head(file, found),
    "",
    ...table(answers),
    ...reasons(answers).flatMap((text) => ["", text]),
    ...(failed ? mends : []).flatMap(({ line, message, check, correction }) => [
      "",
      `${file}:${line}: ${message} [${check}]`,
      correctionText(correction).trimEnd(),
    ]),
    ...(policy.length === 0 ? [] : [""]),
    ...policy.map((one) => `remark: by the rule set alone, ${one}`),
    "",
  ].join("\n");
}

function head(file: string, { analysis, proxy }: FtpAnswers): string[] {
  const { machine, reverse } = analysis;
  const options = FAMILIES.map((family) =>
    ["ftp-proxy", ...(reverse ? ["-R SERVER"] : []), ...proxy[family]].join(" "),
  );
  const [inet = "", inet6 = ""] = options;
  return [`${file}: ${machineInWords(machine)}`, inet === inet6 ? inet : `${inet}; for inet6: ${inet6}`];
}

function table(answers: readonly FtpAnswer[]): string[] {
  const word = (family: string, mode: string): string => {
    const found = answers.find((one) => one.family === family && one.mode === mode);
    return found === undefined ? "" : WORDS[found.verdict];
  };
  const rows = MODES.map((mode) => [mode, ...FAMILIES.map((family) => word(family, mode))]);
  const all = [["", ...FAMILIES], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all.map((row) =>
    row
      .map((text, column) => text.padEnd((widths[column] ?? 0) + 4))
      .join("")
      .trimEnd(),
  );
}

/** The reason of every answer that is not simply "works"; of those alike one. */
function reasons(answers: readonly FtpAnswer[]): string[] {
  const imperfect = answers.filter(({ verdict }) => verdict !== "works");
  return groupBy(imperfect, reasonInWords).map((alike) => {
    const families = [...new Set(alike.map(({ family }) => family))].join(" and ");
    const modes = [...new Set(alike.map(({ mode }) => mode))].join(" and ");
    return `${families}, ${modes}: ${reasonInWords(alike[0] as FtpAnswer)}`;
  });
}

const reasonInWords = ({ play, reason }: FtpAnswer): string =>
  play === undefined ? `not tried: ${reason}` : serviceInWords(play);

export const ftpJson = (file: string, { analysis, answers, proxy, findings, policy }: FtpAnswers): object => ({
  file,
  era: analysis.era,
  inside: analysis.machine.inside,
  outside: analysis.machine.outside,
  guessed: analysis.machine.guessed,
  mode: analysis.reverse ? "reverse" : "forward",
  proxy,
  answers: answers.map(({ play, ...answer }) => ({ ...answer, ...(play?.service && { service: play.service }) })),
  findings,
  policy,
});
