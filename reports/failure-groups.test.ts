import { expect, test } from "vitest";
import { failureGroups } from "./failure-groups.ts";
import type { Finding, PlayResult } from "./model.ts";

const failed = (id: string, ...messages: readonly string[]): PlayResult => {
  const findings = messages.map((message): Finding => ({ kind: "invariant", message }));
  return { id, grade: "failed", outcome: "completed", findings } as unknown as PlayResult;
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
    ['proxy logs "using …"', ["a", "c", "d"]],
    ["Nothing stays open", ["b"]],
  ]);
});

test("every failed play is in exactly one group, and plays that passed are in none", () => {
  const passed = { ...failed("p", "noise"), grade: "passed" } as PlayResult;
  const all = groupsOf(failed("a", "x", "y"), passed, failed("b", "y", "z"), failed("c", "z"), failed("d"));
  expect(all.flatMap(([, ids]) => ids).sort()).toEqual(["a", "b", "c", "d"]);
});
