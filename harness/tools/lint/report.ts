/** Findings as text and as JSON. */

import { ERA_NAMES } from "../../pf/text/era.ts";
import type { Correction, Finding } from "./finding.ts";
import type { Linted } from "./lint.ts";

export function lintReport(file: string, { findings, analysis }: Linted): string {
  const { era, reverse, tag } = analysis;
  const asked = `${ERA_NAMES[era]}; ftp-proxy${reverse ? " -R" : ""}${tag === undefined ? "" : ` -T ${tag}`}`;
  if (findings.length === 0) return `${file}: fit for ftp-proxy (${asked})\n`;
  const parts = findings.map(
    ({ check, line, message, why, correction }) =>
      `${file}:${line}: ${message} [${check}]\n${wrapped(why)}${correctionText(correction)}`,
  );
  const count = findings.length === 1 ? "1 finding" : `${findings.length} findings`;
  return `${parts.join("\n")}\n${file}: ${count} (${asked})\n`;
}

export const lintJson = (file: string, { findings, analysis }: Linted): object => ({
  file,
  era: analysis.era,
  mode: analysis.reverse ? "reverse" : "forward",
  families: analysis.families,
  fit: findings.length === 0,
  findings: findings.map((finding: Finding) => ({ file, ...finding })),
});

function correctionText({ lines, place, at, moved }: Correction): string {
  if (lines.length === 0) return "";
  const from = moved === undefined ? "" : `, taken from line ${moved}`;
  return `  Write ${place} line ${at}${from}:\n${lines.map((line) => `      ${line}\n`).join("")}`;
}

/** Indented, at most 100 columns wide. */
function wrapped(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > 96) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `    ${one}\n`).join("");
}
