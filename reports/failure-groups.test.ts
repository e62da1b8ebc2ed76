import { expect, test } from "vitest";
import { failureGroups, tellingFinding } from "./failure-groups.ts";
import type { Finding, PlayResult } from "./model.ts";

const failed = (id: string, ...messages: readonly string[]): PlayResult => {
  const findings = messages.map((message): Finding => ({ kind: "invariant", message }));
  const scenario = { id, priority: 2 };
  return { id, scenario, grade: "failed", outcome: "completed", findings } as unknown as PlayResult;
};

const groupsOf = (...plays: readonly PlayResult[]) =>
  failureGroups(plays).map(({ cause, plays: members }) => [cause, members.map(({ id }) => id)]);

test("one fault is one group, whatever addresses, ports and other findings its plays have", () => {
  const groups = groupsOf(
    failed("a", 'proxy logs "using 198.51.100.2"', "Nothing stays open: ftp-proxy/4711.1 (2 rules)"),
    failed("b", "Nothing stays open: ftp-proxy/4711.3 (4 rules)"),
    failed("c", 'proxy logs "using 2001:db8:2::2"'),
    failed("d", 'proxy logs "using 10.0.0.2"'),
  );
  expect(groups).toEqual([
    ['proxy logs "using …"', ["c", "d", "a"]],
    ["Nothing stays open", ["b"]],
  ]);
});

test("every failed play is in exactly one group, and plays that passed are in none", () => {
  const passed = { ...failed("p", "noise"), grade: "passed" } as PlayResult;
  const all = groupsOf(failed("a", "x", "y"), passed, failed("b", "y", "z"), failed("c", "z"), failed("d"));
  expect(all.flatMap(([, ids]) => ids).sort()).toEqual(["a", "b", "c", "d"]);
});

test("of a group the most telling play is first: of high priority, with one finding, in the plain cell", () => {
  const rare = { ...failed("rare", "x"), scenario: { id: "rare", priority: 3 } } as PlayResult;
  const many = failed("many", "x", "y", "z");
  const cell = (id: string, side: string, family: string) => ({ ...failed(id, "x"), side, family }) as PlayResult;
  const members = [
    rare,
    many,
    cell("reverse", "reverse", "inet"),
    cell("six", "forward", "inet6"),
    cell("plain", "forward", "inet"),
  ];
  expect(groupsOf(...members)).toEqual([["x", ["plain", "reverse", "six", "many", "rare"]]]);
});

test("a line that differs from the reference is shown before what came of it", () => {
  const letter: Finding = {
    kind: "letter",
    message: "client gets a 229",
    expected: "229 (|||1|)",
    actual: "229 (|||1)",
  };
  const findings: Finding[] = [
    { kind: "expectation", message: "the client left", expected: "works", actual: "fails" },
    letter,
  ];
  expect(tellingFinding({ findings })).toBe(letter);
});
