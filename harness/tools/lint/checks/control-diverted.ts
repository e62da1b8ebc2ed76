/**
 * Forward side, OpenBSD 4.7 and later: does the client's control connection reach the proxy? If not, which rule took it?
 */

import type { RulePosition } from "../../../pf/decision.ts";
import type { FilterRule } from "../../../pf/rule.ts";
import type { Analysis } from "../analysis.ts";
import { decidingRule, failures, isDecidedByQuick, reached } from "../diagnosis.ts";
import type { Endpoints } from "../endpoints.ts";
import { add, type Check, type Finding, familyName, lastLine, move, quickened, rewrite } from "../finding.ts";
import { FTP, isForFtp, isForFtpOnly, isLoopbackAddress } from "../rule-facts.ts";
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
      redirected(analysis, endpoints, one) ??
        wrongTarget(analysis, endpoints, one) ??
        notDiverted(analysis, endpoints, one),
    ]),
  ];
};

/** The packet arrives at the proxy's port, but by rdr-to where divert-to is needed. */
function redirected(analysis: Analysis, endpoints: Endpoints, one: TrialPacket): Finding | undefined {
  const line = redirector(one, analysis.port);
  if (analysis.era !== "divert-to" || one.result.divert !== undefined || line === undefined) return undefined;
  const diverted = (text: string) => quickened(text.replace("rdr-to", "divert-to").replace(/^match\b/, "pass"));
  return rewrite(analysis, line, diverted, {
    check: "redirected-not-diverted",
    message: `rdr-to ${listenAddress(endpoints)} hides from ftp-proxy of OpenBSD 5.0 and later which server the client dialled`,
    why: "Since 5.0 ftp-proxy reads the server's address from its own socket, and only divert-to keeps that address. With rdr-to it finds its own address there, and connects to itself until the session limit stops it. (For OpenBSD 4.7 to 4.9: --era rdr-to.)",
  });
}

/** The line that translated the packet: a match rule need not be the one that decided. */
const redirector = ({ result }: TrialPacket, port: number): number | undefined =>
  result.met.findLast(
    ({ missed, rule: { filter } }) =>
      missed === undefined && isOnLoopback(filter?.rdrTo) && (filter?.rdrTo?.port?.from ?? FTP) === port,
  )?.rule.rule.line;

function wrongTarget(analysis: Analysis, endpoints: Endpoints, one: TrialPacket): Finding | undefined {
  const { divert, packet, verdict } = one.result;
  const by = decidingRule(one);
  if (verdict === "drop" || by === undefined) return undefined;
  const isRedirected = packet.destination !== endpoints.dialled && isLoopbackAddress(packet.destination);
  if (divert === undefined && !isRedirected) return undefined;
  if (!isForFtpOnly(filterAt(one, by))) {
    return add(divertRule(analysis, endpoints.family), "before", by.line, {
      check: "divert-missing",
      message: `no rule leads ${familyName(endpoints.family)} control connections to ftp-proxy: line ${by.line} (${by.text}) takes them with all others`,
      why: WHY_DIVERT,
    });
  }
  const word = divert === undefined ? "rdr-to" : "divert-to";
  const address = divert?.address ?? packet.destination;
  const port = divert?.port ?? ("destinationPort" in packet ? packet.destinationPort : "?");
  const target = `${listenAddress(endpoints)} port ${analysis.port}`;
  const leading = (text: string) =>
    text.replace(/\b(?:rdr|divert)-to\s+\S+(\s+port\s+\S+)?/, `${analysis.era} ${target}`);
  return rewrite(analysis, by.line, leading, {
    check: "divert-target",
    message: `${word} leads to ${address} port ${port}, but ftp-proxy listens on ${target}`,
    why: "A connection to a port without a listener is refused. (ftp-proxy listens on 127.0.0.1, with -6 on ::1, port 8021. If its -b or -p differs, give lint --port.)",
  });
}

const filterAt = ({ result }: TrialPacket, { path }: RulePosition): FilterRule | undefined =>
  result.met.find((met) => met.path === path)?.rule.filter;

/** Does the rule lead to the proxy: FTP to a daemon on this machine, or anything to the proxy's port? */
function leadsToProxy(rule: FilterRule, port: number): boolean {
  const { divert, rdrTo } = rule;
  const target = divert?.kind === "divert-to" ? divert.port : isOnLoopback(rdrTo) ? (rdrTo?.port?.from ?? FTP) : 0;
  return target !== 0 && (isForFtp(rule) || target === port);
}

const isOnLoopback = (rdrTo: FilterRule["rdrTo"]): boolean =>
  rdrTo?.address.kind === "network" && isLoopbackAddress(rdrTo.address.address);

function notDiverted(analysis: Analysis, endpoints: Endpoints, one: TrialPacket): Finding {
  const { family } = endpoints;
  const leading = analysis.ruleset.rules.filter(
    (rule): rule is FilterRule => rule.kind === "filter" && leadsToProxy(rule, analysis.port),
  );
  const [first, ...others] = leading.filter((rule) => (rule.family ?? family) === family);
  if (first === undefined) return missing(analysis, endpoints, one, leading.at(-1)?.line);
  const found = reached(one, ({ rule }) => rule.filter !== undefined && [first, ...others].includes(rule.filter));
  const by = decidingRule(one);
  switch (found.kind) {
    case "not-reached": {
      const { line } = first;
      return move(analysis, line, "before", by?.line ?? line, {
        check: "divert-shadowed",
        message: `line ${by?.line} (${by?.text}) decides about clients' connections to port ftp before this line is reached`,
        why: `A matching quick rule ends the evaluation (pf.conf(5)). ${WHY_DIVERT}`,
      });
    }
    case "matched":
      return rewrite(analysis, found.met.rule.rule.line, quickened, {
        check: "divert-overridden",
        message: `the rule is not quick, and ${by === undefined ? "PF passes them by default afterwards" : `line ${by.line} (${by.text}) matches the same connections later`}`,
        why: `The last matching rule decides (pf.conf(5)); one without ${analysis.era} cancels it. ${WHY_DIVERT}`,
      });
    case "missed":
      return add(divertRule(analysis, family), "before", found.met.rule.rule.line, {
        check: "divert-misses-clients",
        message: `the rule does not match the connections of clients such as ${endpoints.client} coming in on ${one.interface}: its ${found.met.missed} does not fit`,
        why: WHY_DIVERT,
      });
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
  return add(divertRule(analysis, family), early ? "before" : "after", at, {
    check: "divert-missing",
    message: `no rule leads ${familyName(family)} control connections to ftp-proxy${otherFamily === undefined ? "" : `; line ${otherFamily} is for the other family only`}`,
    why: `${WHY_DIVERT} Each family needs its own rule and its own proxy (ftp-proxy -6 listens on ::1).`,
  });
}
