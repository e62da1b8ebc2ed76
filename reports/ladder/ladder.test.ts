import { createColors } from "picocolors";
import { expect, test } from "vitest";
import { answered, droppedSynPlay, hostilePlay, passivePlay, sampleRun } from "../../test/sample-run.ts";
import { anchor, connection, line, log, relayed } from "../../test/timeline-events.ts";
import type { Party } from "../model.ts";
import { terminalLadder } from "../terminal/ladder.ts";
import { textWidth } from "../text.ts";
import { type Drop, dropsOf } from "../wording.ts";
import { type LadderMetrics, layLadder } from "./layout.ts";
import { ladderRows } from "./rows.ts";

const played = (timeline: (typeof passivePlay)["timeline"]) => ladderRows({ ...passivePlay, timeline });

test("a line handed on unchanged is one row with two legs, and keeps both times", () => {
  const [row, ...rest] = played([line(1, "client", "proxy", "NOOP\\r\\n"), line(3, "proxy", "server", "NOOP\\r\\n")]);
  expect(rest).toEqual([]);
  expect(row).toMatchObject({
    kind: "message",
    text: "NOOP",
    legs: [
      { from: 0, to: 1, atMs: 1 },
      { from: 1, to: 2, atMs: 3 },
    ],
  });
});

test("a line that waits for a rule is two rows, with the rule in between", () => {
  const rows = played([
    line(1, "client", "proxy", "X\\r\\n"),
    anchor(2, [], ["pass"]),
    line(3, "proxy", "server", "X\\r\\n"),
  ]);
  expect(rows.map((row) => row.kind)).toEqual(["message", "rules", "message"]);
});

test("an echo to the sender stays a second row", () => {
  expect(played([line(1, "client", "proxy", "X\\r\\n"), line(1, "proxy", "client", "X\\r\\n")])).toHaveLength(2);
});

test("a rewritten line keeps what it replaced", () => {
  const [own, real] = ["227 Entering Passive Mode (198,51,100,7,1,2)", "227 Entering Passive Mode (198,51,100,7,3,4)"];
  expect(played([line(0, "proxy", "client", own, { insteadOf: real })])).toMatchObject([
    { text: own, insteadOf: real },
  ]);
});

test("the usual CR LF is not drawn, any other line end is", () => {
  const texts = played([line(0, "client", "proxy", "USER x\\r\\n"), line(1, "client", "proxy", "USER x\\n")]);
  expect(texts).toMatchObject([{ text: "USER x" }, { text: "USER x\\n" }]);
});

test("rules appear and vanish as the difference of two contents", () => {
  const rows = played([anchor(0, ["a", "b"], ["b", "c", "c"]), anchor(1, ["b", "c", "c"], [])]);
  expect(rows).toMatchObject([
    { appeared: ["c", "c"], vanished: ["a"], left: 3 },
    { appeared: [], vanished: ["b", "c", "c"], left: 0 },
  ]);
});

test("a connection that the kernel expects has a row, as rules have", () => {
  const rows = played([{ kind: "expectation", atMs: 1, text: "198.51.100.7 -> 198.51.100.1 port 40000" }]);
  expect(rows).toMatchObject([
    { kind: "note", tone: "expected", text: "the kernel expects 198.51.100.7 -> 198.51.100.1 port 40000" },
  ]);
});

test("a dropped packet ends at the firewall and names its rule", () => {
  const [{ atMs, packet }] = dropsOf(droppedSynPlay) as [Drop];
  expect(ladderRows(droppedSynPlay)).toContainEqual({
    kind: "drop",
    atMs,
    leg: { from: 2, to: 1, atMs },
    packet,
    cause: "dropped on em0 in by pf.conf:4: block drop log all",
    again: expect.any(Array),
  });
});

test("a packet dropped repeatedly is one row with all its times", () => {
  const drops = [30, 3030, 9030].map((atMs) => ({ ...dropsOf(droppedSynPlay)[0]!, atMs }));
  expect(played(drops)).toMatchObject([{ kind: "drop", atMs: 30, again: [3030, 9030] }]);
  expect(played([drops[0]!, line(40, "client", "server", "X"), drops[1]!])).toHaveLength(3);
});

test("failed tries of an intruder share a row; a successful one has a row alone", () => {
  const probe = {
    kind: "probe",
    atMs: 1,
    from: "a",
    to: "b",
    what: "SYN",
    result: "no answer",
    reached: false,
  } as const;
  expect(played([probe, { ...probe, to: "c" }, { ...probe, to: "d", reached: true }])).toMatchObject([
    { kind: "kept-out", tries: [{ to: "b" }, { to: "c" }] },
    { kind: "note", tone: "bad", text: "the intruder got in: a > d, SYN: no answer" },
  ]);
});

