/** One scenario of each sort, played in `sim` and in `netns`: cell by cell the same is broken by the same. */

import { describe, expect, test } from "vitest";
import type { PlayResult, RunResult } from "../../../reports/model.ts";
import type { LabKind } from "../../contract/lab.ts";
import { playCatalogue } from "../../run/play-catalogue.fixture.ts";
import netns from "../netns.ts";
import sim from "../sim.ts";

const missing = await netns.unavailable();

const IDS = [
  ...["clients/port-same-port-reused", "commands/fxp", "servers/data-half-close", "extensions/tls"],
  ...["firewall/divert-rule-missing-blocked", "clients/byte-at-a-time", "clients/pasv-in-ipv6-mode"],
  ...["libraries/transfers-epsv", "servers/pasv-227-split-segments", "clients/pipelined-pasv-next"],
  ...[
    "servers/banner-no-code",
    "clients/active-verifies-address",
    "security/data-port-stealing",
    "timing/idle-timeout",
  ],
  "tls/auth-tls-clienthello",
];

/** Who broke what, without the words of a system. */
const answer = ({ id, grade, service }: PlayResult) => [
  id.replace(/,(sim|netns),/, ","),
  grade,
  ...[service?.verdict, service?.by, service?.where],
];

const play = (lab: LabKind): Promise<RunResult> =>
  playCatalogue(
    [lab],
    { ids: IDS, subjects: ["core", "none"], families: ["inet"] },
    { ids: ["clients/pasv-in-ipv6-mode"], subjects: ["core"], families: ["inet6"] },
  );

describe.skipIf(missing !== undefined)(`netns${missing === undefined ? "" : `: not run, ${missing}`}`, () => {
  test("what plays in both labs ends alike", async () => {
    const [inSim, inNetns] = [await play(sim), await play(netns)];
    expect(inNetns.plays.map(answer)).toEqual(inSim.plays.map(answer));
    expect(inNetns.plays.filter(({ grade }) => grade === "passed").length).toBeGreaterThan(40);
  }, 180_000);
});
