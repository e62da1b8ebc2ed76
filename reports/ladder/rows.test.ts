import { expect, test } from "vitest";
import { dropsOf } from "../play-summary.ts";
import { anchor, line, play, relayed } from "../sample/events.ts";
import { hostilePlay } from "../sample/hostile-play.ts";
import { droppedSynPlay, passivePlay } from "../sample/transfer-plays.ts";
import { ladderRows } from "./rows.ts";

const { scenario } = passivePlay;
const played = (timeline: (typeof passivePlay)["timeline"]) =>
  ladderRows(play({ scenario, grade: "passed", outcome: "", expected: "", timeline }));

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

test("an echo back to where it came from is no handing on", () => {
  expect(played([line(1, "client", "proxy", "X\\r\\n"), line(1, "proxy", "client", "X\\r\\n")])).toHaveLength(2);
});

test("a rewritten line keeps what it replaced", () => {
  expect(ladderRows(passivePlay)).toContainEqual(
    expect.objectContaining({
      text: "227 Entering Passive Mode (198,51,100,7,235,238)",
      insteadOf: "227 Entering Passive Mode (198,51,100,7,197,123)",
    }),
  );
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

test("what the kernel expects stands where rules would", () => {
  const rows = played([{ kind: "expectation", atMs: 1, text: "198.51.100.7 -> 198.51.100.1 port 40000" }]);
  expect(rows).toMatchObject([
    { kind: "note", tone: "expected", text: "the kernel expects 198.51.100.7 -> 198.51.100.1 port 40000" },
  ]);
});

test("a dropped packet ends at the firewall and names its rule", () => {
  expect(ladderRows(droppedSynPlay)).toContainEqual({
    kind: "drop",
    atMs: 30,
    leg: { from: 2, to: 1, atMs: 30 },
    packet: "tcp 198.51.100.7:20 > 198.51.100.1:49999 S",
    cause: "dropped on vio2 in by pf.conf:4: block drop log all",
    again: [],
  });
});

test("a packet dropped again and again is one row, which knows when", () => {
  const drops = [30, 3030, 9030].map((atMs) => ({ ...dropsOf(droppedSynPlay)[0]!, atMs }));
  expect(played(drops)).toMatchObject([{ kind: "drop", atMs: 30, again: [3030, 9030] }]);
  expect(played([drops[0]!, line(40, "client", "server", "X"), drops[1]!])).toHaveLength(3);
});

test("tries of an intruder who stays outside are one row; one who gets in is told by itself", () => {
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

test("log, steps and states are drawn only when asked for; a failed step always", () => {
  const notes = (options: Parameters<typeof ladderRows>[1]) =>
    ladderRows(passivePlay, options).flatMap((row) => (row.kind === "note" ? [row.tone] : []));
  expect(notes({})).toEqual([]);
  expect(notes({ log: true, steps: true, states: true })).toEqual(expect.arrayContaining(["log", "step", "state"]));
  expect(ladderRows(droppedSynPlay)).toContainEqual(
    expect.objectContaining({ tone: "bad", text: "client expects 226" }),
  );
});

test("findings stand where they happened", () => {
  const rows = ladderRows(droppedSynPlay);
  const last = rows.at(-1);
  expect(last).toMatchObject({ kind: "note", tone: "bad", atMs: 75_040 });
  expect(rows.map((row) => row.atMs)).toEqual(rows.map((row) => row.atMs).sort((a, b) => a - b));
});

test("lines of a second session are told apart", () => {
  const rows = played([...relayed(0, "client", "A\\r\\n"), line(1, "client", "proxy", "B\\r\\n", { session: 2 })]);
  expect(rows).toMatchObject([{ text: "#1 A" }, { text: "#2 B" }]);
});

test("no text of a row can move a cursor or turn the reading direction", () => {
  const text = JSON.stringify(ladderRows(hostilePlay, { log: true, steps: true, states: true }));
  expect(text).not.toMatch(/\\u00|\u202e/);
});
