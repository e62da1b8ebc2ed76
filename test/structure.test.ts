/**
 * The layout (docs/architecture.md): imports run one way, and there are no circles.
 */

import { cruise, type ICruiseResult, type IReporterOutput } from "dependency-cruiser";
import { beforeAll, describe, expect, test } from "vitest";

const FOLDERS = ["proxy", "harness", "scenarios", "reports"];

/** Who may import whom, besides its own folder. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  proxy: [],
  reports: [],
  harness: ["proxy", "reports"],
  scenarios: ["harness", "proxy", "index.ts"],
};

describe("imports", () => {
  let result: ICruiseResult;

  beforeAll(async () => {
    const found: IReporterOutput = await cruise([...FOLDERS, "index.ts"], {
      exclude: { path: "node_modules|fixtures" },
      tsPreCompilationDeps: true,
      ruleSet: {
        forbidden: [{ name: "no-circles", severity: "error", from: {}, to: { circular: true } }],
      },
      validate: true,
      enhancedResolveOptions: { conditionNames: ["import", "require", "node", "default"], exportsFields: ["exports"] },
    });
    result = found.output as ICruiseResult;
  }, 60_000);

  test("every folder has been read", () => {
    for (const folder of FOLDERS) {
      expect(result.modules.some((module) => module.source.startsWith(`${folder}/`))).toBe(true);
    }
  });

  test("run one way: scenarios → harness → proxy, and reports read only their own model", () => {
    const wrong = result.modules.flatMap((module) => {
      const from = module.source.split("/")[0] ?? "";
      const allowed = MAY_IMPORT[from];
      // A test may play with whatever it needs: the proxy's run on the simulator's clock.
      if (allowed === undefined || module.source.endsWith(".test.ts")) return [];
      return module.dependencies
        .map((dependency) => dependency.resolved)
        .filter((to) => FOLDERS.includes(to.split("/")[0] ?? "") && !to.startsWith(`${from}/`))
        .filter((to) => !allowed.includes(to.split("/")[0] ?? ""))
        .map((to) => `${module.source} -> ${to}`);
    });
    expect(wrong).toEqual([]);
  });

  test("make no circles", () => {
    const circles = result.summary.violations.map(({ from, to, cycle }) =>
      [from, to, ...(cycle ?? []).map((step) => step.name)].join(" -> "),
    );
    expect(circles).toEqual([]);
  });

  test("PF knows nothing of FTP, and the proxy nothing of the harness", () => {
    const pf = result.modules.filter((module) => module.source.startsWith("harness/pf/"));
    const strangers = pf.flatMap((module) =>
      module.dependencies
        .map((dependency) => dependency.resolved)
        .filter((to) => FOLDERS.includes(to.split("/")[0] ?? "") && !to.startsWith("harness/pf/"))
        .map((to) => `${module.source} -> ${to}`),
    );
    expect(strangers).toEqual([]);
  });
});
