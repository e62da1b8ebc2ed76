import { expect, test } from "vitest";
import { sampleRun } from "../sample/sample-run.ts";
import { Progress } from "./progress.ts";

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

test("in a log each play is one plain line that begins with its grade's word", () => {
  const lines = watch(false).trimEnd().split("\n");
  expect(lines).toHaveLength(sampleRun.plays.length);
  expect(lines[0]).toBe("passed          passive/pasv@core,sim,inet,forward");
  expect(lines[1]).toMatch(/^failed {10}active\/port@core.* dropped by pf\.conf:4: block drop log all$/);
  expect(lines.join("")).not.toContain("\u001b");
});

test("on a terminal one line is rewritten, and only failures stay", () => {
  const written = watch(true);
  const standing = written.split("\n").map((line) => line.split("\u001b[2K").at(-1));
  expect(standing).toHaveLength(3); // two failures, and the live line, which is taken away at the end
  expect(standing[0]).toMatch(/^✕ active\/port@core/);
  expect(standing.at(-1)).toBe("");
});

test("no line on a terminal is as wide as the terminal", () => {
  for (const line of watch(true).split(/\r\u001b\[2K|\n/)) expect(line.length).toBeLessThan(80);
});

test.each([true, false])("a note stays on a line of its own, on a terminal or not (%s)", (isTTY) => {
  let written = "";
  const progress = new Progress({ isTTY, columns: 80, write: (text) => (written += text) }, 2);
  progress.started("passive/pasv@core,netns,inet,forward");
  progress.noted("netns: server: ip ended by SIGKILL, between two plays");
  progress.end();
  const standing = written.split("\n").map((line) => line.split("\u001b[2K").at(-1));
  expect(standing).toEqual(["netns: server: ip ended by SIGKILL, between two plays", ""]);
});
