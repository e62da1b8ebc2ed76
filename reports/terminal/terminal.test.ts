import { createColors } from "picocolors";
import { expect, test } from "vitest";
import { droppedSynPlay, manyPlays, passivePlay, sampleRun } from "../../test/sample-run.ts";
import type { PlayResult } from "../model.ts";
import { textWidth } from "../text.ts";
import { failureReport } from "./failures.ts";
import { colorsFor, widthOf } from "./output.ts";
import { Progress } from "./progress.ts";
import { summaryTable } from "./summary.ts";

test("a failure: what the user got, who broke it, expected and actual, the ladder around it, the repeat command", () => {
  const text = failureReport([passivePlay, droppedSynPlay]);
  expect(text).toMatch(/^✕ active\/port@core,sim,divert-to,inet,forward$/m);
  const words = text.replaceAll(/\s+/g, " ");
  expect(words).toMatch(/user got hangs for \d+ s; log in: done; fetch file: failed/);
  expect(words).toMatch(/broken by firewall, at data connection: pf\.conf line 4 \(block drop log all\) dropped the/);
  expect(words.split(String(droppedSynPlay.reason))).toHaveLength(2);
  expect(words).toContain(`expected ${droppedSynPlay.expected}`);
  expect(words).toContain("actual fails at data connection, by the firewall: hangs for");
  expect(text).toMatch(/│✕─ 198\.51\.100\.1:\d+ S ─+│/);
  expect(text).toContain(`${droppedSynPlay.repeat}\n`);
  expect(text).not.toContain("passive/pasv");
  expect(text.trimEnd().split("\n").length).toBeLessThan(28);
});

test("a failure without a service has the packet that was dropped, and by which rule", () => {
  const { service: _, ...play } = droppedSynPlay;
  expect(failureReport([play]).replaceAll(/\s+/g, " ")).toMatch(
    /dropped tcp 198\.51\.100\.7:20 > 198\.51\.100\.1:\d+ S dropped on em0 in by pf\.conf:4: block drop log all, at/,
  );
});

test("of expected and actual the words that differ are marked", () => {
  const finding = { kind: "step", message: "client gets a 227", expected: "227 (1,2)", actual: "227 (1,3)" } as const;
  const text = failureReport([{ ...droppedSynPlay, findings: [finding] }], { colors: createColors(true) });
  expect(text).toContain("227 \u001b[4m(1,3)\u001b[24m");
  expect(text).not.toContain("\u001b[4m227");
});

test("a program's output is shown line by line, with its command line", () => {
  const output = ["< 220 ready", "> PASV", "x".repeat(500)].join("\r\n");
  const client = { part: "client", name: "mine", version: "1.4", command: "./mine {host}", output } as const;
  const text = failureReport([{ ...droppedSynPlay, players: [client] }]);
  expect(text).toMatch(/^ {2}client {6}\.\/mine \{host\}$/m);
  expect(text).toMatch(/^ {2}client said < 220 ready\n {14}> PASV\n {14}x+…?$/m);
  expect(text).not.toContain("x".repeat(201));
});

test("the failure report of a run without failures is empty", () => {
  expect(failureReport([passivePlay])).toBe("");
});

