/** A firewall that has perl and nothing of ours on it, no Node either, can be tested: here all five hosts are such. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { playCatalogue } from "../run/play-catalogue.fixture.ts";
import netns from "./netns.ts";

const AGENT = fileURLToPath(new URL("../../vm/agent/anchorage-agent.pl", import.meta.url));
const missing = spawnSync("perl", ["-v"]).error === undefined ? await netns.unavailable() : "needs perl";

/** One of each thing that an agent does for a play: both modes, urgent data, resets, half-closes, silence, many at once. */
const IDS = [
  ...["passive/pasv", "passive/epsv", "active/port", "active/eprt", "commands/abor-urgent-oob", "data/control-reset"],
  ...["data/control-half-close", "data/data-port-closed", "data/data-rst-at-end", "data/parallel-sessions-same-client"],
];

describe.skipIf(missing !== undefined)(`Perl agents${missing === undefined ? "" : `: not run, ${missing}`}`, () => {
  process.env.ANCHORAGE_AGENT = `perl ${AGENT}`;
  afterAll(() => {
    delete process.env.ANCHORAGE_AGENT;
  });

  test("play as Node's do, the core's sockets on the firewall included", async () => {
    const { plays } = await playCatalogue([netns], { ids: IDS, subjects: ["core"] });
    const played = plays.filter(({ grade }) => grade !== "does-not-apply");
    expect(played.filter(({ grade }) => grade !== "passed").map(({ id, reason }) => `${id}: ${reason}`)).toEqual([]);
    expect(played.length).toBeGreaterThan(20);
  }, 120_000);
});
