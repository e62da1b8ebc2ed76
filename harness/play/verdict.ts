/**
 * The verdict on a play: compares its answers with those that the scenario expects of the subject, adds the broken
 * invariants and errors, and makes the result.
 *
 * @example
 * resultOf({ cell, service, end: { kind: "completed" }, … }) // { grade: "passed", outcome: "works", findings: [], … }
 */

import type {
  Finding,
  Harm,
  InvariantResult,
  Letter,
  LetterDifference,
  PlayResult,
  Service,
} from "../../reports/model.ts";
import { type Expectation, expectationOf } from "../contract/expectation.ts";
import type { Lab } from "../contract/lab.ts";
import { LimitError } from "../contract/lab.ts";
import type { Taken } from "../contract/scenario.ts";
import { Deviation, StepFailure } from "../contract/script.ts";
import { type Cell, describeCell, type TakenInfo } from "./cell.ts";
import { describeService, serviceFindings } from "./expected-service.ts";
import { invariantFindings } from "./judgement/harm.ts";
import { letterOf } from "./letter.ts";
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
  const { side, family, era, subject, entry } = cell;
  const profile = subject.profile(era);
  const expected = expectationOf(entry.scenario.expect, profile, { side, family, era });
  const stop = end.kind === "stopped" ? end.failure : undefined;
  const letter = letterOf({ ...record, profile, expected, stop, timeline: timeline.events });
  const findings = findingsOf(record, expected, letter);
  const [first] = findings;
  const failed = first !== undefined;
  return {
    ...describeCell(cell, {
      ...(players.client && { client: takenInfo(players.client, failed) }),
      ...(players.server && { server: takenInfo(players.server, failed) }),
    }),
    grade: failed ? "failed" : "passed",
    outcome: describeService(service),
    ...(first === undefined ? {} : { reason: first.message }),
    letter,
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
function findingsOf(record: PlayRecord, expected: Expectation, letter: Letter): Finding[] {
  const { lab, timeline, end, cleaning, service, invariants, subjectGone } = record;
  // Where another machine observes the wires, its observer may have stopped.
  const unseen = lab.inOrder !== undefined && timeline.connections.all.length === 0;
  return [
    ...(subjectGone === undefined ? [] : [errorFinding(subjectGone)]),
    // Where the play broke off, nobody asked for a service.
    ...(end.kind === "broke" ? [] : serviceFindings(expected, service)),
    ...letter.differences.map(({ about: _, ...difference }): Finding => ({ kind: "letter", ...difference })),
    ...(end.kind === "stopped" && letter.verdict === "no-reference" ? stopFindings(end.failure, expected) : []),
    ...[end, cleaning].flatMap((one) => (one.kind === "broke" ? [errorFinding(one.error)] : [])),
    ...(end.kind === "completed" && unseen ? [errorFinding(UNSEEN)] : []),
    ...invariantFindings(invariants, expected.harm),
  ];
}

const UNSEEN = "no packet was seen on the firewall's wires, so no invariant could be judged";

const errorFinding = (error: unknown): Finding => ({
  kind: "error",
  message: error instanceof Error ? error.message : String(error),
});

/** A script follows the reference. Another subject need not, but where it should work the script must come to its end. */
function stopFindings({ message, failureCause, expected, actual }: StepFailure, { service }: Expectation): Finding[] {
  if (service === "fails" || service === "any" || failureCause === "still-open") return [];
  return [{ kind: "step", message: `FTP should work, but the script stopped: ${message}`, expected, actual }];
}
