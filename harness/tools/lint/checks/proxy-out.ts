/** Do the proxy's own connections to port ftp get out, and their answers back in? */

import type { Consideration } from "../../../pf/engine/rules/trace.ts";
import type { FilterRule } from "../../../pf/rule.ts";
import type { Analysis } from "../analysis.ts";
import { decidingRule, failures, isDecidedByQuick, reached } from "../diagnosis.ts";
import type { Endpoints } from "../endpoints.ts";
import { add, type Check, type Finding, familyName, lastLine, move, quickened, rewrite } from "../finding.ts";
import { isForFtp } from "../rule-facts.ts";
import type { TrialPacket } from "../trial-session.ts";
import { proxyOutRule } from "../wanted-rules.ts";

const WHY =
  'ftp-proxy dials the server itself, from an address of the firewall (ftp-proxy(8)); blocked, it logs "proxy cannot connect to server", and the client\'s connection closes.';

export const proxyOut: Check = (analysis) =>
  failures(analysis, "control-out", (one, endpoints) => [finding(analysis, endpoints, one)]);

function finding(analysis: Analysis, endpoints: Endpoints, one: TrialPacket): Finding {
  const { family } = endpoints;
  if (one.result.verdict === "pass") return stateless(analysis, one);
  const by = decidingRule(one);
  const intended = ({ rule }: { readonly rule: { readonly filter: FilterRule | undefined } }) =>
    rule.filter !== undefined &&
    rule.filter.action === "pass" &&
    rule.filter.direction !== "in" &&
    isForFtp(rule.filter);
  const ofFamily = ({ rule: { rule } }: Consideration) => rule.family === undefined || rule.family === family;
  const found = reached(
    one,
    (met) => met.rule.filter?.action === "pass" && ofFamily(met) && (met.missed === undefined || intended(met)),
  );
  const later = analysis.ruleset.rules.find(
    (rule) =>
      rule.kind === "filter" &&
      rule.line > (by?.line ?? 0) &&
      (rule.family ?? family) === family &&
      intended({ rule: { filter: rule } }),
  );
  const quick = isDecidedByQuick(one);
  if (found.kind === "matched") {
    return rewrite(analysis, found.met.rule.rule.line, quickened, {
      check: "proxy-out-shadowed",
      message: `line ${by?.line} (${by?.text}) blocks afterwards what this rule passes`,
      why: `The last matching rule decides (pf.conf(5)). ${WHY}`,
    });
  }
  if (quick && later !== undefined && by !== undefined) {
    const words = {
      check: "proxy-out-shadowed",
      message: `line ${by.line} (${by.text}) blocks the proxy's connections to port ftp before this rule is reached`,
      why: `A matching quick rule ends the evaluation (pf.conf(5)). ${WHY}`,
    };
    return move(analysis, later.line, "before", by.line, words, quickened);
  }
  if (found.kind === "missed") {
    return add(proxyOutRule(analysis, family, quick), "after", found.met.rule.rule.line, {
      check: "proxy-out-misses",
      message: `the rule does not match the proxy's connections: they go out on ${one.interface} from ${endpoints.proxy}, which its ${found.met.missed} does not fit`,
      why: WHY,
    });
  }
  const at = quick && by !== undefined ? by.line : lastLine(analysis);
  return add(proxyOutRule(analysis, family, quick), quick ? "before" : "after", at, {
    check: "proxy-out-missing",
    message: `nothing passes the proxy's own ${familyName(family)} connections to port ftp${by === undefined ? "" : `: line ${by.line} (${by.text}) blocks them`}`,
    why: WHY,
  });
}

/** It went out, and the answer was blocked. */
function stateless(analysis: Analysis, one: TrialPacket): Finding {
  const by = decidingRule(one);
  const words = {
    check: "proxy-out-stateless",
    message: "the proxy's connections pass without state, and the servers' answers are blocked",
    why: "Only a pass rule that keeps state lets the answers in (pf.conf(5)); the implicit pass where no rule matches keeps none.",
  };
  return by === undefined
    ? add(proxyOutRule(analysis, one.packet.family, false), "after", lastLine(analysis), words)
    : rewrite(analysis, by.line, (text) => text.replace(/\s*\bno state\b/, ""), words);
}
