/**
 * The verdict on a play: compares its end with the end that the scenario expects of the subject, adds the broken
 * invariants and errors, and makes the result.
 *
 * @example
 * resultOf({ cell, end: { kind: "completed" }, … }) // { grade: "passed", outcome: "completed", findings: [], … }
 */

import type {
  Finding,
  Harm,
  InvariantResult,
  Letter,
  LetterDifference,
  PlayResult,
  Service,
  TimelineEvent,
} from "../../reports/model.ts";
import { expectationOf } from "../contract/expectation.ts";
import type { Lab } from "../contract/lab.ts";
import { LimitError } from "../contract/lab.ts";
import { describeEnd, type End, endOf, type Taken } from "../contract/scenario.ts";
import { Deviation, StepFailure } from "../contract/script.ts";
import { hasReference } from "../contract/subject.ts";
import { type Cell, describeCell, type TakenInfo } from "./cell.ts";
import { invariantFindings } from "./judgement/harm.ts";
import type { Timeline } from "./observation/timeline.ts";

/** How a play, or its cleaning up, came to its end. */
export type ActualEnd =
  | { readonly kind: "completed" }
  | { readonly kind: "stopped"; readonly failure: StepFailure }
  | { readonly kind: "overran"; readonly message: string }
  | { readonly kind: "broke"; readonly error: unknown };

/** Runs it to its end; never rejects. */
export async function endingOf(run: () => Promise<unknown>): Promise<ActualEnd> {
  try {
    await run();
    return { kind: "completed" };
  } catch (error) {
    if (error instanceof StepFailure) return { kind: "stopped", failure: error };
    if (error instanceof Deviation) {
      const failure = new StepFailure("the script", error.deviationCause, error.expected, error.actual);
      return { kind: "stopped", failure };
    }
    if (error instanceof LimitError) return { kind: "overran", message: error.message };
    return { kind: "broke", error };
  }
}

/** Everything about a play that its verdict depends on or its result shows. */
export interface PlayRecord {
  readonly cell: Cell;
  readonly lab: Lab;
  readonly timeline: Timeline;
  readonly end: ActualEnd;
  readonly cleaning: ActualEnd;
  readonly service: Service;
  readonly invariants: readonly InvariantResult[];
  /** What the subject did otherwise than its reference. */
  readonly differences: readonly LetterDifference[];
  readonly harm: Harm;
  readonly players: Partial<Record<"client" | "server", Taken<unknown>>>;
  /** The rules that the firewall had. */
  readonly rules: Pick<PlayResult, "pfConf" | "kernelRules">;
  readonly subjectCommand: string | undefined;
  /** Why the subject has ended by itself. */
  readonly subjectGone: string | undefined;
  readonly lastedMs: number;
}

export function resultOf(record: PlayRecord): PlayResult {
  const { cell, lab, timeline, end, service, invariants, harm, players, rules, subjectCommand, lastedMs } = record;
  const findings = findingsOf(record);
  const [first] = findings;
  const failed = first !== undefined;
  return {
    ...describeCell(cell, {
      ...(players.client && { client: takenInfo(players.client, failed) }),
      ...(players.server && { server: takenInfo(players.server, failed) }),
    }),
    grade: failed ? "failed" : "passed",
    outcome: outcomeOf(end),
    ...(first === undefined ? {} : { reason: first.message }),
    letter: letterOf(record),
    service,
    harm,
    findings,
    invariants,
    hosts: Object.entries(lab.hosts).map(([name, host]) => ({ name, addresses: [host.address(cell.family)] })),
    ...rules,
    ...(subjectCommand === undefined ? {} : { subjectCommand }),
    timeline: timeline.events,
    lastedMs,
  };
}

function takenInfo({ version, output }: Taken<unknown>, failed: boolean): TakenInfo {
  const said = failed ? output?.() : undefined;
  return { ...(version !== undefined && { version }), ...(said !== undefined && { output: said }) };
}

/** Empty when the play passed; the first one is the reason. */
function findingsOf(record: PlayRecord): Finding[] {
  const { cell, lab, timeline, end, cleaning, service, differences, invariants, subjectGone } = record;
  const { side, family, era, subject, entry } = cell;
  const profile = subject.profile(era);
  const expected = endOf(entry.scenario, profile, { side, family });
  // A script says what the reference does; how far another subject follows it is no fault.
  const followed = hasReference(profile) || end.kind === "broke";
  // Where another machine observes the wires, its observer may have stopped.
  const unseen = lab.inOrder !== undefined && timeline.connections.all.length === 0;
  return [
    ...(subjectGone === undefined ? [] : [errorFinding(subjectGone)]),
    ...(profile === "proxy" && end.kind !== "broke" ? serviceFindings(service, expected) : []),
    ...differences.map(({ about: _, ...difference }): Finding => ({ kind: "letter", ...difference })),
    ...(followed ? endFindings(end, expected, timeline.events) : []),
    ...(cleaning.kind === "broke" ? [errorFinding(cleaning.error)] : []),
    ...(end.kind === "completed" && unseen ? [errorFinding(UNSEEN)] : []),
    ...invariantFindings(invariants, expectationOf(entry.scenario.expect, profile, { side, family, era })?.harm),
  ];
}

function letterOf({ cell, differences }: PlayRecord): Letter {
  if (!hasReference(cell.subject.profile(cell.era))) return { verdict: "no-reference", differences };
  return { verdict: differences.length === 0 ? "kept" : "differs", differences };
}

/** A proxy without a reference must serve where ftp-proxy(8) does. */
function serviceFindings({ verdict, reason }: Service, expected: End): Finding[] {
  if (expected.kind !== "completes" || verdict !== "fails") return [];
  return [{ kind: "expectation", message: reason, expected: "works, as with ftp-proxy", actual: "fails" }];
}

const UNSEEN = "no packet was seen on the firewall's wires, so no invariant could be judged";

const errorFinding = (error: unknown): Finding => ({
  kind: "error",
  message: error instanceof Error ? error.message : String(error),
});

function endFindings(end: ActualEnd, expected: End, timeline: readonly TimelineEvent[]): Finding[] {
  switch (end.kind) {
    case "completed":
      if (expected.kind !== "stops") return [];
      return [
        {
          kind: "expectation",
          message: "the play completed",
          expected: describeEnd(expected),
          actual: "completed",
        },
      ];
    case "stopped":
      return stopFindings(end.failure, expected, timeline);
    case "overran":
      // The invariant `ends` reports it.
      return [];
    case "broke":
      return [errorFinding(end.error)];
  }
}

function stopFindings(failure: StepFailure, expected: End, timeline: readonly TimelineEvent[]): Finding[] {
  const { step, failureCause: cause } = failure;
  if (expected.kind === "any") return [];
  if (expected.kind === "stops" && expected.step === step && expected.cause === cause) {
    const contradiction = expected.witness?.(timeline);
    if (contradiction === undefined) return [];
    const message = `${step}: ${cause}, as expected, but for another reason: ${contradiction}`;
    return [{ kind: "expectation", message, expected: describeEnd(expected), actual: failure.actual }];
  }
  const kind = expected.kind === "completes" ? "step" : "expectation";
  const actual = `${step}: ${cause} (${failure.actual})`;
  return [{ kind, message: failure.message, expected: describeEnd(expected), actual }];
}

function outcomeOf(end: ActualEnd): string {
  switch (end.kind) {
    case "completed":
      return "completed";
    case "stopped":
      return `stopped at "${end.failure.step}": ${end.failure.failureCause}`;
    case "overran":
      return "did not end in time";
    case "broke":
      return "broke off";
  }
}
