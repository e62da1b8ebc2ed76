/** 2. Each rule is host to host, with one protocol, one destination port of 1024 or more, and `max 1`. */

import type { Era } from "../../contract/lab.ts";
import type { AddressSpec, Criteria } from "../../pf/rule.ts";
import { parseRule } from "../observation/anchors.ts";
import { type Invariant, verdictsOf } from "./evidence.ts";

const { held, broken, doesNotApply } = verdictsOf("host-to-host", "Rules are host to host, one port, one state");

/** ftp-proxy(8) refuses a negotiated port below this. */
const LOWEST_PORT = 1024;

export const hostToHost: Invariant = ({ timeline, terminates, era, sampled }) => {
  if (!terminates) return doesNotApply("the subject loads no rules");
  let count = 0;
  for (const change of timeline.anchorChanges) {
    for (const text of change.rules) {
      count += 1;
      const fault = faultOf(text, era);
      if (fault !== undefined) return broken(`${change.anchor}: ${fault}: ${text}`);
    }
  }
  const none = sampled ? "no reading of the anchor showed a rule" : "no rule was ever loaded";
  return held(count === 0 ? none : `${count} rules checked`);
};

function faultOf(text: string, era: Era): string | undefined {
  const rule = parseRule(text, era);
  switch (rule?.kind) {
    case undefined:
      return "not a rule of pf.conf(5)";
    case "filter":
      if (rule.action === "block") return "not a pass or match rule";
      // With -T the rules are match rules: the limit is that of the pass rule in pf.conf that asks for the tag.
      return (
        wider(rule) ?? (rule.action === "pass" && rule.stateOptions?.max !== 1 ? "more than one state" : undefined)
      );
    case "translation":
      if (rule.exempt || rule.type === "binat") return "not a nat or rdr rule";
      // Its filter rules limit the states, so none may bypass them.
      if (rule.pass) return "passes without a filter rule";
      return wider(rule) ?? (rule.pool !== undefined && isHost(rule.pool.address) ? undefined : "not to one address");
    default:
      return "another anchor";
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
