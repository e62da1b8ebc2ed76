/** The runner catches a faulty proxy: the core with one fault at a time fails the basic plays, by the right invariant. */

import { describe, expect, test } from "vitest";
import type { Era } from "../harness/contract/lab.ts";
import { ownChoice, playCells } from "../harness/run/play-catalogue.fixture.ts";
import { select } from "../harness/run/selection.ts";
import { coreSubject } from "../harness/subjects/core.ts";
import type { Host } from "../proxy/host.ts";
import { loaded, type PacketFilter } from "../proxy/pf/packet-filter.ts";
import { PfctlPacketFilter } from "../proxy/pf/pfctl.ts";
import type { PlayResult } from "../reports/model.ts";

/** Back ends with one fault each; the rest is that of pfctl. */
const faults = {
  "sends the line on before the rules are loaded": (host, pfctl) => ({
    ...bound(pfctl),
    load: async (anchor, rules) => {
      host.clock.after(5, () => void pfctl.load(anchor, rules));
      return loaded;
    },
  }),
  "leaves its rules behind": (_host, pfctl) => ({ ...bound(pfctl), flush: async () => loaded }),
  "opens a rule to everybody": (_host, pfctl) => ({
    ...bound(pfctl),
    load: (anchor, rules) => pfctl.load(anchor, rules.replaceAll(/from \S+ to/g, "from any to")),
  }),
  "allows more than one state": (_host, pfctl) => ({
    ...bound(pfctl),
    load: (anchor, rules) => pfctl.load(anchor, rules.replaceAll("keep state (max 1)", "keep state (max 2)")),
  }),
  "loads no rules at all": (_host, pfctl) => ({ ...bound(pfctl), load: async () => loaded }),
} satisfies Record<string, (host: Host, pfctl: PacketFilter) => PacketFilter>;

const bound = (filter: PacketFilter): PacketFilter => ({
  load: (anchor, rules) => filter.load(anchor, rules),
  flush: (anchor) => filter.flush(anchor),
  close: () => filter.close(),
});

/** The invariant that must break. */
const broken: Record<keyof typeof faults, string> = {
  "sends the line on before the rules are loaded": "rules-before-line",
  "leaves its rules behind": "empty-after",
  "opens a rule to everybody": "host-to-host",
  "allows more than one state": "host-to-host",
  "loads no rules at all": "rules-before-line",
};

async function playWith(
  fault: (host: Host, pfctl: PacketFilter) => PacketFilter,
  id: string,
  era: Era = "divert-to",
): Promise<PlayResult> {
  const subject = coreSubject("broken", "a broken core", (host) => fault(host, new PfctlPacketFilter(host)));
  const choice = { ...(await ownChoice()), subjects: [subject] };
  const filters = {
    ids: [id],
    subjects: ["broken"],
    families: ["inet" as const],
    sides: ["forward" as const],
    eras: [era],
  };
  const planned = select(choice, filters, 1);
  const [play] = (await playCells(planned)).plays;
  if (play === undefined) throw new Error("nothing was played");
  return play;
}

const plays: [string, Era][] = [
  ["passive/pasv", "divert-to"],
  ["active/port", "divert-to"],
  ["passive/pasv", "rdr-to"],
  ["passive/pasv", "rdr-anchor"],
  ["active/port", "rdr-anchor"],
];

describe.each(plays)("%s in the era %s with a core that", (id, era) => {
  test.each(Object.keys(faults) as (keyof typeof faults)[])("%s: fails", async (name) => {
    const play = await playWith(faults[name], id, era);
    expect(play.grade).toBe("failed");
    const found = play.invariants.filter(({ verdict }) => verdict === "broken").map((one) => one.name);
    expect(found).toContain(broken[name]);
  });

  test("is not broken: passes", async () => {
    const play = await playWith((_host, pfctl) => pfctl, id, era);
    expect(play.findings).toEqual([]);
    expect(play.grade).toBe("passed");
  });
});

test("a rule open to everybody lets the intruder in", async () => {
  const play = await playWith(faults["opens a rule to everybody"], "active/port");
  expect(play.invariants.find(({ name }) => name === "intruder-out")?.verdict).toBe("broken");
});
