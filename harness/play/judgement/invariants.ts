/**
 * The invariants (docs/invariants.md): conditions that hold in every play, whatever the scenario expects. Each is a
 * function from the evidence of a play to a verdict, and every play is checked against all of them. The four short ones
 * are here.
 *
 * @example
 * invariants.map((invariant) => invariant(evidence)) // [{ name: "empty-after", verdict: "held", … }, …]
 */

import type { Era } from "../../contract/lab.ts";
import type { AddressSpec, Criteria } from "../../pf/rule.ts";
import { parseRule } from "../observation/anchors.ts";
import { bytesIntact } from "./bytes-intact.ts";
import { type Invariant, verdictsOf } from "./evidence.ts";
import { apart, intrusions, returns } from "./policy.ts";
import { rulesBeforeLine } from "./rules-before-line.ts";
import { slotsFree } from "./slots.ts";

/** 1. After the session, `ftp-proxy/*` is empty and no state is left that lets a new connection in. */
const emptyAfter: Invariant = (evidence) => {
  const { anchorsAfter, revisits, policy } = evidence;
  const { held, broken } = verdictsOf("empty-after", "Nothing stays open after the session");
  const left = [...anchorsAfter].filter(([, rules]) => rules.length > 0);
  if (left.length > 0) {
    const names = left.map(([anchor, rules]) => `ftp-proxy/${anchor} (${rules.length} rules)`).join(", ");
    return broken(`still loaded: ${names}`);
  }
  const { harmful, excused } = apart(returns(evidence), policy);
  if (harmful[0] !== undefined) return broken(harmful[0].detail);
  const tried = `${revisits.length} new connections were tried`;
  return held(
    `ftp-proxy/* is empty; ${tried}, ${excused.length === 0 ? "none" : `${excused.length}, by policy,`} got through`,
  );
};

/** ftp-proxy(8) refuses a negotiated port below this. */
const LOWEST_PORT = 1024;

/** 2. Each rule is host to host, with one protocol, one destination port of 1024 or more, and `max 1`. */
export const hostToHost: Invariant = ({ timeline, terminates, era, sampled }) => {
  const { held, broken, doesNotApply } = verdictsOf("host-to-host", "Rules are host to host, one port, one state");
  if (!terminates) return doesNotApply("the subject loads no rules");
  let count = 0;
  for (const change of timeline.anchorChanges) {
    for (const text of change.rules) {
      count += 1;
      const fault = ruleFault(text, era);
      if (fault !== undefined) return broken(`${change.anchor}: ${fault}: ${text}`);
    }
  }
  const none = sampled ? "no reading of the anchor showed a rule" : "no rule was ever loaded";
  return held(count === 0 ? none : `${count} rules checked`);
};

function ruleFault(text: string, era: Era): string | undefined {
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

/** 4. The intruder gets in nowhere, and the proxy sends no connection to it. */
const intruderOut: Invariant = (evidence) => {
  const { held, broken } = verdictsOf("intruder-out", "The intruder gets in nowhere");
  const { harmful, excused } = apart(intrusions(evidence), evidence.policy);
  if (harmful[0] !== undefined) return broken(harmful[0].detail);
  const open = excused.length === 0 ? "none open" : `${excused.length} open, by policy`;
  return held(`${evidence.probes.length} doors tried, ${open}`);
};

/** 6. Nothing hangs: every play ends within its own time limit. */
const ends: Invariant = ({ overrun }) => {
  const { held, broken } = verdictsOf("ends", "The play ends within its time");
  return overrun === undefined ? held("it ended by itself") : broken(overrun);
};

/** In the order of docs/invariants.md. */
export const invariants: readonly Invariant[] = [
  emptyAfter,
  slotsFree,
  hostToHost,
  rulesBeforeLine,
  intruderOut,
  bytesIntact,
  ends,
];
