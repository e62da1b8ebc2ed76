/** `ftp-proxy -T TAG`: its rules only translate and tag; a rule of yours must pass what has the tag. */

import type { Consideration } from "../../../pf/engine/rules/trace.ts";
import type { FilterRule } from "../../../pf/rule.ts";
import type { Analysis } from "../analysis.ts";
import { decidingRule, reached } from "../diagnosis.ts";
import { add, type Check, type Finding, lastLine, move, quickened, rewrite } from "../finding.ts";
import { filterRules } from "../rule-facts.ts";
import { isSessionPath, type TrialPacket } from "../trial-session.ts";

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
  const wanted = `pass quick tagged ${tag}`;
  if (rules.length === 0) {
    return add(wanted, "after", lastLine(analysis), {
      check: "tagged-pass-missing",
      message: `nothing passes what ftp-proxy tags with ${tag}`,
      why: WHY,
    });
  }
  const late = reached(one, (met) => passes(met.rule.filter) && one.result.met.indexOf(met) > anchorAt);
  const line = rules[0]?.line ?? 1;
  switch (late.kind) {
    case "not-reached": {
      const call = one.result.met.find(({ rule }) => rule.wildcard)?.rule.rule.line ?? line;
      return move(analysis, line, "after", call, {
        check: "tagged-pass-early",
        message: `the rule comes before the anchor of line ${call}, where nothing has the tag yet`,
        why: WHY,
      });
    }
    case "matched": {
      const at = late.met.rule.rule.line;
      const { packet, verdict } = one.result;
      if (verdict === "pass") {
        return rewrite(analysis, at, quickened, {
          check: "tagged-retranslated",
          message: `a later translation changes the packet again: it goes on as ${packet.source} to ${packet.destination}`,
          why: "Match rules that translate add up, and the last one wins: a NAT rule after the anchor replaces the address that ftp-proxy chose. quick on the rule that passes the tag prevents that, if the rule comes before the NAT rule.",
        });
      }
      return rewrite(analysis, at, quickened, {
        check: "tagged-pass-overridden",
        message: `line ${by?.line} (${by?.text}) decides after it`,
        why: `The last matching rule decides (pf.conf(5)). ${WHY}`,
      });
    }
    case "missed":
      return add(wanted, "after", late.met.rule.rule.line, {
        check: "tagged-pass-restricted",
        message: `the rule's ${late.met.missed} keeps the ${one.direction === "in" ? "incoming" : "outgoing"} half of data connections out`,
        why: WHY,
      });
  }
}
