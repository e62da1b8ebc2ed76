/**
 * Do data connections get to the proxy's rules, both on the way in and on the way out? Not if a quick rule decides
 * first, if the anchor rule asks for something, or if an earlier rule has translated the packet by then.
 */

import type { Consideration } from "../../../pf/engine/rules/trace.ts";
import type { Analysis } from "../analysis.ts";
import { callsSessions, decidingRule, isSkipped, reached, translator } from "../diagnosis.ts";
import type { Endpoints } from "../endpoints.ts";
import { type Check, type Finding, move, written } from "../finding.ts";
import { isSessionPath, type TrialPacket } from "../trial-session.ts";

const SAYS: Readonly<Record<string, string>> = {
  "passive-in": "the client's passive data connection",
  "passive-out": "the passive data connection on its way to the server",
  "active-in": "the server's active data connection",
  "active-out": "the active data connection on its way to the client",
};

export const anchorReached: Check = (analysis) =>
  analysis.sessions.flatMap(({ packets, endpoints }) =>
    packets
      .filter(({ name, ok }) => name in SAYS && !ok)
      .flatMap((one) => finding(analysis, one) ?? [])
      .map((found) => (isServed(packets, endpoints) ? { ...found, remark: true as const } : found)),
  );

/** All packets arrive as they should, though not by the proxy's rules: the user notices nothing. */
const isServed = (packets: readonly TrialPacket[], { proxy, dialled }: Endpoints): boolean =>
  packets.every(({ name, ok, result }) => {
    if (ok) return true;
    const seenAs = name === "passive-out" ? proxy : name === "active-out" ? dialled : undefined;
    return result.verdict === "pass" && result.packet.source === seenAs;
  });

function finding(analysis: Analysis, one: TrialPacket): Finding | undefined {
  if (isSkipped(one) || isUntranslated(one)) return undefined;
  const found = reached(one, callsSessions);
  switch (found.kind) {
    case "not-reached":
      return afterQuick(analysis, one);
    case "missed":
      return translated(analysis, one, found.met, found.met) ?? restricted(one, found.met);
    case "matched": {
      const inside = one.result.met.filter(({ path }) => isSessionPath(path));
      if (inside.some(({ missed }) => missed === undefined)) return undefined;
      const ours = inside.find(({ rule }) => rule.rule.direction === one.direction);
      return ours && translated(analysis, one, found.met, ours);
    }
  }
}

/** Before 4.7: no translation rule of the proxy's matched, and so no filter rule of its can: see classic-anchors.ts. */
const isUntranslated = ({ result: { translation } }: TrialPacket): boolean =>
  translation !== undefined && !translation.some(({ path, missed }) => isSessionPath(path) && missed === undefined);

function anchorLine(analysis: Analysis): number | undefined {
  return analysis.statements.find(
    ({ keyword, tokens }) => keyword === "anchor" && /^["']?\/?ftp-proxy\/\*["']?$/.test(tokens[1]?.text ?? ""),
  )?.line;
}

function afterQuick(analysis: Analysis, one: TrialPacket): Finding | undefined {
  const quick = decidingRule(one);
  const line = anchorLine(analysis);
  if (quick === undefined || line === undefined) return undefined;
  return move(analysis, line, "before", quick.line, {
    check: "anchor-after-quick",
    message: `the anchor comes too late for ${SAYS[one.name]}: line ${quick.line} (${quick.text}) decides first`,
    why: "A matching quick rule ends the evaluation (pf.conf(5)); PF never reaches the proxy's rules further down.",
  });
}

function restricted(one: TrialPacket, { rule, missed }: Consideration): Finding {
  const { line } = rule.rule;
  return {
    check: "anchor-restricted",
    line,
    message: `the anchor rule's own ${missed} keeps ${SAYS[one.name]} out`,
    why: "What an anchor rule asks for holds for everything in it. Data connections come in by one interface and leave by another, in both directions: the anchor must ask for nothing.",
    correction: { lines: ['anchor "ftp-proxy/*"'], place: "instead of", at: line },
  };
}

/** @param seenBy the rule that no longer knew the packet. */
function translated(
  analysis: Analysis,
  one: TrialPacket,
  call: Consideration,
  seenBy: Consideration,
): Finding | undefined {
  const { packet } = one;
  const nat = seenBy.seen.source !== packet.source ? translator(one, seenBy, "natTo") : undefined;
  const rdr = seenBy.seen.destination !== packet.destination ? translator(one, seenBy, "rdrTo") : undefined;
  const by = nat ?? rdr;
  if (by === undefined) return undefined;
  const { line } = call.rule.rule;
  const at = by.rule.rule.line;
  return move(analysis, line, "before", at, {
    check: nat === undefined ? "anchor-after-rdr" : "anchor-after-nat",
    message: `the anchor comes after the ${nat === undefined ? "redirection" : "NAT rule"} of line ${at} (${written(analysis, at)})`,
    why: `A match rule that translates takes effect at once: the proxy's rules for ${SAYS[one.name]} ask for the addresses before that, and do not match any more. With a default block the connection hangs, with a default pass it goes out under the general rule's address.`,
  });
}
