import { describe, expect, test } from "vitest";
import { works } from "../contract/expectation.ts";
import type { LabKind, Need } from "../contract/lab.ts";
import type { Scenario } from "../contract/scenario.ts";
import none from "../subjects/none.ts";
import { type Filters, select } from "./selection.ts";

const lab = (name: string, lacking: readonly Need[]): LabKind => ({
  name,
  title: name,
  eras: ["divert-to"],
  lacks: (need) => (lacking.includes(need) ? `${name} has no ${need}` : undefined),
  unavailable: async () => undefined,
  open: () => Promise.reject(new Error("not to be opened")),
});

const slow = {
  ...{ needs: ["long-waits"], families: ["inet"], sides: ["forward"], eras: ["divert-to"], modes: [], proxyArgs: [] },
  ...{ client: { needs: [] }, server: { needs: [] }, priority: 1, expect: { none: works } },
} as unknown as Scenario;

const catalogue = [{ id: "timing/slow", category: "timing", file: "slow.ts", scenario: slow }];
const labs = [lab("virtual", []), lab("real", ["virtual-time"])];

const plansOf = (filters: Filters) =>
  select(
    { catalogue, labs, subjects: [none] },
    { subjects: ["none"], labs: ["virtual", "real"], families: ["inet"], sides: ["forward"], ...filters },
    1,
  ).map((one) => `${one.cell.lab.name}: ${one.plan}`);

describe("a scenario that waits for half a minute", () => {
  test("plays where time is virtual, and elsewhere says how it can be played", () => {
    expect(plansOf({})).toEqual(["virtual: play", "real: unsupported"]);
    expect(plansOf({ ids: ["timing"] })).toEqual(["virtual: play", "real: unsupported"]);
  });

  test("plays in real time when long waits are asked for, or the scenario itself", () => {
    const everywhere = ["virtual: play", "real: play"];
    expect(plansOf({ longWaits: true })).toEqual(everywhere);
    expect(plansOf({ ids: ["timing/slow"] })).toEqual(everywhere);
    expect(plansOf({ ids: ["timing/slow@none,real,divert-to,inet,forward"], labs: ["real"] })).toEqual(["real: play"]);
  });
});
