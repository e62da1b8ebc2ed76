/**
 * Forward mode, OpenBSD 4.7 and later: does the client's control connection end up at the proxy, and if not, which rule
 * had it instead?
 */

import type { Consideration } from "../../../pf/engine/rules/trace.ts";
import { type Analysis, type Check, lastLine, written } from "../analysis.ts";
import { decider, isSkipped, reached, step } from "../diagnosis.ts";
import type { Correction, Finding } from "../finding.ts";
import { listenAddress, type Rehearsal, type Step } from "../rehearsal.ts";
import { isLoopbackAddress } from "../rule-facts.ts";
import { divertRule } from "../wanted-rules.ts";

const WHY_DIVERT =
  "Control connections that are not led to ftp-proxy go to the server directly: nobody opens the data ports, and transfers hang.";

export const controlDiverted: Check = (analysis) => {
  if (analysis.reverse || analysis.era === "rdr-anchor") return [];
  return analysis.rehearsals.flatMap((rehearsal) => {
    const one = step(rehearsal, "control-in");
    if (isSkipped(one)) return [];
    if (one.fine) return wrongWord(analysis, rehearsal, one);
    return wrongTarget(analysis, rehearsal, one) ?? [missed(analysis, rehearsal, one)];
  });
};

/** It arrives at the proxy's port, but how? */
function wrongWord(analysis: Analysis, { cast }: Rehearsal, { judged }: Step): readonly Finding[] {
  const by = decidedBy(judged.met, decider({ judged } as Step)?.path);
  if (analysis.era !== "divert-to" || judged.divert !== undefined || by === undefined) return [];
  const line = by.rule.rule.line;
  return [
    {
      check: "redirected-not-diverted",
      line,
      message: `rdr-to ${listenAddress(cast)}: ftp-proxy of OpenBSD 5.0 and later does not see any more which server the client dialled`,
      why: "Since 5.0 it takes the server's address from its own socket, which only divert-to leaves as it was. With rdr-to it finds its own address there and calls itself until the session limit stops it. (For OpenBSD 4.7 to 4.9: --era rdr-to.)",
      correction: corrected(analysis, line, (text) => text.replace("rdr-to", "divert-to").replace(/^match\b/, "pass")),
    },
  ];
}

function wrongTarget(analysis: Analysis, { cast }: Rehearsal, one: Step): readonly Finding[] | undefined {
  const { divert, packet, met } = one.judged;
  const by = decidedBy(met, decider(one)?.path);
  if (one.judged.verdict === "drop" || by === undefined) return undefined;
  const line = by.rule.rule.line;
  const redirected = packet.destination !== cast.dialled && isLoopbackAddress(packet.destination);
  if (divert === undefined && !redirected) return undefined;
  const word = divert === undefined ? "rdr-to" : "divert-to";
  const target = `${listenAddress(cast)} port ${analysis.port}`;
  return [
    {
      check: "divert-target",
      line,
      message: `${word} leads to ${divert?.address ?? packet.destination} port ${(divert?.port ?? "destinationPort" in packet) ? portOf(one) : "?"}, and ftp-proxy listens on ${target}`,
      why: "A connection that is led where nobody listens is refused. (ftp-proxy listens on 127.0.0.1, with -6 on ::1, port 8021; -b and -p change that, and --port tells lint.)",
      correction: corrected(analysis, line, (text) =>
        text.replace(/\b(?:rdr|divert)-to\s+\S+(\s+port\s+\S+)?/, `${analysis.era} ${target}`),
      ),
    },
  ];
}

function portOf({ judged }: Step): number | undefined {
  if (judged.divert !== undefined) return judged.divert.port;
  return "destinationPort" in judged.packet ? judged.packet.destinationPort : undefined;
}

/** Rules of this kind would have led it to a proxy. */
const leads = ({ rule }: Consideration): boolean => {
  const { divert, rdrTo } = rule.filter ?? {};
  if (divert?.kind === "divert-to") return true;
  return rdrTo?.address.kind === "network" && isLoopbackAddress(rdrTo.address.address);
};

function missed(analysis: Analysis, rehearsal: Rehearsal, one: Step): Finding {
  const { family } = rehearsal.cast;
  const rules = analysis.ruleset.rules;
  const leading = rules.filter(
    (rule) => rule.kind === "filter" && leads({ rule: { filter: rule } } as unknown as Consideration),
  );
  const ofFamily = leading.filter((rule) => rule.family === undefined || rule.family === family);
  if (ofFamily.length === 0) return missing(analysis, rehearsal, one, leading.at(-1)?.line);
  const found = reached(one, (met) => leads(met) && ofFamily.includes(met.rule.rule as never));
  const by = decider(one);
  switch (found.kind) {
    case "not-reached": {
      const line = ofFamily[0]?.line ?? 1;
      return {
        check: "divert-shadowed",
        line,
        message: `line ${by?.line} (${by?.text}) decides about clients' connections to port ftp before this line is reached`,
        why: `A matching quick rule ends the evaluation (pf.conf(5)). ${WHY_DIVERT}`,
        correction: { lines: [written(analysis, line)], place: "before", at: by?.line ?? line, moved: line },
      };
    }
    case "matched": {
      const { line } = found.met.rule.rule;
      return {
        check: "divert-overridden",
        line,
        message: `the rule is not quick, and line ${by?.line} (${by?.text}) matches the same connections later`,
        why: `The last matching rule decides (pf.conf(5)); one without ${analysis.era} cancels it. ${WHY_DIVERT}`,
        correction: corrected(analysis, line, quickened),
      };
    }
    case "missed": {
      const { line } = found.met.rule.rule;
      return {
        check: "divert-misses-clients",
        line,
        message: `the rule does not match the connections of clients such as ${rehearsal.cast.client} coming in on ${one.interface}: its ${found.met.missed} does not fit`,
        why: WHY_DIVERT,
        correction: { lines: [divertRule(analysis, family)], place: "instead of", at: line },
      };
    }
  }
}

function missing(analysis: Analysis, { cast }: Rehearsal, one: Step, otherFamily: number | undefined): Finding {
  const by = decider(one);
  const quick = one.judged.met.find(({ path }) => path === by?.path)?.rule.rule.quick === true;
  const name = cast.family === "inet" ? "IPv4" : "IPv6";
  const early = quick && by !== undefined && by.line <= (otherFamily ?? Number.POSITIVE_INFINITY);
  const at = early ? by.line : (otherFamily ?? lastLine(analysis));
  return {
    check: "divert-missing",
    line: at,
    message: `no rule leads ${name} control connections to ftp-proxy${otherFamily === undefined ? "" : `; line ${otherFamily} is for the other family only`}`,
    why: `${WHY_DIVERT} Each family needs a rule and a proxy of its own (ftp-proxy -6 listens on ::1).`,
    correction: { lines: [divertRule(analysis, cast.family)], place: early ? "before" : "after", at },
  };
}

const decidedBy = (met: readonly Consideration[], path: string | undefined): Consideration | undefined =>
  met.findLast((one) => one.path === path) &&
  met.findLast(({ path: at, rule }) => at === path && rule.filter !== undefined);

/** `quick` stands after direction and log. */
export const quickened = (text: string): string =>
  text.replace(/^(\w+(?:\s+(?:in|out))?(?:\s+log(?:\s*\([^)]*\))?)?)(?!\s+quick)\b/, "$1 quick");

function corrected(analysis: Analysis, line: number, change: (text: string) => string): Correction {
  return { lines: [change(written(analysis, line))], place: "instead of", at: line };
}