test("a packet dropped on its way out of the firewall points at the host it was meant for", () => {
  const drop = (packet: string) =>
    played([
      { kind: "drop", atMs: 0, packet, interface: "vio1", direction: "out", from: "firewall", reason: "match" },
    ])[0];
  expect(drop("tcp 198.51.100.7:20 > 10.0.0.5:40002 S")).toMatchObject({ leg: { from: 1, to: 0 } });
  expect(drop("tcp 198.51.100.7:20 > 10.0.0.50:40002 S")).not.toHaveProperty("leg");
  expect(drop("nonsense")).toMatchObject({ cause: "dropped on vio1 out by no rule (match)" });
});

test("the end of a connection is drawn from the party that hung up, sent the RST or refused", () => {
  const ended = (from: Party, to: Party, event: "half-closed" | "reset" | "refused", by: Party | "firewall") =>
    played([connection(0, "control", from, to, event, "10.0.0.5:1 -> 198.51.100.7:21", { by })])[0];
  expect(ended("client", "proxy", "half-closed", "proxy")).toMatchObject({
    leg: { from: 1, to: 0 },
    text: "the proxy hangs up",
  });
  expect(ended("proxy", "server", "half-closed", "proxy")).toMatchObject({ leg: { from: 1, to: 2 } });
  expect(ended("proxy", "server", "reset", "server")).toMatchObject({
    leg: { from: 2, to: 1 },
    text: expect.stringContaining("control reset by the server"),
  });
  expect(ended("client", "server", "refused", "firewall")).toMatchObject({ leg: { from: 1, to: 0 } });
});

test("the proxy's warnings are drawn always", () => {
  const timeline = [log(1, "#1 bad port in '227 x\\r\\n'", 2), log(2, "#1 server timeout", 5)];
  expect(played(timeline)).toMatchObject([{ kind: "note", tone: "warning", text: "#1 bad port in '227 x\\r\\n'" }]);
});

test("a 227 that passes as it was has the reason, and the option that cures it, under both legs", () => {
  const why = 'nothing was pending: "226 Done" came after PASV';
  const [first, second] = relayed(0, "server", "227 (1,2,3,4,5,6)\\r\\n");
  const rows = played([{ ...first!, why, cure: "--match-replies" } as typeof first & object, second!]);
  expect(rows).toMatchObject([
    { legs: [{}, {}], why: `not rewritten: ${why} (anchorage-ftp-proxy --match-replies rewrites it)` },
  ]);
});

test("log, steps and states are drawn only when asked for; a failed step always", () => {
  const notes = (options: Parameters<typeof ladderRows>[1]) =>
    ladderRows(passivePlay, options).flatMap((row) => (row.kind === "note" ? [row.tone] : []));
  expect(notes({})).toEqual([]);
  expect(notes({ log: true, steps: true, states: true })).toEqual(expect.arrayContaining(["log", "step", "state"]));
  const step = { kind: "step", atMs: 1, who: "client", text: "expects 226", ok: false } as const;
  expect(played([step])).toMatchObject([{ tone: "bad", text: "client expects 226" }]);
});

test("findings are shown where they happened", () => {
  const findings = [{ kind: "invariant", message: "ftp-proxy/4711.1 still holds 2 rules", atMs: 5.5 }] as const;
  const rows = ladderRows({ ...passivePlay, findings });
  expect(rows).toContainEqual(expect.objectContaining({ kind: "note", tone: "bad", atMs: 5.5 }));
  expect(rows.map((row) => row.atMs)).toEqual(rows.map((row) => row.atMs).sort((a, b) => a - b));
});

test("lines of two sessions carry the session number", () => {
  const rows = played([...relayed(0, "client", "A\\r\\n"), line(1, "client", "proxy", "B\\r\\n", { session: 2 })]);
  expect(rows).toMatchObject([{ text: "#1 A" }, { text: "#2 B" }]);
});

test("no text of a row can move a cursor or turn the reading direction", () => {
  const text = JSON.stringify(ladderRows(hostilePlay, { log: true, steps: true, states: true }));
  expect(text).not.toMatch(/\\u00|\u202e/);
});

const between: LadderMetrics = { width: 80, timeWidth: 8, panelWidth: 0, inset: 4, arrowBelow: 0, rowGap: 0 };
const beside: LadderMetrics = { ...between, width: 170, panelWidth: 60, arrowBelow: 0.5, rowGap: 0.5 };

