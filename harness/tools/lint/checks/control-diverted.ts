/**
 * Forward side, OpenBSD 4.7 and later: does the client's control connection reach the proxy? If not, which rule took it?
 */

import type { FilterRule } from "../../../pf/rule.ts";
import type { Analysis } from "../analysis.ts";
import { decidingRule, failures, isDecidedByQuick, reached } from "../diagnosis.ts";
import type { Endpoints } from "../endpoints.ts";
import { type Check, type Correction, type Finding, familyName, lastLine, written } from "../finding.ts";
import { isLoopbackAddress } from "../rule-facts.ts";
import { listenAddress, type TrialPacket } from "../trial-session.ts";
import { divertRule } from "../wanted-rules.ts";

const WHY_DIVERT =
  "Control connections that do not reach ftp-proxy go to the server directly: then nothing opens the data ports, and transfers hang.";

export const controlDiverted: Check = (analysis) => {
  if (analysis.reverse || analysis.era === "rdr-anchor") return [];
  return [
    ...analysis.sessions.flatMap(({ endpoints, packets }) =>
      packets
        .filter(({ name, ok }) => name === "control-in" && ok)
        .flatMap((one) => redirected(analysis, endpoints, one) ?? []),
    ),
    ...failures(analysis, "control-in", (one, endpoints) => [
      wrongTarget(analysis, endpoints, one) ?? notDiverted(analysis, endpoints, one),
    ]),
  ];
};

/** The packet arrives at the proxy's port, but by rdr-to where divert-to is needed. */
function redirected(analysis: Analysis, endpoints: Endpoints, one: TrialPacket): Finding | undefined {
  const by = decidingRule(one);
  if (analysis.era !== "divert-to" || one.result.divert !== undefined || by === undefined) return undefined;
  return {
    check: "redirected-not-diverted",
    line: by.line,
    message: `rdr-to ${listenAddress(endpoints)} hides from ftp-proxy of OpenBSD 5.0 and later which server the client dialled`,
    why: "Since 5.0 ftp-proxy reads the server's address from its own socket, and only divert-to keeps that address. With rdr-to it finds its own address there, and connects to itself until the session limit stops it. (For OpenBSD 4.7 to 4.9: --era rdr-to.)",
    correction: corrected(analysis, by.line, (text) => text.replace("rdr-to", "divert-to").replace(/^match\b/, "pass")),
  };
}

function wrongTarget(analysis: Analysis, endpoints: Endpoints, one: TrialPacket): Finding | undefined {
  const { divert, packet, verdict } = one.result;
  const by = decidingRule(one);
  if (verdict === "drop" || by === undefined) return undefined;
  const isRedirected = packet.destination !== endpoints.dialled && isLoopbackAddress(packet.destination);
  if (divert === undefined && !isRedirected) return undefined;
  const word = divert === undefined ? "rdr-to" : "divert-to";
  const address = divert?.address ?? packet.destination;
  const port = divert?.port ?? ("destinationPort" in packet ? packet.destinationPort : "?");
  const target = `${listenAddress(endpoints)} port ${analysis.port}`;
  return {
    check: "divert-target",
    line: by.line,
    message: `${word} leads to ${address} port ${port}, but ftp-proxy listens on ${target}`,
    why: "A connection to a port without a listener is refused. (ftp-proxy listens on 127.0.0.1, with -6 on ::1, port 8021. If its -b or -p differs, give lint --port.)",
    correction: corrected(analysis, by.line, (text) =>
      text.replace(/\b(?:rdr|divert)-to\s+\S+(\s+port\s+\S+)?/, `${analysis.era} ${target}`),
    ),
  };
}

/** Does the rule lead to a daemon on this machine? */
const leadsToProxy = ({ divert, rdrTo }: FilterRule): boolean =>
  divert?.kind === "divert-to" || (rdrTo?.address.kind === "network" && isLoopbackAddress(rdrTo.address.address));

function notDiverted(analysis: Analysis, endpoints: Endpoints, one: TrialPacket): Finding {
  const { family } = endpoints;
  const leading = analysis.ruleset.rules.filter(
    (rule): rule is FilterRule => rule.kind === "filter" && leadsToProxy(rule),
  );
  const [first, ...others] = leading.filter((rule) => (rule.family ?? family) === family);
  if (first === undefined) return missing(analysis, endpoints, one, leading.at(-1)?.line);
  const found = reached(one, ({ rule }) => rule.filter !== undefined && [first, ...others].includes(rule.filter));
  const by = decidingRule(one);
  switch (found.kind) {
    case "not-reached": {
      const { line } = first;
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
        message: `the rule does not match the connections of clients such as ${endpoints.client} coming in on ${one.interface}: its ${found.met.missed} does not fit`,
        why: WHY_DIVERT,
        correction: { lines: [divertRule(analysis, family)], place: "instead of", at: line },
      };
    }
  }
}

function missing(
  analysis: Analysis,
  { family }: Endpoints,
  one: TrialPacket,
  otherFamily: number | undefined,
): Finding {
  const by = decidingRule(one);
  const early = isDecidedByQuick(one) && by !== undefined && by.line <= (otherFamily ?? Number.POSITIVE_INFINITY);
  const at = early ? by.line : (otherFamily ?? lastLine(analysis));
  return {
    check: "divert-missing",
    line: at,
    message: `no rule leads ${familyName(family)} control connections to ftp-proxy${otherFamily === undefined ? "" : `; line ${otherFamily} is for the other family only`}`,
    why: `${WHY_DIVERT} Each family needs its own rule and its own proxy (ftp-proxy -6 listens on ::1).`,
    correction: { lines: [divertRule(analysis, family)], place: early ? "before" : "after", at },
  };
}

/** The rule with `quick`, which goes after direction and log. */
export const quickened = (text: string): string =>
  text.replace(/^(\w+(?:\s+(?:in|out))?(?:\s+log(?:\s*\([^)]*\))?)?)(?!\s+quick)\b/, "$1 quick");

function corrected(analysis: Analysis, line: number, change: (text: string) => string): Correction {
  return { lines: [change(written(analysis, line))], place: "instead of", at: line };
}
