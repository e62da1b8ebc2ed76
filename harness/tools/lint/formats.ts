/**
 * Findings as text for people, JSON, annotations of GitHub, and SARIF 2.1.0 for whoever shows code scanning results.
 *
 * @example
 * lintOutput("github", [{ file: "pf.conf", linted }]) // "::error file=pf.conf,line=4,title=anchor-missing::…"
 */

import { version } from "../../package.ts";
import type { Finding } from "./finding.ts";
import { type Linted, lintJson, lintReport } from "./lint.ts";

export type LintFormat = "text" | "json" | "github" | "sarif";

interface LintedFile {
  readonly file: string;
  readonly linted: Linted;
}

export function lintOutput(format: LintFormat, results: readonly LintedFile[]): string {
  switch (format) {
    case "text":
      return results.map(({ file, linted }) => lintReport(file, linted)).join("");
    case "json": {
      const all = results.map(({ file, linted }) => lintJson(file, linted));
      return `${JSON.stringify(all.length === 1 ? all[0] : all, null, 2)}\n`;
    }
    case "github":
      return results
        .flatMap(({ file, linted }) => linted.findings.map((finding) => annotation(file, finding)))
        .join("");
    case "sarif":
      return `${JSON.stringify(sarif(results), null, 2)}\n`;
  }
}

function annotation(file: string, { check, line, message, remark }: Finding): string {
  const level = remark === true ? "notice" : "error";
  const property = (text: string) => data(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
  return `::${level} file=${property(file)},line=${line},title=${property(check)}::${data(message)}\n`;
}

/** GitHub's escapes for workflow commands. */
const data = (text: string): string => text.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");

function sarif(results: readonly LintedFile[]): object {
  const checks = new Map<string, string>();
  for (const { linted } of results) for (const { check, why } of linted.findings) checks.set(check, why);
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "anchorage lint",
            version: version(),
            rules: [...checks].map(([id, why]) => ({ id, shortDescription: { text: why } })),
          },
        },
        results: results.flatMap(({ file, linted }) =>
          linted.findings.map(({ check, line, message, why, remark, guess }) => ({
            ruleId: check,
            level: remark === true ? "note" : "error",
            message: {
              text: [message, why, ...(guess === undefined ? [] : [`Hangs on a guess: ${guess}.`])].join("\n"),
            },
            locations: [
              { physicalLocation: { artifactLocation: { uri: encodeURI(file) }, region: { startLine: line } } },
            ],
          })),
        ),
      },
    ],
  };
}
