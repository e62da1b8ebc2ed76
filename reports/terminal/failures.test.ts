import { expect, test } from "vitest";
import { sampleRun } from "../sample/sample-run.ts";
import { droppedSynPlay, passivePlay } from "../sample/transfer-plays.ts";
import { failureReport } from "./failures.ts";

test("a failure tells reason, expected, actual, packet, rule, and how to repeat it on one line", () => {
  const text = failureReport([passivePlay, droppedSynPlay]);
  expect(text).toMatch(/^✕ active\/port@core,sim,inet,forward$/m);
  expect(text).toMatch(/reason +the server's data connection got no answer/);
  expect(text).toMatch(/expected +226 after 150, and 70000 bytes at the client/);
  expect(text).toMatch(/actual +425 Can't open data connection/);
  expect(text).toMatch(/dropped +tcp 198\.51\.100\.7:20 > 198\.51\.100\.1:49999 S on vio2 in at 0\.030/);
  expect(text).toMatch(/by rule +pf\.conf:4: block drop log all/);
  expect(text).toContain(`${droppedSynPlay.repeat}\n`);
  expect(text).not.toContain("passive/pasv");
});

test("what a program said stands line by line, and its command line with it", () => {
  const output = ["< 220 ready", "> PASV", "x".repeat(500)].join("\r\n");
  const client = { part: "client", name: "mine", version: "1.4", command: "./mine {host}", output } as const;
  const text = failureReport([{ ...droppedSynPlay, players: [client] }]);
  expect(text).toMatch(/^ {2}client {6}\.\/mine \{host\}$/m);
  expect(text).toMatch(/^ {2}client said < 220 ready\n {14}> PASV\n {14}x+…?$/m);
  expect(text).not.toContain("x".repeat(201));
});

test("nothing failed, nothing told", () => {
  expect(failureReport([passivePlay])).toBe("");
});

test("hostile text cannot reach the terminal as more than text", () => {
  expect(failureReport(sampleRun.plays)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
});
