/** `ftp-proxy -R`: are clients let in to the address and port where the proxy listens? */

import type { Analysis } from "../analysis.ts";
import { decidingRule, failures, isDecidedByQuick, reached } from "../diagnosis.ts";
import type { Endpoints } from "../endpoints.ts";
import { type Check, type Finding, familyName, lastLine, lastTranslation, written } from "../finding.ts";
import { isForFtp } from "../rule-facts.ts";
import { listenAddress, type TrialPacket } from "../trial-session.ts";
import { publicRule } from "../wanted-rules.ts";
import { quickened } from "./control-diverted.ts";

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
    return {
      check: "reverse-redirected",
      line: by.line,
      message: `connections to port ftp are redirected to ${packet.destination}`,
      why: `${WHY} A redirection to the server goes past the proxy; one to a loopback address hides from the proxy what the client dialled, and it announces that address to clients.`,
      correction: {
        lines: [
          written(analysis, by.line)
            .replace(/\s*\brdr-to\b.*$/, "")
            .replace(/^match\b/, "pass"),
        ],
        place: "instead of",
        at: by.line,
      },
    };
  }
  const quick = isDecidedByQuick(one);
  const found = reached(
    one,
    ({ rule, missed }) => missed === undefined && rule.filter?.action === "pass" && isForFtp(rule.filter),
  );
  if (found.kind === "matched") {
    const { line } = found.met.rule.rule;
    return {
      check: "reverse-shadowed",
      line,
      message: `line ${by?.line} (${by?.text}) has the last word about these connections`,
      why: `The last matching rule decides (pf.conf(5)). ${WHY}`,
      correction: { lines: [quickened(written(analysis, line))], place: "instead of", at: line },
    };
  }
  const at = quick && by !== undefined ? by.line : lastLine(analysis);
  return {
    check: "reverse-missing",
    line: at,
    message: `nothing lets ${familyName(endpoints.family)} clients in to the proxy at ${endpoints.dialled} port ${analysis.port}${by === undefined ? "" : `: line ${by.line} (${by.text}) blocks them`}`,
    why: WHY,
    correction: { lines: [publicRule(analysis, endpoints.family, quick)], place: quick ? "before" : "after", at },
  };
}

function notRedirected(analysis: Analysis, endpoints: Endpoints, one: TrialPacket): Finding {
  const by = decidingRule(one);
  const quick = isDecidedByQuick(one);
  const classic = analysis.era === "rdr-anchor";
  const early = quick && by !== undefined && !classic;
  const at = early
    ? by.line
    : classic
      ? (lastTranslation(analysis)?.lastLine ?? lastLine(analysis))
      : lastLine(analysis);
  return {
    check: "reverse-not-redirected",
    line: at,
    message: `no rule redirects ${familyName(endpoints.family)} clients of ${endpoints.dialled} port ftp to the proxy at ${listenAddress(endpoints)} port ${analysis.port}`,
    why: WHY_REDIRECT,
    correction: {
      lines: [publicRule(analysis, endpoints.family, true)],
      place: early ? "before" : "after",
      at,
    },
  };
}
