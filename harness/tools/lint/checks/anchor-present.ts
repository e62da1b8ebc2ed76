/** Are the anchors of ftp-proxy's sessions called at all? */

import type { Analysis } from "../analysis.ts";
import { calledAnchors } from "../diagnosis.ts";
import { add, type Check, type Finding, firstRuleLine, rewrite, withoutStar, written } from "../finding.ts";

const WHY =
  "ftp-proxy(8) loads the rules for data connections into ftp-proxy/PID.SESSION; without the anchor rule PF never evaluates them, and every transfer and listing hangs.";

export const anchorPresent: Check = (analysis) => {
  const anchors = calledAnchors(analysis);
  if (anchors.some(({ target, wildcard }) => wildcard && target === "ftp-proxy")) return [];
  const nested = anchors.find(({ target, wildcard }) => wildcard && target.endsWith("/ftp-proxy"));
  if (nested !== undefined) return [nestedAnchor(analysis, nested.rule.line, nested.target)];
  const starless = anchors.find(({ target, wildcard }) => !wildcard && target === "ftp-proxy");
  if (starless !== undefined) return [withoutStar(analysis, starless.rule.line, "anchor", WHY)];
  if (isBroken(analysis)) return [];
  const at = firstRuleLine(analysis);
  const words = { check: "anchor-missing", message: 'there is no anchor "ftp-proxy/*"', why: WHY };
  return [add('anchor "ftp-proxy/*"', "before", at, words)];
};

function nestedAnchor(analysis: Analysis, line: number, target: string): Finding {
  return rewrite(analysis, line, (text) => text.replace(/(["']?)(?:\.\.\/)*ftp-proxy\/\*\1/, '"/ftp-proxy/*"'), {
    check: "anchor-nested",
    message: `inside another anchor this calls ${target}/*, where ftp-proxy loads nothing`,
    why: `${WHY} Names of anchors are relative to the anchor around them (pf.conf(5)); a leading "/" makes them absolute.`,
  });
}

/** The anchor rule is there, but pfctl does not understand it, or it may be in a file that cannot be read: another finding. */
const isBroken = (analysis: Analysis): boolean =>
  analysis.errors.some(
    ({ line, text }) => text.startsWith("failed to include") || /anchor.*ftp-proxy/s.test(written(analysis, line)),
  );
