/** `ftp-proxy -T TAG`: its rules only translate and tag; a rule of yours must pass what has the tag. */

import type { Consideration } from "../../../pf/engine/rules/trace.ts";
import type { FilterRule } from "../../../pf/rule.ts";
import type { Analysis } from "../analysis.ts";
import { decidingRule, reached } from "../diagnosis.ts";
import { type Check, type Finding, lastLine, written } from "../finding.ts";
import { filterRules } from "../rule-facts.ts";
import { isSessionPath, type TrialPacket } from "../trial-session.ts";
import { quickened } from "./control-diverted.ts";

const WHY =
  "With -T ftp-proxy loads match rules: they translate and set the tag, and pass nothing. The tag is there from the anchor on, so the rule that passes it must come after the anchor, for both directions.";

export const taggedPassed: Check = (analysis) => {
  const { tag } = analysis;
  if (tag === undefined) return [];
  return analysis.sessions.flatMap(({ packets }) =>
    packets
      .filter(({ ok, result }) => !ok && result.met.some(isSessionMatch))
      .flatMap((one) => finding(analysis, one, tag) ?? []),
  );
};

const isSessionMatch = ({ path, missed }: Consideration): boolean => isSessionPath(path) && missed === undefined;

function finding(analysis: Analysis, one: TrialPacket, tag: string): Finding | undefined {
  const passes = (rule: FilterRule | undefined): boolean =>
    rule?.action === "pass" && rule.tagged?.tag === tag && !rule.tagged.negated;
  const rules = filterRules(analysis.ruleset).filter(passes);
  const by = decidingRule(one);
  const anchorAt = one.result.met.findIndex(isSessionMatch);
  const wanted = [`pass quick tagged ${tag}`];
  if (rules.length === 0) {
    const at = lastLine(analysis);
    return {
      check: "tagged-pass-missing",
      line: at,
      message: `nothing passes what ftp-proxy tags with ${tag}`,
      why: WHY,
      correction: { lines: wanted, place: "after", at },
    };
  }
  const late = reached(one, (met) => passes(met.rule.filter) && one.result.met.indexOf(met) > anchorAt);
  const line = rules[0]?.line ?? 1;
  switch (late.kind) {
    case "not-reached": {
      const call = one.result.met.find(({ rule }) => rule.wildcard)?.rule.rule.line ?? line;
      return {
        check: "tagged-pass-early",
        line,
        message: `the rule comes before the anchor of line ${call}, where nothing has the tag yet`,
        why: WHY,
        correction: { lines: [written(analysis, line)], place: "after", at: call, moved: line },
      };
    }
    case "matched": {
      const at = late.met.rule.rule.line;
      const { packet, verdict } = one.result;
      if (verdict === "pass") {
        return {
          check: "tagged-retranslated",
          line: at,
          message: `a later translation changes the packet again: it goes on as ${packet.source} to ${packet.destination}`,
          why: "Match rules that translate add up, and the last one wins: a NAT rule after the anchor replaces the address that ftp-proxy chose. quick on the rule that passes the tag prevents that, if the rule comes before the NAT rule.",
          correction: { lines: [quickened(written(analysis, at))], place: "instead of", at },
        };
      }
      return {
        check: "tagged-pass-overridden",
        line: at,
        message: `line ${by?.line} (${by?.text}) decides after it`,
        why: `The last matching rule decides (pf.conf(5)). ${WHY}`,
        correction: { lines: [quickened(written(analysis, at))], place: "instead of", at },
      };
    }
    case "missed":
      return {
        check: "tagged-pass-restricted",
        line: late.met.rule.rule.line,
        message: `the rule's ${late.met.missed} keeps the ${one.direction === "in" ? "incoming" : "outgoing"} half of data connections out`,
        why: WHY,
        correction: { lines: wanted, place: "after", at: late.met.rule.rule.line },
      };
  }
}
