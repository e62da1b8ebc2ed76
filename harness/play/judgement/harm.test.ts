/** Harm: which broken invariants are harm, what policy excuses, and how a scenario expects one. */

import { describe, expect, test } from "vitest";
import type { InvariantResult, TimelineEvent } from "../../../reports/model.ts";
import { TCP_FLAG, type TcpPacket } from "../../pf/packet.ts";
import { Crossings } from "./crossings.ts";
import type { Evidence } from "./evidence.ts";
import { harmOf, invariantFindings, mergedInvariants } from "./harm.ts";
import { wayKey } from "./policy.ts";
import { sessionsAtOnce } from "./slots.ts";

const result = (name: string, verdict: InvariantResult["verdict"], detail = "why"): InvariantResult => ({
  name,
  title: `title of ${name}`,
  verdict,
  detail,
});

/** Evidence with attempts of the inside intruder at these ports, all of which got through. */
function reaching(ports: readonly number[], policy: readonly number[] = []): Evidence {
  const way = (port: number) => ({ host: "inside-intruder", door: { address: "198.51.100.7", port } }) as const;
  const probes = ports.map((port) => ({ ...way(port), from: "it", to: "there", what: "now", reached: true }));
  return {
    probes,
    ...{ revisits: [], visits: [], timeline: { connections: { all: [] } } },
    policy: new Set(policy.map((port) => wayKey(way(port)))),
  } as unknown as Evidence;
}

describe("harm", () => {
  test("is what lets others in or keeps something open, not what goes wrong in the session itself", () => {
    const names = [
      "empty-after",
      "slots-free",
      "host-to-host",
      "intruder-out",
      "rules-before-line",
      "bytes-intact",
      "ends",
    ];
    const { verdict, found } = harmOf(
      names.map((name) => result(name, "broken")),
      reaching([]),
    );
    expect(verdict).toBe("harm");
    expect(found.map(({ name }) => name)).toEqual(["empty-after", "slots-free", "host-to-host", "intruder-out"]);
  });

  test("has policy beside it: one remark for each host and address", () => {
    expect(harmOf([], reaching([50_001, 50_002, 50_003], [50_001, 50_002]))).toEqual({
      verdict: "none",
      found: [],
      policy: ["inside intruder reaches 198.51.100.7 at port 50001, 50002"],
    });
  });

  test("is found in either of two plays, and other breaks only in the one without intruders", () => {
    const watched = [result("intruder-out", "broken"), result("slots-free", "held"), result("bytes-intact", "broken")];
    const alone = [result("intruder-out", "held"), result("slots-free", "broken"), result("bytes-intact", "held")];
    expect(mergedInvariants(watched, alone).map(({ verdict }) => verdict)).toEqual(["broken", "broken", "held"]);
  });
});

describe("a broken invariant", () => {
  const broken = [result("bytes-intact", "broken", "the client never got 226 Done"), result("ends", "held")];

  test("fails a play that does not expect it", () => {
    expect(invariantFindings(broken)).toMatchObject([{ kind: "invariant" }]);
  });

  test("is no finding where it is expected by name and place", () => {
    expect(invariantFindings(broken, [{ name: "bytes-intact", detail: "226 Done" }])).toEqual([]);
  });

  test("in another place is a finding, and so is the expected one that did not come", () => {
    const found = invariantFindings(broken, [{ name: "bytes-intact", detail: "150" }]);
    expect(found.map(({ kind }) => kind)).toEqual(["invariant", "expectation"]);
    const absent = invariantFindings(broken, [{ name: "ends", detail: "limit" }]);
    expect(absent.at(-1)).toMatchObject({ kind: "expectation", actual: "held: why" });
  });
});

describe("a SYN crossed the firewall", () => {
  const source = { address: "10.0.0.66", port: 40_000 };
  const door = { address: "198.51.100.7", port: 49_999 };
  const syn = (direction: "in" | "out", seq: number, translated = source) => {
    const ends = { source: translated.address, sourcePort: translated.port };
    const to = { destination: door.address, destinationPort: door.port };
    const packet = { ...ends, ...to, flags: TCP_FLAG.S, seq } as TcpPacket;
    return { kind: "packet", atMs: 0, direction, network: "outside", packet } as const;
  };

  test("when it left again, under whatever address, in whatever order the two are reported", () => {
    const crossings = new Crossings();
    crossings.add(syn("out", 7, { address: "198.51.100.1", port: 50_000 }));
    crossings.add(syn("in", 7));
    expect(crossings.crossed(source, door)).toBe(true);
  });

  test("not when another SYN left", () => {
    const crossings = new Crossings();
    crossings.add(syn("in", 7));
    crossings.add(syn("out", 8));
    expect(crossings.crossed(source, door)).toBe(false);
  });
});

test("sessions at once: each from its opening to its first end", () => {
  const control = (event: string, addresses: string) =>
    ({ kind: "connection", channel: "control", from: "client", event, addresses }) as TimelineEvent;
  const events = ["a", "b"].flatMap((name) => [
    control("opened", name),
    control("half-closed", name),
    control("closed", name),
  ]);
  expect(sessionsAtOnce(events)).toBe(1);
  expect(sessionsAtOnce([control("opened", "c"), ...events])).toBe(2);
});
