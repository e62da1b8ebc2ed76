/** Are the anchors of ftp-proxy's sessions called at all? */

import type { Analysis } from "../analysis.ts";
import { calledAnchors } from "../diagnosis.ts";
import { type Check, type Finding, firstRuleLine, written } from "../finding.ts";

const WHY =
  "ftp-proxy(8) loads the rules for data connections into ftp-proxy/PID.SESSION; without the anchor rule PF never evaluates them, and every transfer and listing hangs.";

export const anchorPresent: Check = (analysis) => {
  const anchors = calledAnchors(analysis);
  if (anchors.some(({ target, wildcard }) => wildcard && target === "ftp-proxy")) return [];
  const nested = anchors.find(({ target, wildcard }) => wildcard && target.endsWith("/ftp-proxy"));
  if (nested !== undefined) return [nestedAnchor(analysis, nested.rule.line, nested.target)];
  const starless = anchors.find(({ target, wildcard }) => !wildcard && target === "ftp-proxy");
  if (starless !== undefined) return [withoutStar(analysis, starless.rule.line)];
  if (isBroken(analysis)) return [];
  const at = firstRuleLine(analysis);
  return [
    {
      check: "anchor-missing",
      line: at,
      message: 'there is no anchor "ftp-proxy/*"',
      why: WHY,
      correction: { lines: ['anchor "ftp-proxy/*"'], place: "before", at },
    },
  ];
};

function withoutStar(analysis: Analysis, line: number): Finding {
  return {
    check: "anchor-without-star",
    line,
    message: 'anchor "ftp-proxy" calls only the anchor of that name, not the sessions below it',
    why: `${WHY} The rules are one level further down: "/*" calls them.`,
    correction: {
      lines: [written(analysis, line).replace(/(anchor\s+)(["']?)ftp-proxy\2/, '$1"ftp-proxy/*"')],
      place: "instead of",
      at: line,
    },
  };
}

function nestedAnchor(analysis: Analysis, line: number, target: string): Finding {
  return {
    check: "anchor-nested",
    line,
    message: `inside another anchor this calls ${target}/*, where ftp-proxy loads nothing`,
    why: `${WHY} Names of anchors are relative to the anchor around them (pf.conf(5)); a leading "/" makes them absolute.`,
    correction: {
      lines: [written(analysis, line).replace(/(["']?)(?:\.\.\/)*ftp-proxy\/\*\1/, '"/ftp-proxy/*"')],
      place: "instead of",
      at: line,
    },
  };
}

/** The anchor rule is there, but pfctl does not understand it, or it may be in a file that cannot be read: another finding. */
const isBroken = (analysis: Analysis): boolean =>
  analysis.errors.some(
    ({ line, text }) => text.startsWith("failed to include") || /anchor.*ftp-proxy/s.test(written(analysis, line)),
  );
