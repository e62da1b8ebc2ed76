/**
 * The answer to "did the subject do what its reference does?": the differences that the script noted, the step at which
 * it stopped, and the log lines and rules that the scenario expects.
 *
 * @example
 * letterOf({ profile: "ftp-proxy", differences: [], … }) // { verdict: "kept", differences: [] }
 */

import type { Letter, LetterDifference, Service, TimelineEvent } from "../../reports/model.ts";
import type { Expectation } from "../contract/expectation.ts";
import type { Cause, StepFailure } from "../contract/script.ts";
import { hasReference, type Profile } from "../contract/subject.ts";

export interface LetterFacts {
  readonly profile: Profile;
  readonly expected: Expectation;
  readonly service: Service;
  readonly differences: readonly LetterDifference[];
  /** The step after which the script could not go on. */
  readonly stop: StepFailure | undefined;
  readonly timeline: readonly TimelineEvent[];
}

export function letterOf(facts: LetterFacts): Letter {
  if (!hasReference(facts.profile)) return { verdict: "no-reference", differences: [] };
  const differences = [...facts.differences, ...stopOf(facts), ...missingLog(facts), ...unexpectedRules(facts)];
  return { verdict: differences.length === 0 ? "kept" : "differs", differences };
}

/** How a service that fails shows in a script: these stops are the service's, and not the letter's. */
const OF_SERVICE: readonly Cause[] = ["no-answer", "refused", "gave-up"];

function stopOf({ stop, expected, service, timeline }: LetterFacts): LetterDifference[] {
  if (stop === undefined || stop.failureCause === "gave-up") return [];
  if (expected.service === "fails" && service.verdict === "fails" && OF_SERVICE.includes(stop.failureCause)) return [];
  const { step: message, expected: awaited, actual } = stop;
  return [{ about: "dialogue", message, expected: awaited, actual, atMs: timeline.at(-1)?.atMs ?? 0 }];
}

function missingLog({ expected, timeline }: LetterFacts): LetterDifference[] {
  const { log } = expected;
  const lines = timeline.filter((event) => event.kind === "log");
  if (log === undefined || lines.some(({ text }) => text.includes(log))) return [];
  return [
    {
      ...{ about: "log", message: `the proxy logs "${log}"`, expected: log },
      actual: lines.length === 0 ? "an empty log" : lines.map(({ text }) => text).join("\n"),
      atMs: lines.at(-1)?.atMs ?? 0,
    },
  ];
}

function unexpectedRules({ expected, timeline }: LetterFacts): LetterDifference[] {
  if (expected.anchor !== "empty") return [];
  const loaded = timeline.find((event) => event.kind === "anchor" && event.rules.length > 0);
  if (loaded?.kind !== "anchor") return [];
  const { anchor, rules, atMs } = loaded;
  return [
    { about: "rules", message: `${anchor} holds no rules`, expected: "no rules", actual: rules.join("\n"), atMs },
  ];
}
