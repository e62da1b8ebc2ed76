/** 2. Each rule is host to host, one protocol, one destination port of 1024 or more, `max 1`; never wider. */

import type { Era } from "../../contract/lab.ts";
import type { AddressSpec, Criteria } from "../../pf/rule.ts";
import { parseRuleText } from "../rule-text.ts";
import { broken, held, type Invariant, notApplicable } from "./evidence.ts";

const NAME = "host-to-host";
const TITLE = "Rules are host to host, one port, one state";

/** ftp-proxy(8): a negotiated port below is refused. */
const LOWEST_PORT = 1024;

export const hostToHost: Invariant = ({ transcript, terminates, era, sampled }) => {
  if (!terminates) return notApplicable(NAME, TITLE, "the subject loads no rules");
  let count = 0;
  for (const change of transcript.anchorChanges) {
    for (const text of change.rules) {
      count += 1;
      const fault = faultOf(text, era);
      if (fault !== undefined) return broken(NAME, TITLE, `${change.anchor}: ${fault}: ${text}`);
    }
  }
  const none = sampled ? "no reading of the anchor showed a rule" : "no rule was ever loaded";
  return held(NAME, TITLE, count === 0 ? none : `${count} rules looked at`);
};

function faultOf(text: string, era: Era): string | undefined {
  const rule = parseRuleText(text, era);
  switch (rule?.kind) {
    case undefined:
      return "not a rule that pf.conf(5) knows";
    case "filter":
      if (rule.action === "block") return "not a pass or match rule";
      // With -T the rules are match rules: the limit belongs to the pass rule of pf.conf that asks for the tag.
      return (
        wider(rule) ?? (rule.action === "pass" && rule.stateOptions?.max !== 1 ? "more than one state" : undefined)
      );
    case "translation":
      if (rule.exempt || rule.type === "binat") return "not a nat or rdr rule";
      // The filter rules beside it count states; nothing may spare them.
      if (rule.pass) return "passes without a filter rule";
      return wider(rule) ?? (rule.pool !== undefined && isHost(rule.pool.address) ? undefined : "not to one address");
    default:
      return "an anchor of its own";
  }
}

function wider(rule: Criteria): string | undefined {
  if (rule.protocol === undefined) return "any protocol";
  if (!isHost(rule.source.address) || rule.source.negated) return "not from one host";
  if (!isHost(rule.destination.address) || rule.destination.negated) return "not to one host";
  const { port } = rule.destination;
  if (port?.op !== "=") return "more than one destination port";
  if (port.value < LOWEST_PORT) return `destination port ${port.value} is below ${LOWEST_PORT}`;
  return undefined;
}

const isHost = (address: AddressSpec): boolean =>
  address.kind === "network" && address.prefix === (address.family === "inet" ? 32 : 128);
