/**
 * Three subjects beside each other: Linux's conntrack, which reads FTP in the packets that it forwards; the core, which
 * reads the stream; and none.
 */

import { beforeAll, describe, expect, test } from "vitest";
import type { PlayResult } from "../../../reports/model.ts";
import { ownChoice, playCatalogue, playCells } from "../../run/play-catalogue.fixture.ts";
import { select } from "../../run/selection.ts";
import netns from "../netns.ts";

const missing = (await netns.unavailable()) ?? netns.lacks("kernel-forwarding");

const PROGRAMS = ["programs/curl/vsftpd-active", "programs/curl/vsftpd-passive"];
const HELPER_MISSING = "firewall/conntrack-helper-missing";
const SPLIT = ["clients/port-split-segments", "servers/pasv-227-split-segments"];

/** All plays of these tests, in one run. */
async function playAll(): Promise<readonly PlayResult[]> {
  const where = { families: ["inet"], sides: ["forward"] } as const;
  const compared = ["active/port", "passive/pasv", ...SPLIT];
  const { plays } = await playCatalogue(
    [netns],
    { ids: compared, subjects: ["core", "conntrack", "none"], ...where },
    { ids: [HELPER_MISSING, ...PROGRAMS], subjects: ["conntrack"], ...where },
  );
  return plays;
}

const wrong = (plays: readonly PlayResult[]): string[] =>
  plays.filter(({ grade }) => grade !== "passed").map(({ id, grade, reason }) => `${id}: ${grade}: ${reason}`);

/** The end of a scenario with each subject. */
const outcomes = (plays: readonly PlayResult[], id: string): Record<string, string> =>
  Object.fromEntries(
    plays.filter(({ scenario }) => scenario.id === id).map(({ subject, outcome }) => [subject, outcome]),
  );

describe.skipIf(missing !== undefined)(`conntrack${missing === undefined ? "" : `: not run, ${missing}`}`, () => {
  let all: readonly PlayResult[];
  const playsOf = (...ids: readonly string[]) => all.filter(({ scenario }) => ids.includes(scenario.id));
  beforeAll(async () => {
    all = await playAll();
  }, 120_000);

  test("carries both modes, as the core does; without either no data connection opens", () => {
    const plays = playsOf("active/port", "passive/pasv");
    expect(wrong(plays)).toEqual([]);
    expect(outcomes(plays, "active/port")).toEqual({
      core: "works",
      conntrack: "works",
      none: expect.stringMatching(/^fails at PORT, by address translation/),
    });
    expect(outcomes(plays, "passive/pasv")).toEqual({
      core: "works",
      conntrack: "works",
      none: expect.stringMatching(/^fails at data connection, by the firewall/),
    });
    // The kernel reports what it expects. The intruder tries that port and does not get in.
    const active = plays.find(({ subject, scenario }) => subject === "conntrack" && scenario.id === "active/port");
    const expected = active?.timeline.flatMap((event) => (event.kind === "expectation" ? [event.text] : []));
    expect(expected?.[0]).toMatch(/^198\.51\.100\.7 -> 198\.51\.100\.1 port \d+$/);
    const probes = active?.timeline.flatMap((event) => (event.kind === "probe" ? [event.reached] : [])) ?? [];
    expect([probes.length > 0, probes.includes(true)]).toEqual([true, false]);
  });

  test("loses a PORT and a 227 that come in pieces, which the core puts together", () => {
    const plays = playsOf(...SPLIT);
    expect(wrong(plays)).toEqual([]);
    expect(outcomes(plays, "clients/port-split-segments")).toEqual({
      core: "works",
      conntrack: expect.stringMatching(/^fails at PORT, by the network: hangs/),
      none: expect.stringMatching(/^fails at PORT, by address translation/),
    });
    expect(outcomes(plays, "servers/pasv-227-split-segments")).toEqual({
      core: "works",
      conntrack: expect.stringMatching(/^fails .*: hangs/),
      none: expect.stringMatching(/^fails at data connection, by the firewall/),
    });
  });

  test("needs the rule that assigns the helper", () => {
    const plays = playsOf(HELPER_MISSING);
    expect(wrong(plays)).toEqual([]);
    expect(plays[0]?.outcome).toMatch(/^fails at PORT, by address translation/);
  });

  test("lets real programs transfer files, active and passive", (context) => {
    const plays = playsOf(...PROGRAMS);
    const absent = plays.find(({ grade, reason = "" }) => grade === "unsupported" && reason.includes("not installed"));
    if (absent !== undefined) context.skip(`not run: ${absent.reason}`);
    expect(wrong(plays)).toEqual([]);
    expect(plays.map(({ outcome }) => outcome)).toEqual(["works", "works"]);
  });

  test("says why it broke: no helper follows the connection, and a rule dropped the data", async () => {
    const choice = await ownChoice([netns]);
    const where = {
      ids: ["extensions/match-replies"],
      labs: ["netns"],
      families: ["inet"],
      sides: ["forward"],
    } as const;
    const [planned] = select(choice, { ...where, subjects: ["conntrack"] }, 1);
    const { entry } = planned!.cell;
    const matched = (text: string) => text.replace('tcp dport 21 ct helper set "ftp"', 'ct helper "ftp" accept');
    const scenario = { ...entry.scenario, kernelRules: matched };
    const { plays } = await playCells([{ ...planned!, cell: { ...planned!.cell, entry: { ...entry, scenario } } }]);
    const { timeline, service, kernelRules } = plays[0]!;
    const line = (text: string) => 1 + kernelRules!.split("\n").findIndex((one) => one.includes(text));
    expect(timeline.flatMap((event) => (event.kind === "log" ? [event.text] : []))).toEqual([
      expect.stringMatching(
        `conntrack -L: no helper follows .*: line ${line('ct helper "ftp"')} of the rules matches ct helper, and only "ct helper set" assigns one`,
      ),
    ]);
    const forward = line("hook forward");
    expect(timeline.find((event) => event.kind === "drop")).toMatchObject({
      packet: expect.stringMatching(/^tcp 10\.0\.0\.5:\d+ > 198\.51\.100\.7:\d+ S$/),
      interface: "em1",
      rule: { path: "nftables", text: "inet firewall forward: policy drop", line: forward },
    });
    expect(service).toMatchObject({ verdict: "fails", by: "firewall", rule: { line: forward } });
  }, 60_000);
});
