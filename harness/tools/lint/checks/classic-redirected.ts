/** Before 4.7 and on FreeBSD: is the client's control connection redirected to the proxy, and let in there? */

import type { TranslationRule } from "../../../pf/rule.ts";
import type { Analysis } from "../analysis.ts";
import { decidingRule, failures } from "../diagnosis.ts";
import type { Endpoints } from "../endpoints.ts";
import {
  add,
  type Check,
  type Finding,
  familyName,
  lastLine,
  lastTranslation,
  move,
  rewrite,
  statementAt,
  written,
} from "../finding.ts";
import { FTP, isForFtp, isForFtpOnly, isLoopbackAddress } from "../rule-facts.ts";
import { listenAddress, type TrialPacket } from "../trial-session.ts";
import { divertRule } from "../wanted-rules.ts";

const WHY =
  "Control connections that are not redirected to ftp-proxy go to the server directly: then nothing opens the data ports, and transfers hang.";

export const classicRedirected: Check = (analysis) => {
  if (analysis.era !== "rdr-anchor" || analysis.reverse) return [];
  return failures(analysis, "control-in", (one, endpoints) => [finding(analysis, endpoints, one)]);
};

function finding(analysis: Analysis, endpoints: Endpoints, one: TrialPacket): Finding {
  const { translation } = one.result;
  const by = translation?.find(({ missed, rule }) => missed === undefined && rule.filter !== undefined);
  const rules = redirections(analysis);
  const target = by?.rule.filter?.rdrTo;
  if (by !== undefined && target?.address.kind === "network" && isLoopbackAddress(target.address.address)) {
    const { line } = by.rule.rule;
    const port = target.port?.from ?? FTP;
    if (port !== analysis.port && !isForFtpOnly(by.rule.filter)) {
      return add(divertRule(analysis, endpoints.family), "before", statementAt(analysis, line)?.line ?? line, {
        check: "divert-missing",
        message: `no rdr rule leads ${familyName(endpoints.family)} control connections to ftp-proxy: line ${line} takes them with all others`,
        why: WHY,
      });
    }
    return port === analysis.port ? notLetIn(analysis, one, line) : wrongPort(analysis, endpoints, line, port);
  }
  const ours = rules.find((rule) => (rule.family ?? endpoints.family) === endpoints.family);
  if (ours !== undefined && by !== undefined && by.rule.rule.line < ours.line) {
    const at = statementAt(analysis, by.rule.rule.line)?.line ?? by.rule.rule.line;
    return move(analysis, ours.line, "before", at, {
      check: "divert-shadowed",
      message: `line ${at} (${written(analysis, at)}) matches clients' connections to port ftp before this rule`,
      why: `Of the translation rules the first that matches wins. ${WHY}`,
    });
  }
  if (ours !== undefined) {
    const { line } = ours;
    const missed = translation?.find((met) => met.rule.rule.line === line)?.missed ?? "criteria";
    return add(divertRule(analysis, endpoints.family), "before", statementAt(analysis, line)?.line ?? line, {
      check: "divert-misses-clients",
      message: `the rule does not match the connections of clients such as ${endpoints.client} coming in on ${one.interface}: its ${missed} does not fit`,
      why: WHY,
    });
  }
  const at = rules.at(-1)?.line ?? lastTranslation(analysis)?.lastLine ?? lastLine(analysis);
  return add(divertRule(analysis, endpoints.family), "after", at, {
    check: "divert-missing",
    message: `no rdr rule leads ${familyName(endpoints.family)} control connections to ftp-proxy`,
    why: `${WHY} Each family needs its own rule and its own proxy (ftp-proxy -6 listens on ::1).`,
  });
}

export function notLetIn(analysis: Analysis, one: TrialPacket, line: number): Finding {
  const by = decidingRule(one);
  return rewrite(analysis, line, (text) => text.replace(/^rdr\b/, "rdr pass"), {
    check: "rdr-without-pass",
    message: `the connection is redirected, and then blocked by the filter rules${by === undefined ? "" : ` (line ${by.line}, ${by.text})`}`,
    why: "Without the word pass a redirected packet still has to get by the filter rules, which see it with the proxy's address and port as its destination.",
  });
}

function wrongPort(analysis: Analysis, endpoints: Endpoints, line: number, port: number): Finding {
  const target = `${listenAddress(endpoints)} port ${analysis.port}`;
  return rewrite(analysis, line, (text) => text.replace(/->.*$/s, `-> ${target}`), {
    check: "divert-target",
    message: `the redirection leads to port ${port}, and ftp-proxy listens on ${target}`,
    why: "A connection to a port without a listener is refused. (If ftp-proxy's -b or -p differs, give lint --port.)",
  });
}

/** rdr rules to a daemon on this machine. */
const redirections = (analysis: Analysis): readonly TranslationRule[] =>
  (analysis.ruleset.translations ?? []).filter(
    (one): one is TranslationRule =>
      one.kind === "translation" &&
      one.type === "rdr" &&
      (isForFtp(one) || one.pool?.port?.from === analysis.port) &&
      one.pool?.address.kind === "network" &&
      isLoopbackAddress(one.pool.address.address),
  );
