import { XMLParser, XMLValidator } from "fast-xml-parser";
import { expect, test } from "vitest";
import { junitXml } from "./junit.ts";
import type { RunResult } from "./model.ts";
import { hostileText } from "./sample/hostile-play.ts";
import { sampleRun } from "./sample/sample-run.ts";

interface Case {
  readonly "@name": string;
  readonly "@classname": string;
  readonly failure?: { readonly "@message": string; readonly "#text": string };
  readonly error?: object;
  readonly skipped?: { readonly "@message": string };
}
interface Suite extends Record<string, unknown> {
  readonly testcase: readonly Case[];
}

function parsed(run: RunResult): { total: Record<string, string>; suites: readonly Suite[]; cases: readonly Case[] } {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    isArray: (name) => name === "testsuite" || name === "testcase",
  });
  const { testsuites } = parser.parse(junitXml(run));
  const suites: readonly Suite[] = testsuites.testsuite ?? [];
  return { total: testsuites, suites, cases: suites.flatMap((suite) => suite.testcase) };
}

const { total, suites, cases } = parsed(sampleRun);

test("it is well-formed, hostile texts included, and no character is forbidden in XML 1.0", () => {
  const xml = junitXml(sampleRun);
  expect(XMLValidator.validate(xml)).toBe(true);
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u);
});

test("every play is one case, and the counts are those of the cases", () => {
  expect(cases).toHaveLength(sampleRun.plays.length);
  const count = (list: readonly Case[], kind: "failure" | "error" | "skipped") =>
    String(list.filter((each) => each[kind] !== undefined).length);
  for (const [counts, list] of [[total, cases] as const, ...suites.map((suite) => [suite, suite.testcase] as const)]) {
    expect(counts["@tests"]).toBe(String(list.length));
    expect(counts["@failures"]).toBe(count(list, "failure"));
    expect(counts["@errors"]).toBe(count(list, "error"));
    expect(counts["@skipped"]).toBe(count(list, "skipped"));
  }
  expect([total["@tests"], total["@failures"], total["@skipped"]]).toEqual(["9", "2", "3"]);
});

test("class and name together are unique, so that Jenkins keeps histories apart", () => {
  expect(new Set(cases.map((each) => `${each["@classname"]} ${each["@name"]}`)).size).toBe(cases.length);
});

test("a failure carries the rule that dropped its packet and the command that repeats it", () => {
  const failed = cases.find((each) => each["@name"] === "active/port" && each.failure !== undefined);
  expect(failed?.failure?.["@message"]).toContain("dropped by pf.conf:4: block drop log all");
  expect(failed?.failure?.["#text"]).toContain("npx anchorage repro 'active/port@core,sim,inet,forward' --seed 7");
});

test("unsupported, does not apply and not run are skipped, each in its own word", () => {
  const messages = cases.flatMap((each) => each.skipped?.["@message"] ?? []);
  expect(messages.map((message) => message.split(":")[0]).sort()).toEqual(["does not apply", "not run", "unsupported"]);
});

test("hostile text comes back as it was sent, but for what cannot be shown", () => {
  const hostile = cases.find((each) => each["@name"] === "framing/hostile-reply");
  expect(hostile?.failure?.["@message"]).toContain(hostileText);
});

test("a fault of the harness itself is an error, not a failure", () => {
  const [play] = sampleRun.plays.slice(1, 2);
  const broken = { ...play!, findings: [{ kind: "error" as const, message: "the lab was lost" }] };
  const { total: counts } = parsed({ ...sampleRun, plays: [broken] });
  expect([counts["@failures"], counts["@errors"]]).toEqual(["0", "1"]);
});

test("a run without plays is a valid file without cases", () => {
  expect(XMLValidator.validate(junitXml({ ...sampleRun, plays: [] }))).toBe(true);
});
