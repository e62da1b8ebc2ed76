/** A play's ladder says why it broke: who hung up, what the proxy logged. Plays of the simulator, as a person sees them. */

import { expect, test } from "vitest";
import { ownChoice, playCells } from "../harness/run/play-catalogue.fixture.ts";
import { type Filters, select } from "../harness/run/selection.ts";
import type { PlayResult } from "../reports/model.ts";
import { terminalLadder } from "../reports/terminal/ladder.ts";

const choice = await ownChoice();

async function played(id: string, filters: Filters = {}): Promise<PlayResult> {
  const one = { subjects: ["core"], families: ["inet"], sides: ["forward"], ...filters } as const;
  const { plays } = await playCells(select(choice, { ...one, ids: [id] }, 1));
  return plays[0]!;
}

/** The words alone, without line breaks and lifelines. */
const ladder = (play: PlayResult): string => terminalLadder(play, { width: 200 }).replaceAll(/[│┃─━╌╍▶◀\s]+/g, " ");

const ends = ({ timeline }: PlayResult) =>
  timeline.flatMap((event) =>
    event.kind === "connection" && event.by !== undefined ? [[event.channel, event.event, event.by]] : [],
  );

test("a 227 that the proxy refuses: its log line, and the proxy hangs up on both peers", async () => {
  const play = await played("servers/pasv-227-no-parens");
  expect(ends(play)).toEqual([
    ["control", "half-closed", "proxy"],
    ["control", "half-closed", "proxy"],
    ["control", "closed", "proxy"],
    ["control", "closed", "proxy"],
  ]);
  expect(ladder(play)).toMatch(/» #1 bad port in '227 Entering passive mode.* the proxy hangs up/);
});

test("a server that closes after QUIT hangs up on the proxy, and the proxy on the client", async () => {
  expect(ends(await played("passive/pasv")).filter(([, event]) => event === "half-closed")).toEqual([
    ["data", "half-closed", "server"],
    ["data", "half-closed", "client"],
    ["control", "half-closed", "server"],
    ["control", "half-closed", "proxy"],
  ]);
});

test("a 229 that passes unrewritten: why nothing was pending, and the option that cures it", async () => {
  const play = await played("clients/pipelined-type-pasv");
  expect(ladder(play)).toContain(
    'not rewritten: nothing was pending: "200 Type set" came after PASV, and only the very next reply is looked at (anchorage-ftp-proxy --match-replies rewrites it)',
  );
  expect(play.service?.reason).toMatch(
    /dropped the client's data connection .*; the 227 was not rewritten: nothing was/,
  );
  const cured = await played("extensions/match-replies");
  expect(ladder(cured)).not.toContain("not rewritten");
});

const withPfConf = async (id: string, subject: string, pfConf: string): Promise<PlayResult> => {
  const one = { subjects: [subject], families: ["inet"], sides: ["forward"], ids: [id] } as const;
  const [planned] = select(choice, one, 1);
  const { plays } = await playCells([{ ...planned!, cell: { ...planned!.cell, pfConf } }]);
  return plays[0]!;
};

test("`block return` refuses in the server's name, and is named", async () => {
  const pfConf = "set skip on lo\nblock return\npass in quick proto tcp to port ftp\npass out on em0 nat-to (em0:0)\n";
  const play = await withPfConf("extensions/match-replies", "none", pfConf);
  expect(ends(play)).toContainEqual(["data", "refused", "firewall"]);
});

const PROXIED = [
  'anchor "ftp-proxy/*"',
  "block log all",
  "pass in quick on em1 inet proto tcp to port ftp divert-to 127.0.0.1 port 8021",
];

test("a packet that is routed to a gateway that is not there: the gateway, and the rule", async () => {
  const route = "pass out on em0 inet proto tcp from (em0) to port ftp route-to 198.51.100.254";
  const play = await withPfConf("passive/pasv", "core", [...PROXIED, route, ""].join("\n"));
  expect(ladder(play)).toMatch(
    /tcp 198\.51\.100\.1:\d+ > 198\.51\.100\.7:21 S ✕ lost on em0 out: no host has the address 198\.51\.100\.254, where it is routed by pf\.conf:4: pass out on em0 .* route-to 198\.51\.100\.254; 2 times more/,
  );
  expect(play.service).toMatchObject({ verdict: "fails", by: "firewall", rule: { line: 4 } });
});

test("a packet of a state that timed out: how long ago, and by which timeout", async () => {
  const pass = "pass out on em0 inet proto tcp from (em0) to port ftp";
  const timeout = "set timeout { tcp.established 300, interval 10 }";
  const play = await withPfConf("timing/idle-24-hours", "core", [timeout, ...PROXIED, pass, ""].join("\n"));
  expect(ladder(play)).toMatch(
    /dropped on em[01] in by pf\.conf:3: block drop log all; its state timed out \d+ (min|h) ago \(tcp\.established 300\)/,
  );
});
