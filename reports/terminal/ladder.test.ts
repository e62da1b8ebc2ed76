import { createColors } from "picocolors";
import { expect, test } from "vitest";
import { hostilePlay } from "../sample/hostile-play.ts";
import { sampleRun } from "../sample/sample-run.ts";
import { droppedSynPlay, passivePlay } from "../sample/transfer-plays.ts";
import { textWidth } from "../text-width.ts";
import { terminalLadder } from "./ladder.ts";

const everything = { log: true, steps: true, states: true };
/** What a reader reads, whatever the line breaks: only words. */
const words = (text: string): string => text.replaceAll(/[│┃─━╌╍▶◀\s]+/g, " ");

for (const width of [60, 80, 120, 200]) {
  test(`at ${width} columns no line is wider, in any play`, () => {
    for (const play of sampleRun.plays) {
      for (const line of terminalLadder(play, { width, ...everything }).split("\n")) {
        expect(textWidth(line), line).toBeLessThanOrEqual(width);
      }
    }
  });
}

test("three lifelines, both dialogues, virtual times", () => {
  const text = terminalLadder(passivePlay);
  const [heads] = text.split("\n");
  expect(heads?.trim().split(/ +/)).toEqual(["client", "proxy", "server"]);
  expect(text).toMatch(/0\.007 +│── USER anonymous ─+▶│─+▶│/);
  expect(text).toMatch(/0\.005 +│◀─+│◀─ 220 ftp\.example\.org ready ─+│/);
});

test("rules appear (+) before the 227 goes on and vanish (−) at the end", () => {
  const text = words(terminalLadder(passivePlay));
  const loaded = text.indexOf("+ pass in quick");
  const told = text.indexOf("(198,51,100,7,235,238)");
  const removed = text.indexOf("− pass in quick");
  expect([loaded, told, removed].every((at) => at > 0)).toBe(true);
  expect(loaded).toBeLessThan(told);
  expect(told).toBeLessThan(removed);
});

test("the rewritten line stands with what it replaced", () => {
  expect(words(terminalLadder(droppedSynPlay))).toContain("was PORT 10,0,0,5,156,66");
});

test("a dropped SYN is named with the rule that dropped it", () => {
  const text = terminalLadder(droppedSynPlay, { width: 140 });
  expect(words(text)).toContain("tcp 198.51.100.7:20 > 198.51.100.1:49999 S");
  expect(words(text)).toContain("dropped on vio2 in by pf.conf:4: block drop log all");
  expect(text).toContain("✕");
});

test("the data connection is drawn thick, with bytes and checksum", () => {
  const text = terminalLadder(passivePlay);
  expect(text).toMatch(/━━ data opened 10\.0\.0\.5:40001 → 198\.51\.100\.7:60398 ━+▶/);
  expect(words(text)).toContain("70000 bytes · sha256 9f86d081884c");
});

test("log lines are there when asked for", () => {
  expect(words(terminalLadder(passivePlay))).not.toContain("#1 passive:");
  expect(words(terminalLadder(passivePlay, { log: true }))).toContain("» #1 passive:");
});

test("with no proxy the middle is the firewall, and lines run past it", () => {
  const play = sampleRun.plays.find(({ subject, grade }) => subject === "none" && grade === "passed");
  const text = terminalLadder(play!);
  expect(text.split("\n")[0]?.trim().split(/ +/)).toEqual(["client", "firewall", "server"]);
});

test("without colour there is no escape at all; with colour only ours", () => {
  expect(terminalLadder(hostilePlay, everything)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  const colored = terminalLadder(hostilePlay, { ...everything, colors: createColors(true) });
  expect(colored.replaceAll(/\u001b\[\d+m/g, "")).not.toContain("\u001b");
});
