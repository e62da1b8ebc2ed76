/**
 * The tools on rule sets as functions. Text goes in, data comes out, and nothing is read from the system.
 *
 * @example
 * lint("block\npass out\n").findings.map(({ check }) => check); // ["anchor-missing", "divert-missing"]
 */

import type { Era } from "../pf/language/eras.ts";
import type { Family } from "../pf/packet.ts";
import type { FtpAnswer, FtpOptions } from "../tools/ftp/ftp.ts";
import type { LintOptions } from "../tools/lint/analysis.ts";
import type { Finding } from "../tools/lint/finding.ts";
import { isFit, lint as lintRules } from "../tools/lint/lint.ts";

export { explain } from "../tools/explain/explain.ts";

export interface LintResult {
  /** Nothing was found but remarks. */
  readonly fit: boolean;
  readonly findings: readonly Finding[];
  readonly era: Era;
  /** `ftp-proxy -R`. */
  readonly reverse: boolean;
  readonly families: readonly Family[];
}

/** Is this pf.conf fit for ftp-proxy(8)? */
export function lint(text: string, options: LintOptions = {}): LintResult {
  const { findings, analysis } = lintRules(text, options);
  const { era, reverse, families } = analysis;
  return { fit: isFit({ findings, analysis }), findings, era, reverse, families };
}

/** Would FTP work through this pf.conf, active and passive, in both families? */
export async function ftp(text: string, options: FtpOptions = {}): Promise<readonly FtpAnswer[]> {
  // Players and labs load only when they play.
  const { wouldFtpWork } = await import("../tools/ftp/ftp.ts");
  return (await wouldFtpWork(text, options)).answers;
}
