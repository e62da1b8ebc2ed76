/**
 * What the packet tracer tells is what the simulator does: every packet of every scenario, played on a firewall that is
 * traced as `anchorage explain` traces, is decided by the rule that the trace names.
 */

import { describe, expect, test, vi } from "vitest";
import { ownChoice, playCells } from "../harness/run/play-catalogue.fixture.ts";
import { select } from "../harness/run/selection.ts";

const told = vi.hoisted(() => ({ packets: 0, evaluated: 0, disagreements: [] as string[] }));

vi.mock("../harness/pf/engine/firewall.ts", async (original) => {
  const module = await original<typeof import("../harness/pf/engine/firewall.ts")>();
  const { Trace } = await import("../harness/pf/engine/rules/trace.ts");
  const { consideredRules } = await import("../harness/tools/explain/considered.ts");

  class Traced extends module.Firewall {
    readonly #trace: InstanceType<typeof Trace>;

    constructor(options: ConstructorParameters<typeof module.Firewall>[0]) {
      const trace = new Trace();
      super({ ...options, walk: "plain", considered: trace.considered });
      this.#trace = trace;
    }

    override test(...question: Parameters<InstanceType<typeof module.Firewall>["test"]>) {
      const decision = super.test(...question);
      const considered = consideredRules(this.#trace.take(), "", decision);
      told.packets++;
      if (considered.length === 0) return decision;
      told.evaluated++;
      const decides = considered.find((rule) => rule.decides)?.path;
      const matched = considered.filter((rule) => rule.matched).map(({ path }) => path);
      const missing = decision.rules.filter(({ path }) => !matched.includes(path));
      const last = decision.rules.at(-1)?.path;
      if (missing.length > 0 || (decides !== undefined && last !== decides)) {
        told.disagreements.push(`decided by ${last}, told ${decides}; of ${matched.join(" ")}`);
      }
      return decision;
    }
  }
  return { ...module, Firewall: Traced };
});

describe("explain", () => {
  test("agrees with the simulator on every packet of every scenario", { timeout: 300_000 }, async () => {
    const run = await playCells(select(await ownChoice(), { subjects: ["core"] }, 1));
    expect(run.plays.filter(({ grade }) => grade === "failed").map(({ id }) => id)).toEqual([]);
    expect(told.disagreements).toEqual([]);
    expect(told.evaluated).toBeGreaterThan(1000);
    expect(told.packets).toBeGreaterThan(told.evaluated);
  });
});
