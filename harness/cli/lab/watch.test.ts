import { describe, expect, test } from "vitest";
import { plainColors } from "../../../reports/terminal/output.ts";
import type { RunningLab } from "../../labs/netns/daemon/running-lab.ts";
import type { Snapshot } from "../../labs/netns/daemon/snapshot.ts";
import { shares, watchScreen } from "./watch.ts";

const host = { namespace: "anchorage-1-forward-client", pid: 2, addresses: ["10.0.0.5"] };
const lab: RunningLab = {
  name: "lab",
  pid: 1,
  path: "/run/anchorage/lab",
  since: 1_000,
  side: "forward",
  era: "divert-to",
  subject: "core-daemon",
  commands: [],
  server: "ftp-srv",
  account: "",
  dialled: ["198.51.100.7"],
  pfConf: "/run/anchorage/lab/pf.conf",
  hosts: { client: host, firewall: host, server: host, "inside-intruder": host, "outside-intruder": host },
};
const snapshot: Snapshot = {
  atMs: 3_724_000,
  sessions: [
    {
      client: "10.0.0.5:40000",
      dialled: "198.51.100.7:21",
      sinceMs: 3_720_000,
      state: "open",
      user: "a\x1b[31mb",
      command: "PASV",
      reply: "227 …",
    },
  ],
  sessionCount: 4,
  anchors: { "ftp-proxy/4711.4": ["pass in quick …", "pass out quick …"] },
  states: Array.from({ length: 40 }, (_, place) => `all tcp ${place} FIN_WAIT_2:FIN_WAIT_2`).concat(
    "all tcp last ESTABLISHED:ESTABLISHED",
  ),
  log: [{ atMs: 0, level: 6, text: "#4 client close" }],
};
const draw = (rows: number, width = 100) => watchScreen(lab, snapshot, { rows, width, colors: plainColors });

describe("the screen of lab watch", () => {
  test("shows sessions, anchors, states and the log", () => {
    const text = draw(1_000).join("\n");
    expect(text).toContain("lab: forward, divert-to, core-daemon, server ftp-srv   up 1:02:03   4 control connections");
    expect(text).toMatch(/10\.0\.0\.5:40000 +a\\x1b\[31mb +198\.51\.100\.7:21 +0:00:04 +PASV → 227 …/);
    expect(text).toContain("ftp-proxy/4711.4\n  pass in quick …\n  pass out quick …");
    expect(text).toContain("00:00:00.000 #4 client close");
  });

  test("is never longer or wider than the terminal, and counts what does not fit", () => {
    for (const rows of [24, 30, 50]) {
      const lines = draw(rows, 60);
      expect(lines.length).toBeLessThanOrEqual(rows);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
    }
    expect(draw(24).join("\n")).toMatch(/… \d+ more/);
  });

  test("shows states of live connections before those of closed ones", () => {
    expect(draw(24).join("\n")).toContain("all tcp last ESTABLISHED");
  });
});

test("the longest sections are cut first, down to two lines", () => {
  expect(shares([1, 2, 3], 10)).toEqual([1, 2, 3]);
  expect(shares([1, 40, 10], 15)).toEqual([1, 7, 7]);
  expect(shares([9, 9], 0)).toEqual([2, 2]);
});
