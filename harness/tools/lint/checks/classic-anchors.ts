/**
 * Before 4.7 and on FreeBSD: translation rules are lists of their own, called by nat-anchor and rdr-anchor, and in each
 * list the first match wins. Are both called, and before any rule that takes the data connections first?
 */

import type { Analysis } from "../analysis.ts";
import { add, type Check, type Finding, firstRuleLine, move, statementAt, withoutStar, written } from "../finding.ts";
import { isSessionPath, type TrialPacket } from "../trial-session.ts";

const WHY: Readonly<Record<"nat" | "rdr", string>> = {
  nat: "ftp-proxy gives data connections on their way out the right source address by a nat rule in its anchor; without nat-anchor PF never evaluates it.",
  rdr: "ftp-proxy leads data connections to the port that was really announced by an rdr rule in its anchor; without rdr-anchor PF never evaluates it.",
};

export const classicAnchors: Check = (analysis) => {
  if (analysis.era !== "rdr-anchor") return [];
  return (["nat", "rdr"] as const).flatMap((type) => {
    const anchors = (analysis.ruleset.translations ?? []).filter(
      (one) => one.kind === "translation-anchor" && one.type === type,
    );
    const named = anchors.filter(
      (one) => one.kind === "translation-anchor" && /^\/?ftp-proxy(?:\/\*)?$/.test(one.name),
    );
    const [first] = named;
    if (first === undefined) return [missing(analysis, type)];
    if (first.kind === "translation-anchor" && !first.name.endsWith("/*"))
      return [withoutStar(analysis, first.line, `${type}-anchor`, WHY[type])];
    return tooLate(analysis, type, first.line);
  });
};

function missing(analysis: Analysis, type: "nat" | "rdr"): Finding {
  const translation = analysis.statements.find(({ keyword }) => /^(?:no|nat|rdr|binat)(?:-anchor)?$/.test(keyword));
  const at = translation?.line ?? firstRuleLine(analysis);
  return add(`${type}-anchor "ftp-proxy/*"`, "before", at, {
    check: `${type}-anchor-missing`,
    message: `there is no ${type}-anchor "ftp-proxy/*"`,
    why: `${WHY[type]} All three are needed: nat-anchor, rdr-anchor and anchor.`,
  });
}

/** The first translation rule that matched was not the proxy's. */
function tooLate(analysis: Analysis, type: "nat" | "rdr", line: number): readonly Finding[] {
  const direction = type === "nat" ? "out" : "in";
  const found = analysis.sessions.flatMap(({ packets }) =>
    packets.filter((one) => /^(?:passive|active)-/.test(one.name) && !one.ok && one.direction === direction),
  );
  for (const one of found) {
    const by = firstMatch(one);
    if (by === undefined || isSessionPath(by.path)) continue;
    const at = by.rule.rule.line;
    if (at >= line) continue;
    return [
      move(analysis, line, "before", statementAt(analysis, at)?.line ?? at, {
        check: type === "nat" ? "anchor-after-nat" : "anchor-after-rdr",
        message: `line ${at} (${written(analysis, at)}) translates data connections before PF reaches the ${type}-anchor`,
        why: "Of the translation rules the first that matches wins (pf.conf(5) before 4.7, and FreeBSD's): PF never reaches the proxy's rules in the anchor.",
      }),
    ];
  }
  return [];
}

const firstMatch = ({ result: { translation } }: TrialPacket) =>
  translation?.find(({ missed, rule }) => missed === undefined && rule.filter !== undefined);