test("hostile text cannot reach the terminal as more than text", () => {
  expect(failureReport(sampleRun.plays)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
});

test("colour needs a terminal, and no NO_COLOR", () => {
  const enabled = (isTTY: boolean, env: Record<string, string>) => colorsFor({ isTTY }, env).isColorSupported;
  expect(enabled(true, {})).toBe(true);
  expect(enabled(true, { NO_COLOR: "" })).toBe(true); // no-color.org: when not an empty string
  expect(enabled(true, { NO_COLOR: "1" })).toBe(false);
  expect(enabled(true, { TERM: "dumb" })).toBe(false);
  expect(enabled(false, {})).toBe(false);
});

test("width follows the terminal within reason, and is 80 where there is none", () => {
  expect([undefined, 20, 132, 1000].map((columns) => widthOf(columns === undefined ? {} : { columns }))).toEqual([
    80, 60, 132, 200,
  ]);
});

function watch(isTTY: boolean): string {
  let written = "";
  const progress = new Progress({ isTTY, columns: 80, write: (text) => (written += text) }, sampleRun.plays.length);
  for (const play of sampleRun.plays) {
    progress.started(play.id);
    progress.finished(play);
  }
  progress.end();
  return written;
}

test("where there are no colours, carets mark the words; of many lines the first one that differs is shown", () => {
  const rule = (max: string) => `pass in\npass out keep state ${max} rdr-to 10.0.0.5`;
  const finding = {
    kind: "letter",
    message: "rules",
    expected: rule("(max 1)"),
    actual: rule("").replace("  ", " "),
  } as const;
  const text = failureReport([{ ...droppedSynPlay, findings: [finding] }]);
  expect(text).toContain(`
  expected    pass out keep state (max 1) rdr-to 10.0.0.5
                                  ^^^^ ^^
  actual      pass out keep state rdr-to 10.0.0.5
`);
});

test("of many causes the first is told whole, the next in a line each, and the others are counted", () => {
  const plays = Array.from({ length: 9 }, (_, at): PlayResult => {
    const cause = `the ${"abcdefghi"[at]} broke`;
    return { ...droppedSynPlay, id: `active/${at}`, findings: [{ kind: "error", message: cause }] };
  });
  const text = failureReport(plays, { lines: 30 });
  expect(text).toMatch(/^✕ active\/0$/m);
  expect(text).toMatch(/^✕ active\/1: the b broke\n(?:✕ .*\n){4}and 3 more causes; --all shows them\n/m);
  expect(failureReport(plays).match(/^ {2}repeat/gm)).toHaveLength(9);
});

test("a long run in a log has four lines", () => {
  let written = "";
  const progress = new Progress({ columns: 80, write: (text) => (written += text) }, 40);
  for (let at = 0; at < 40; at++) progress.finished(at === 3 ? droppedSynPlay : passivePlay);
  expect(written).toBe(
    "10 of 40 plays, 1 failed\n20 of 40 plays, 1 failed\n30 of 40 plays, 1 failed\n40 of 40 plays, 1 failed\n",
  );
});

test("in a log each play is one plain line that begins with its grade's word", () => {
  const lines = watch(false).trimEnd().split("\n");
  expect(lines).toHaveLength(sampleRun.plays.length);
  expect(lines[0]).toBe("passed          passive/pasv@core,sim,divert-to,inet,forward");
  expect(lines[1]).toMatch(/^failed {10}active\/port@core.* dropped by pf\.conf:4: block drop log all$/);
  expect(lines.join("")).not.toContain("\u001b");
});

test("on a terminal one line is rewritten, and only failures stay", () => {
  const written = watch(true);
  const standing = written.split("\n").map((line) => line.split("\u001b[2K").at(-1));
  expect(standing).toHaveLength(3); // two failures, and the live line, which is erased at the end
  expect(standing[0]).toMatch(/^✕ active\/port@core/);
  expect(standing.at(-1)).toBe("");
});

test("no line on a terminal is as wide as the terminal", () => {
  for (const line of watch(true).split(/\r\u001b\[2K|\n/)) expect(line.length).toBeLessThan(80);
});

test.each([true, false])("a note keeps its own line, on a terminal or not (%s)", (isTTY) => {
  let written = "";
  const progress = new Progress({ isTTY, columns: 80, write: (text) => (written += text) }, 2);
  progress.started("passive/pasv@core,netns,inet,forward");
  progress.noted("netns: server: ip ended by SIGKILL, between two plays");
  progress.end();
  const standing = written.split("\n").map((line) => line.split("\u001b[2K").at(-1));
  expect(standing).toEqual(["netns: server: ip ended by SIGKILL, between two plays", ""]);
});

test("scenario rows by subject and family, a different shape for each grade", () => {
  const text = summaryTable(sampleRun.plays);
  expect(text).toMatch(/^ +core +none$/m);
  expect(text).toMatch(/^active\/port +✕ +◇ +○$/m);
  expect(text).toMatch(/^passive\/pasv +● +– +●$/m);
});

test("the counts use the five words", () => {
  expect(summaryTable(sampleRun.plays).trimEnd().split("\n").at(-1)).toBe(
    "8 plays:  ● 3 passed   ✕ 2 failed   ◇ 1 unsupported   – 1 does not apply   ○ 1 not run",
  );
});

test("a long matrix is folded by category, but every failure keeps its row", () => {
  const { plays } = manyPlays(2000);
  const text = summaryTable(plays);
  expect(text).toMatch(/134 scenarios: 670 passed/);
  const failing = new Set(plays.filter(({ grade }) => grade === "failed").map(({ scenario }) => scenario.id));
  expect(text.match(/^active\/case-\d+ +✕/gm)).toHaveLength(failing.size);
  expect(summaryTable(plays, { all: true }).split("\n").length).toBeGreaterThan(400);
});

test("many columns get letters and a key, and still fit 80 columns", () => {
  const plays = sampleRun.plays
    .slice(0, 2)
    .flatMap((play): PlayResult[] =>
      ["core", "core-daemon", "ftp-proxy", "none"].flatMap((subject) =>
        (["inet", "inet6"] as const).flatMap((family) =>
          (["forward", "reverse"] as const).map((side) => ({ ...play, subject, family, side })),
        ),
      ),
    );
  const text = summaryTable(plays);
  expect(text).toMatch(/^p +none inet6 reverse$/m);
  for (const line of text.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(80);
});

test("a run without plays prints a sentence instead of a table", () => {
  expect(summaryTable([])).toBe("no plays\n");
});
