/**
 * The judge of the model: what a real OpenBSD 7.8 kernel decided, packet by packet.
 */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readCases } from "./case.ts";
import { replayCase } from "./replay.ts";

const FILES = [
  { name: "manual", cases: 84, probes: 267 },
  { name: "ftp", cases: 61, probes: 256 },
  { name: "generated", cases: 402, probes: 3099 },
] as const;

for (const { name, cases, probes } of FILES) {
  describe(`${name} decision cases of OpenBSD 7.8`, () => {
    const all = readCases(readFileSync(new URL(`./fixtures/${name}.jsonl.gz`, import.meta.url)));

    test("are all there", () => {
      expect(all.length).toBe(cases);
      expect(all.reduce((sum, one) => sum + one.probes.length, 0)).toBe(probes);
    });

    for (const walk of ["skip-steps", "plain"] as const) {
      test(`come out as the kernel decided, walking the rules ${walk}`, () => {
        const parted = all.flatMap((one) =>
          replayCase(one, walk)
            .probes.filter(({ agree }) => !agree)
            .map((probe) => `${one.id} ${probe.name}: ${probe.difference} [${probe.rule ?? "no rule"}]`),
        );
        expect(parted).toEqual([]);
      });
    }
  });
}

describe("the replay itself", () => {
  const [first] = readCases(readFileSync(new URL("./fixtures/manual.jsonl.gz", import.meta.url)));

  test("tells where model and kernel part when the record is changed", () => {
    if (first === undefined) throw new Error("no case");
    const probe = first.probes[0];
    const step = probe?.steps[0];
    if (probe === undefined || step === undefined) throw new Error("no probe");
    const changed = { ...first, probes: [{ ...probe, steps: [{ ...step, out: [] }] }] };
    const [result] = replayCase(changed).probes;
    expect(result?.agree).toBe(false);
    expect(result?.difference).toContain("came, not nothing");
    expect(result?.rule).toMatch(/^\d+: (pass|block|match)/);
  });

  test("sees a rule counted once too often", () => {
    if (first === undefined) throw new Error("no case");
    const probe = first.probes[0];
    if (probe === undefined) throw new Error("no probe");
    const [path, counters] = Object.entries(probe.counters)[0] ?? [];
    if (path === undefined || counters === undefined) throw new Error("no counter");
    const [evaluations, ...rest] = counters;
    const changed = { ...probe, counters: { ...probe.counters, [path]: [evaluations + 1, ...rest] as const } };
    const [result] = replayCase({ ...first, probes: [changed as typeof probe] }).probes;
    expect(result?.difference).toContain(`rule ${path}`);
  });
});
