import { describe, expect, test } from "vitest";
import { pairingMarkup } from "./html/pairing-markup.ts";
import { matrixMarkdown } from "./markdown.ts";
import type { Grade, PlayResult } from "./model.ts";
import { pairingsOf } from "./pairings.ts";
import { sampleRun } from "./sample/sample-run.ts";
import { passivePlay } from "./sample/transfer-plays.ts";
import { pairingTable } from "./terminal/pairing-table.ts";

function pair(client: string, server: string, grade: Grade, version?: string): PlayResult {
  const { scenario } = passivePlay;
  const id = `programs/${client}/${server}`;
  const of = version === undefined ? {} : { version };
  const players = [
    { part: "client", name: client, ...of },
    { part: "server", name: server, ...of },
  ] as const;
  return { ...passivePlay, id, scenario: { ...scenario, id, category: "programs" }, players, grade };
}

const plays = [
  pair("curl", "vsftpd", "does-not-apply"),
  pair("curl", "vsftpd", "passed", "7.88.1"),
  pair("curl", "vsftpd", "passed", "7.88.1"),
  pair("curl", "<b>", "unsupported"),
  pair("lftp", "vsftpd", "failed", "4.9.2"),
  pair("lftp", "vsftpd", "passed", "4.9.2"),
];

describe("clients × servers", () => {
  const { clients, servers, cellOf } = pairingsOf(plays);
  const cell = (client: number, server: number) =>
    cellOf(clients[client] ?? { name: "" }, servers[server] ?? { name: "" });

  test("a version is known as soon as one play knows it", () => {
    expect(clients).toEqual([
      { name: "curl", version: "7.88.1" },
      { name: "lftp", version: "4.9.2" },
    ]);
    expect(servers.map(({ name }) => name)).toEqual(["vsftpd", "<b>"]);
  });

  test("the worst grade stands for a pair, and what has no meaning is not counted", () => {
    expect(cell(0, 0)).toEqual({ grade: "passed", passed: 2, of: 2 });
    expect(cell(1, 0)).toEqual({ grade: "failed", passed: 1, of: 2 });
    expect(cell(0, 1)).toEqual({ grade: "unsupported", passed: 0, of: 1 });
    expect(cell(1, 1)).toBeUndefined();
  });

  test("the terminal has a line for each client", () => {
    const lines = pairingTable(plays).split("\n");
    expect(lines[0]).toMatch(/^real programs +vsftpd +<b>$/);
    expect(lines[2]).toMatch(/^curl 7\.88\.1 +● 2 +\S 0\/1$/);
    expect(lines[3]).toMatch(/^lftp 4\.9\.2 +✕ 1\/2$/);
  });

  test("the page and the Markdown have it too, and no text of theirs is markup", () => {
    expect(pairingMarkup(plays)?.text).toContain("&#60;b&#62;");
    expect(pairingMarkup(plays)?.text).toContain("curl <span>7.88.1</span>");
    expect(matrixMarkdown({ ...sampleRun, plays })).toContain("| lftp 4.9.2 | ❌ 1/2 |");
  });
});

test("a run without programs has no such table", () => {
  expect(pairingTable(sampleRun.plays)).toBe("");
  expect(pairingMarkup(sampleRun.plays)).toBeUndefined();
});
