/**
 * JUnit XML as Jenkins and GitLab read it: a suite for each column of the matrix, a case for each play.
 * `time` is real time, where it is known; the time of the lab's clock, hours in a simulated play, is a property.
 *
 *     await writeFile("junit.xml", junitXml(run));
 */
import XmlBuilder from "fast-xml-builder";
import { columnName, matrixOf } from "./matrix.ts";
import type { PlayResult, RunResult } from "./model.ts";
import { serviceInWords } from "./service.ts";
import { excerptLines, failureLines } from "./terminal/failures.ts";
import { plainColors } from "./terminal/output.ts";
import { visible } from "./text.ts";
import { gradeStyle, playInWords } from "./wording.ts";

type Element = Readonly<Record<string, unknown>>;
type Outcome = "failure" | "error" | "skipped" | "none";

/** `times`: milliseconds of real time, by the play's id. */
export function junitXml(run: RunResult, times: ReadonlyMap<string, number> = new Map()): string {
  const builder = new XmlBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    suppressBooleanAttributes: false,
    suppressEmptyNode: true,
    format: true,
  });
  const { columns } = matrixOf(run.plays);
  const suites = columns.map((column) => {
    const name = columnName(column);
    return suite(
      name,
      run,
      run.plays.filter((play) => columnName(play) === name),
      times,
    );
  });
  return builder.build({
    "?xml": { "@version": "1.0", "@encoding": "UTF-8" },
    testsuites: { "@name": "anchorage", ...totals(run.plays, times), testsuite: suites },
  });
}

type RealTimes = ReadonlyMap<string, number>;

function suite(name: string, run: RunResult, plays: readonly PlayResult[], times: RealTimes): Element {
  return {
    "@name": visible(name),
    ...totals(plays, times),
    "@timestamp": visible(run.clock.startedAt).replace(/(\.\d+)?Z$/, ""),
    properties: { property: { "@name": "seed", "@value": String(run.seed) } },
    testcase: plays.map((play) => testcase(play, name, times)),
  };
}

function totals(plays: readonly PlayResult[], times: RealTimes): Element {
  const count = (wanted: Outcome): string => String(plays.filter((play) => outcomeOf(play) === wanted).length);
  return {
    "@tests": String(plays.length),
    "@failures": count("failure"),
    "@errors": count("error"),
    "@skipped": count("skipped"),
    "@time": seconds(plays.reduce((sum, { id }) => sum + (times.get(id) ?? 0), 0)),
  };
}

function testcase(play: PlayResult, column: string, times: RealTimes): Element {
  const head = {
    "@classname": visible(`anchorage.${column.replaceAll(" ", ",")}`),
    "@name": visible(play.scenario.id),
    "@time": seconds(times.get(play.id) ?? 0),
    ...propertiesOf(play),
  };
  switch (outcomeOf(play)) {
    case "failure":
    case "error": {
      const type = play.findings[0]?.kind ?? play.grade;
      const lines = failureLines(play, 120, plainColors, excerptLines(play, 120, plainColors));
      const text = [`service: ${serviceInWords(play)}`, ...lines].join("\n");
      return { ...head, [outcomeOf(play)]: { "@message": playInWords(play), "@type": type, "#text": text } };
    }
    case "skipped":
      return { ...head, skipped: { "@message": playInWords(play) } };
    case "none":
      return head;
  }
}

/** Whether FTP worked, beside whether the play passed: `service`, and `service.by`, `service.where`, `service.notice`, `harm`. */
function propertiesOf({ service, harm, flaky, lastedMs }: PlayResult): Element {
  const found = harm?.verdict === "harm" ? harm.found.map(({ name }) => name).join(" ") : undefined;
  const values = {
    "lab-seconds": seconds(lastedMs),
    flaky: flaky && `passed at attempt ${flaky.attempts}; at first: ${flaky.first}`,
    service: service?.verdict,
    "service.by": service?.by,
    "service.where": service?.where,
    "service.notice": service?.notice,
    harm: found,
  };
  const property = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ "@name": name, "@value": visible(value) }],
  );
  return { properties: { property } };
}

/** JUnit knows three ends beside success; a fault of the harness itself is an error. The word of the grade opens every message. */
function outcomeOf(play: PlayResult): Outcome {
  switch (gradeStyle(play.grade).grade) {
    case "passed":
      return "none";
    case "failed":
      return play.findings.some((finding) => finding.kind === "error") ? "error" : "failure";
    case "unsupported":
    case "does-not-apply":
    case "not-run":
      return "skipped";
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);