for (const [name, metrics] of Object.entries({ between, beside })) {
  const laid = layLadder(passivePlay, { log: true }, () => metrics);

  test(`rules ${name}: no two texts overlap`, () => {
    const taken = new Set<string>();
    for (const { x, y, text } of laid.rows.flatMap(({ texts }) => texts)) {
      for (let at = x; at < x + textWidth(text); at++) {
        // Texts may lie half a line apart in the drawing; only the box of one text counts.
        expect(taken.has(`${at},${y}`), `${text} at ${at},${y}`).toBe(false);
        taken.add(`${at},${y}`);
      }
    }
  });

  test(`rules ${name}: time runs downwards`, () => {
    const ys = laid.rows.map(({ y }) => y);
    expect(ys).toEqual([...ys].sort((a, b) => a - b));
  });

  test(`rules ${name}: the bar of open rules runs from the load to the removal`, () => {
    const changes = laid.rows.filter(({ row }) => row.kind === "rules");
    expect(laid.open).toEqual([{ fromY: changes[0]!.y + 0.5, toY: changes.at(-1)!.y + 0.5 }]);
  });
}

test("rules that are never removed stay open to the end", () => {
  const laid = layLadder({ ...passivePlay, timeline: [anchor(0, [], ["pass"])] }, {}, () => between);
  expect(laid.open.map(({ toY }) => toY)).toEqual([laid.height]);
});

const everything = { log: true, steps: true, states: true };
/** The words alone, without line breaks and lifelines. */
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
  expect(text).toMatch(/^ +│── USER anonymous ─+▶│─+▶│$/m);
  expect(text).toMatch(/^ 0\.\d{3} +│◀─+│◀─ 230 .*─+│$/m);
});

test("rules appear (+) before the 227 goes on and vanish (−) at the end", () => {
  const text = words(terminalLadder(passivePlay));
  const loaded = text.indexOf("+ pass in quick");
  const sent = text.lastIndexOf("227 Entering Passive Mode", text.indexOf("RETR"));
  const removed = text.indexOf("− pass in quick");
  expect([loaded, sent, removed].every((at) => at > 0)).toBe(true);
  expect(loaded).toBeLessThan(sent);
  expect(sent).toBeLessThan(removed);
});

test("a rewritten line shows what it replaced, a dropped SYN the rule that dropped it", () => {
  expect(words(terminalLadder(droppedSynPlay))).toContain("was PORT 10,0,0,5,");
  const text = terminalLadder(droppedSynPlay, { width: 140 });
  expect(words(text)).toContain(dropsOf(droppedSynPlay)[0]!.packet);
  expect(words(text)).toContain("dropped on em0 in by pf.conf:4: block drop log all");
  expect(text).toContain("✕");
});

test("the data connection is drawn thick, with bytes and checksum", () => {
  const text = words(terminalLadder(passivePlay));
  expect(text).toMatch(/data opened 10\.0\.0\.5:\d+ → 198\.51\.100\.7:\d+/);
  expect(terminalLadder(passivePlay)).toMatch(/━━+▶│$/m);
  expect(text).toMatch(/\d+ bytes · sha256 [0-9a-f]{12}/);
});

test("with no proxy the middle is the firewall, and lines run past it", () => {
  const play = sampleRun.plays.find(({ subject, grade }) => subject === "none" && grade === "passed");
  const text = terminalLadder(play!);
  expect(text.split("\n")[0]?.trim().split(/ +/)).toEqual(["client", "firewall", "server"]);
});

test("the output has no escapes without colour, and only the colours with it", () => {
  expect(terminalLadder(hostilePlay, everything)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  const colored = terminalLadder(hostilePlay, { ...everything, colors: createColors(true) });
  expect(colored.replaceAll(/\u001b\[\d+m/g, "")).not.toContain("\u001b");
});

test("the whole ladder says why FTP broke, right after the line where it did", () => {
  const reply = "227 Entering passive mode. 198,51,100,7,195,81";
  const play = answered(
    { ...passivePlay, timeline: [...relayed(1, "client", "PASV\\r\\n"), line(2, "server", "proxy", `${reply}\\r\\n`)] },
    { verdict: "fails", by: "proxy", line: reply, reason: "the proxy hung up; its log: bad port", notice: "closed" },
  );
  const lines = terminalLadder(play, { width: 100 }).split("\n");
  const at = lines.findIndex((one) => one.includes("198,51,100,7,195,81"));
  expect(lines[at + 1]).toContain("✕ FTP breaks here: the proxy hung up. The user sees: closed");
  expect(terminalLadder(play, { width: 100, excerpt: true })).not.toContain("FTP breaks here");
});
