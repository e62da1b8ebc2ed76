/**
 * The answer to "who else got in, and what stays open?": the broken invariants that are harm, with policy apart, and
 * what a scenario expects of them.
 *
 * @example
 * harmOf(invariants, evidence) // { verdict: "none", found: [], policy: ["inside intruder reaches 198.51.100.7 at port 49999"] }
 */

import type { Finding, Harm, InvariantResult } from "../../../reports/model.ts";
import type { ExpectedHarm } from "../../contract/expectation.ts";
import type { Evidence } from "./evidence.ts";
import { apart, intrusions, type OpenWay, returns } from "./policy.ts";

/** The invariants whose break lets others in, or keeps something open or taken. */
const HARM: ReadonlySet<string> = new Set(["empty-after", "slots-free", "host-to-host", "intruder-out"]);

/** Every way that was open in a play to a host that had no use for it. */
export const openWays = (evidence: Evidence): OpenWay[] => [...intrusions(evidence), ...returns(evidence)];

export function harmOf(invariants: readonly InvariantResult[], evidence: Evidence): Harm {
  const found = invariants
    .filter(({ name, verdict }) => verdict === "broken" && HARM.has(name))
    .map(({ name, detail }) => ({ name, detail }));
  const { excused } = apart(openWays(evidence), evidence.policy);
  return { verdict: found.length === 0 ? "none" : "harm", found, policy: remarks(excused) };
}

/** One sentence for each host and address. */
function remarks(ways: readonly OpenWay[]): string[] {
  const ports = new Map<string, Set<number>>();
  for (const { host, door } of ways) {
    const who = `${host?.replace("-", " ")} reaches ${door.address}`;
    ports.set(who, (ports.get(who) ?? new Set()).add(door.port));
  }
  return [...ports].map(([who, tried]) => `${who} at port ${[...tried].join(", ")}`);
}

/** `watched`: of the play with intruders; `alone`: of the same play without them. Harm is found in either. */
export const mergedInvariants = (watched: readonly InvariantResult[], alone: readonly InvariantResult[]) =>
  alone.map((one) => {
    if (!HARM.has(one.name) || one.verdict === "broken") return one;
    return watched.find(({ name }) => name === one.name) ?? one;
  });

/** Broken invariants that the scenario does not expect, and expected ones that held. */
export function invariantFindings(
  invariants: readonly InvariantResult[],
  expected: readonly ExpectedHarm[] = [],
): Finding[] {
  const broken = invariants.filter(({ verdict }) => verdict === "broken");
  const meets = (one: InvariantResult, { name, detail }: ExpectedHarm) =>
    one.name === name && one.detail.includes(detail);
  return [
    ...broken
      .filter((one) => !expected.some((want) => meets(one, want)))
      .map(({ title, detail }): Finding => ({ kind: "invariant", message: `${title}: ${detail}` })),
    ...expected
      .filter((want) => !broken.some((one) => meets(one, want)))
      .map((want): Finding => {
        const actual = invariants.find(({ name }) => name === want.name);
        return {
          kind: "expectation",
          message: `the invariant ${want.name} is not broken as expected`,
          expected: `broken: ${want.detail}`,
          actual: actual === undefined ? "no such invariant" : `${actual.verdict}: ${actual.detail}`,
        };
      }),
  ];
}
