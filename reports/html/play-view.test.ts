import { expect, test } from "vitest";
import { hostilePlay } from "../sample/hostile-play.ts";
import { sampleRun } from "../sample/sample-run.ts";
import { droppedSynPlay, passivePlay } from "../sample/transfer-plays.ts";
import { ladderDrawing } from "./ladder-drawing.ts";
import { playView } from "./play-view.ts";

/** The text a reader sees: tags gone, character references resolved. */
const read = (text: string): string =>
  text
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replaceAll(/\s+/g, " ");

test("a failed play tells outcome, expectation, dropped packet, rule, and how to repeat it", () => {
  const text = read(playView(droppedSynPlay).text);
  expect(text).toContain("Expected completed");
  expect(text).toContain("Outcome the server's data connection got no answer");
  expect(text).toContain("tcp 198.51.100.7:20 > 198.51.100.1:49999 S on vio2 in at 0.030");
  expect(text).toContain("Dropped by pf.conf:4: block drop log all");
  expect(text).toContain(droppedSynPlay.repeat);
});

test("a finding sets expected and actual side by side", () => {
  const { text } = playView(droppedSynPlay);
  expect(text).toMatch(/class="sides"><div><h4>Expected<\/h4><pre>226 after 150.*<h4>Actual<\/h4><pre>425 /);
});

test("the line of pf.conf that dropped a packet is marked, and only that one", () => {
  const marks = [...playView(droppedSynPlay).text.matchAll(/<mark[^>]*>([^<]*)<\/mark>/g)].map(([, line]) => line);
  expect(marks).toEqual(["block log all"]);
});

test("everything the run kept has its place", () => {
  const text = read(playView(passivePlay).text);
  for (const name of ["Ladder", "What holds in every play", "Dialogue", "Connections", "Anchor timeline"])
    expect(text).toContain(name);
  for (const name of ["Intruder", "Steps", "States", "Log", "pf.conf", "About this play"]) expect(text).toContain(name);
});

test("a play that was not played has no ladder and says why", () => {
  const play = sampleRun.plays.find(({ grade }) => grade === "does-not-apply");
  const { text } = playView(play!);
  expect(text).not.toContain("canvas");
  expect(read(text)).toContain("PASV has no form for inet6 (RFC 2428)");
});

test("a capture is linked only where it lies beside the report", () => {
  const linked = (capture: string) => playView({ ...passivePlay, capture }).text.includes("<a href=");
  expect(linked("captures/x.pcapng")).toBe(true);
  expect(linked("javascript:alert(1)")).toBe(false);
  expect(linked("/etc/passwd")).toBe(false);
  expect(linked("//192.0.2.1/x")).toBe(false);
});

test("the drawing has an arrow for a line, a cross for a dropped packet, a bar for open rules", () => {
  const { text } = ladderDrawing(droppedSynPlay, { cells: 160 });
  expect(text).toMatch(/class="point plain"/);
  expect(text).toMatch(/class="cross bad"/);
  expect(text).toMatch(/<rect class="open"/);
  expect(read(text)).toContain("block drop log all");
  expect(ladderDrawing(passivePlay, { cells: 160 }).text).toMatch(/class="arrow thick data"/);
});

test("hostile text brings no element, no attribute and no style into view or drawing", () => {
  const options = { cells: 100, log: true, steps: true, states: true };
  for (const { text } of [playView(hostilePlay), ladderDrawing(hostilePlay, options)]) {
    expect(text).not.toMatch(/<(script|img|b>|a href="javascript)/i);
    expect(text).not.toMatch(/<[^>]*\son\w+=/i);
    expect(text).not.toMatch(/<[^>]*\sstyle=/i);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  }
});

test("what a program of a failed play has said stands line by line", () => {
  const client = { part: "client", name: "mine", output: "Traceback:\n  <module>\nfailed" } as const;
  expect(playView({ ...droppedSynPlay, players: [client] }).text).toMatch(
    /mine said<\/h3>\n<pre>Traceback:\n {2}&#60;module&#62;\nfailed\n<\/pre>/,
  );
});
