/** `ftp-proxy -R`: are clients let in to the address and port where the proxy listens? */

import type { Analysis } from "../analysis.ts";
import { decidingRule, failures, isDecidedByQuick, reached } from "../diagnosis.ts";
import type { Endpoints } from "../endpoints.ts";
import {
  add,
  type Check,
  type Finding,
  familyName,
  lastLine,
  lastTranslation,
  quickened,
  rewrite,
} from "../finding.ts";
import { isForFtp } from "../rule-facts.ts";
import { listenAddress, type TrialPacket } from "../trial-session.ts";
import { publicRule } from "../wanted-rules.ts";
import { notLetIn } from "./classic-redirected.ts";

const WHY =
  "With -R clients dial the proxy itself, on the public address (-b) and port (-p): nothing is diverted, a plain pass rule lets them in (ftp-proxy(8)).";

export const reverseIn: Check = (analysis) => {
  if (!analysis.reverse) return [];
  return failures(analysis, "control-in", (one, endpoints) => [finding(analysis, endpoints, one)]);
};

/** Until 4.9, and on FreeBSD: the proxy asks PF for the address that the client dialled. */
const WHY_REDIRECT =
  "Before OpenBSD 5.0, and on FreeBSD, ftp-proxy asks PF where a client was going, with -R as well: it ends sessions that come to it without a redirection.";

function finding(analysis: Analysis, endpoints: Endpoints, one: TrialPacket): Finding {
  const by = decidingRule(one);
  const { packet, verdict } = one.result;
  if (analysis.era !== "divert-to") return notRedirected(analysis, endpoints, one);
  if (verdict === "pass" && by !== undefined && packet.destination !== endpoints.dialled) {
    const plain = (text: string) => text.replace(/\s*\brdr-to\b.*$/, "").replace(/^match\b/, "pass");
    return rewrite(analysis, by.line, plain, {
      check: "reverse-redirected",
      message: `connections to port ftp are redirected to ${packet.destination}`,
      why: `${WHY} A redirection to the server goes past the proxy; one to a loopback address hides from the proxy what the client dialled, and it announces that address to clients.`,
    });
  }
  const quick = isDecidedByQuick(one);
  const found = reached(
    one,
    ({ rule, missed }) => missed === undefined && rule.filter?.action === "pass" && isForFtp(rule.filter),
  );
  if (found.kind === "matched") {
    return rewrite(analysis, found.met.rule.rule.line, quickened, {
      check: "reverse-shadowed",
      message: `line ${by?.line} (${by?.text}) has the last word about these connections`,
      why: `The last matching rule decides (pf.conf(5)). ${WHY}`,
    });
  }
  const at = quick && by !== undefined ? by.line : lastLine(analysis);
  return add(publicRule(analysis, endpoints.family, quick), quick ? "before" : "after", at, {
    check: "reverse-missing",
    message: `nothing lets ${familyName(endpoints.family)} clients in to the proxy at ${endpoints.dialled} port ${analysis.port}${by === undefined ? "" : `: line ${by.line} (${by.text}) blocks them`}`,
    why: WHY,
  });
}

function notRedirected(analysis: Analysis, endpoints: Endpoints, one: TrialPacket): Finding {
  const by = decidingRule(one);
  const quick = isDecidedByQuick(one);
  const classic = analysis.era === "rdr-anchor";
  const rdr = one.result.translation?.find(({ missed, rule }) => missed === undefined && rule.filter !== undefined);
  const redirectedTo = rdr?.rule.filter?.rdrTo;
  const { address } = redirectedTo ?? {};
  const isOurs = address?.kind === "network" && address.address === listenAddress(endpoints);
  if (rdr !== undefined && isOurs && redirectedTo?.port?.from === analysis.port) {
    return notLetIn(analysis, one, rdr.rule.rule.line);
  }
  const early = quick && by !== undefined && !classic;
  const at = early
    ? by.line
    : classic
      ? (lastTranslation(analysis)?.lastLine ?? lastLine(analysis))
      : lastLine(analysis);
  return add(publicRule(analysis, endpoints.family, true), early ? "before" : "after", at, {
    check: "reverse-not-redirected",
    message: `no rule redirects ${familyName(endpoints.family)} clients of ${endpoints.dialled} port ftp to the proxy at ${listenAddress(endpoints)} port ${analysis.port}`,
    why: WHY_REDIRECT,
  });
}
