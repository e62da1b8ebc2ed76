/** The letter of a negotiation: ftp-proxy's words, and its two rules. */

import { describe, expect, test } from "vitest";
import type { AnchorChange, ObservedLine } from "../observation/timeline.ts";
import { activeRules, passiveRules, type RuleSetting } from "./expected-rules.ts";
import { negotiationDifferences } from "./negotiations.ts";

const setting: RuleSetting = {
  era: "divert-to",
  family: "inet",
  proxyArgs: [],
  roles: {
    client: "10.0.0.5",
    dialled: { address: "198.51.100.7", port: 21 },
    server: "198.51.100.7",
    proxy: "198.51.100.1",
  },
};
const passive = passiveRules(setting, { proxyPort: 50_000, serverPort: 40_000 });
const active = activeRules(setting, { proxyPort: 50_000, clientPort: 40_000 });

/** One line of the proxy's, sent after these rules were loaded. */
function differencesOf(towards: "client" | "server", text: string, rules: readonly string[], insteadOf = "as it was") {
  const line: ObservedLine = {
    ...{ leg: towards, towards, text: `${text}\r\n`, insteadOf, opaque: false },
    ...{ atMs: 1, session: 1, changesBefore: 1 },
  };
  const change: AnchorChange = { atMs: 0, anchor: "1.1", before: [], rules };
  const timeline = { lines: [line], anchorChanges: [change], since: (atMs: number) => atMs };
  return negotiationDifferences(timeline, setting).map(({ about, expected }) => [about, expected]);
}

describe("a rewritten line", () => {
  test.each([
    ["client", "227 Entering Passive Mode (198,51,100,7,195,80)", passive],
    ["client", "229 Entering Extended Passive Mode (|||50000|)", passive],
    ["server", "PORT 198,51,100,1,195,80", active],
    ["server", "EPRT |1|198.51.100.1|50000|", active],
  ] as const)("to the %s keeps the letter: %s", (towards, text, rules) => {
    expect(differencesOf(towards, text, rules)).toEqual([]);
  });

  test.each([
    ["client", "227 Entering Passive Mode. (198,51,100,7,195,80)", "227 Entering Passive Mode (198,51,100,7,195,80)"],
    ["client", "227 Entering Passive Mode (10,0,0,5,195,80)", "227 Entering Passive Mode (198,51,100,7,195,80)"],
    ["client", "229 Entering Extended Passive Mode (|1||50000|)", "229 Entering Extended Passive Mode (|||50000|)"],
    ["server", "PORT 10,0,0,5,195,80", "PORT 198,51,100,1,195,80"],
    ["server", "EPRT |2|198.51.100.1|50000|", "EPRT |1|198.51.100.1|50000|"],
  ] as const)("to the %s in other words differs: %s", (towards, text, expected) => {
    const rules = towards === "client" ? passive : active;
    expect(differencesOf(towards, text, rules)).toContainEqual(["dialogue", expected]);
  });

  test("with other rules differs, whichever rule it is", () => {
    for (const [index, rule] of passive.entries()) {
      const changed = passive.with(index, rule.replace("(max 1)", "(max 2)"));
      expect(differencesOf("client", "227 Entering Passive Mode (198,51,100,7,195,80)", changed)).toEqual([
        ["rules", passive.join("\n")],
      ]);
    }
    const third = [...passive, passive[0] ?? ""];
    expect(differencesOf("client", "227 Entering Passive Mode (198,51,100,7,195,80)", third)).toHaveLength(1);
  });
});

test("lines that the proxy passes on are none of its words", () => {
  expect(differencesOf("client", "226 Done", passive)).toEqual([]);
  expect(differencesOf("server", "227 is what a client would not say", passive)).toEqual([]);
});
