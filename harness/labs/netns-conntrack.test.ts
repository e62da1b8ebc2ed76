/**
 * Linux's own answer beside the proxy's and no answer at all: the kernel reads FTP in the packets that it
 * forwards (subject `conntrack`), the core in the stream.
 */

import { describe, expect, test } from "vitest";
import type { PlayResult } from "../../reports/model.ts";
import { playCatalogue } from "../run/play-catalogue.fixture.ts";
import netns from "./netns.ts";

const missing = (await netns.unavailable()) ?? netns.lacks("kernel-forwarding");

async function play(ids: readonly string[], subjects: readonly string[]): Promise<readonly PlayResult[]> {
  return (await playCatalogue([netns], { ids, subjects, families: ["inet"], sides: ["forward"] })).plays;
}

const wrong = (plays: readonly PlayResult[]): string[] =>
  plays.filter(({ grade }) => grade !== "passed").map(({ id, grade, reason }) => `${id}: ${grade}: ${reason}`);

/** How the scenario ended with each subject. */
const outcomes = (plays: readonly PlayResult[], id: string): Record<string, string> =>
  Object.fromEntries(
    plays.filter(({ scenario }) => scenario.id === id).map(({ subject, outcome }) => [subject, outcome]),
  );

describe.skipIf(missing !== undefined)(`conntrack${missing === undefined ? "" : `: not run, ${missing}`}`, () => {
  test("carries both modes, as the core does; without either no data connection opens", async () => {
    const plays = await play(["active/port", "passive/pasv"], ["core", "conntrack", "none"]);
    expect(wrong(plays)).toEqual([]);
    expect(outcomes(plays, "active/port")).toEqual({
      core: "completed",
      conntrack: "completed",
      none: 'stopped at "server dials data": no-answer',
    });
    expect(outcomes(plays, "passive/pasv")).toEqual({
      core: "completed",
      conntrack: "completed",
      none: 'stopped at "client opens data": no-answer',
    });
    // The kernel tells what it has read; the intruder knocks there, and is not let in.
    const active = plays.find(({ subject, scenario }) => subject === "conntrack" && scenario.id === "active/port");
    const expected = active?.timeline.flatMap((event) => (event.kind === "expectation" ? [event.text] : []));
    expect(expected?.[0]).toMatch(/^198\.51\.100\.7 -> 198\.51\.100\.1 port \d+$/);
    const probes = active?.timeline.flatMap((event) => (event.kind === "probe" ? [event.reached] : [])) ?? [];
    expect([probes.length > 0, probes.includes(true)]).toEqual([true, false]);
  }, 60_000);

  test("loses a PORT and a 227 that come in pieces, which the core puts together", async () => {
    const split = ["active/port-split-segments", "passive/pasv-227-split-segments"];
    const plays = await play(split, ["core", "conntrack", "none"]);
    expect(wrong(plays)).toEqual([]);
    expect(outcomes(plays, "active/port-split-segments")).toEqual({
      core: "completed",
      conntrack: 'stopped at "server gets a line like ^(PORT|EPRT) ": silence',
      none: 'stopped at "server dials data": no-answer',
    });
    expect(outcomes(plays, "passive/pasv-227-split-segments")).toEqual({
      core: "completed",
      conntrack: expect.stringMatching(/^stopped at "client gets a line like \^227 .*": silence$/),
      none: 'stopped at "client opens data": no-answer',
    });
  }, 60_000);

  test("needs the rule that assigns the helper", async () => {
    const plays = await play(["firewall/conntrack-helper-missing"], ["conntrack"]);
    expect(wrong(plays)).toEqual([]);
    expect(plays[0]?.outcome).toBe('stopped at "server dials data": no-answer');
  }, 60_000);

  test("lets real programs transfer files, active and passive", async (context) => {
    const plays = await play(["programs/curl/vsftpd-active", "programs/curl/vsftpd-passive"], ["conntrack"]);
    const absent = plays.find(({ grade, reason = "" }) => grade === "unsupported" && reason.includes("not installed"));
    if (absent !== undefined) context.skip(`not run: ${absent.reason}`);
    expect(wrong(plays)).toEqual([]);
    expect(plays.map(({ outcome }) => outcome)).toEqual(["completed", "completed"]);
  }, 60_000);
});
