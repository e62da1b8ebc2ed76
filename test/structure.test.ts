/**
 * The layout (docs/architecture.md): imports run one way, and there are no circles.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cruise, type ICruiseResult, type IReporterOutput } from "dependency-cruiser";
import { beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "./anchorage.ts";

const FOLDERS = ["proxy", "harness", "scenarios", "reports"];

/** Who may import whom, besides its own folder. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  proxy: [],
  reports: [],
  harness: ["proxy", "reports"],
  // By the name "anchorage".
  scenarios: ["index.ts"],
};

/** What is in a folder, lowest first: each imports only from those before it. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  harness: [
    ...[
      "package.ts",
      "pf",
      "net",
      "bottle",
      "contract",
      "players",
      "agent",
      "play",
      "labs",
      "subjects",
      "run",
      "loopback",
      "tools",
      "api",
      "testcontainers",
      "vitest",
    ],
    "cli",
  ],
  "harness/pf/language": [
    ...[
      "eras.ts",
      "releases.ts",
      "tokens",
      "names",
      "nodes.ts",
      "context.ts",
      "print",
      "clauses",
      "expansion",
      "optimizer",
      "statements",
    ],
    "parse.ts",
  ],
};

/** Modules that are found by folder at run time, not by a name in an import. */
const FOUND_AT_RUN_TIME = ["harness/run/discover.ts", "harness/run/foreign-modules.ts"];

const isTest = (path: string): boolean => /\.(test|fixture)\.ts$|^test\//.test(path);

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
      enhancedResolveOptions: {
        conditionNames: ["anchorage-sources", "import", "require", "node", "default"],
        exportsFields: ["exports"],
      },
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
        // The C library's, not FTP's; the proxy cannot import it from here.
        .filter((to) => to !== "proxy/getopt.ts")
        .map((to) => `${module.source} -> ${to}`),
    );
    expect(strangers).toEqual([]);
  });

  test.each(Object.entries(FLOORS))("%s has floors: none imports from one above it", (folder, floors) => {
    const floor = (path: string) => floors.indexOf(path.slice(folder.length + 1).split("/")[0] ?? "");
    const inside = (path: string) => path.startsWith(`${folder}/`);
    const modules = result.modules.filter(({ source }) => inside(source) && !isTest(source));
    expect(modules.map(({ source }) => source).filter((source) => floor(source) < 0)).toEqual([]);
    const upwards = modules.flatMap(({ source, dependencies }) =>
      dependencies
        .map(({ resolved }) => resolved)
        .filter((to) => inside(to) && floor(to) > floor(source))
        .map((to) => `${source} -> ${to}`),
    );
    expect(upwards).toEqual([]);
  });

  test("what is shipped imports no tests and no fixtures", () => {
    const shipped = result.modules.filter(({ source }) => !isTest(source) && !source.includes("node_modules"));
    const wrong = shipped.flatMap(({ source, dependencies }) =>
      dependencies.filter(({ resolved }) => isTest(resolved)).map(({ resolved }) => `${source} -> ${resolved}`),
    );
    expect(wrong).toEqual([]);
  });

  test("none is hidden behind a string or a URL, except where modules are found by folder", () => {
    const hidden = result.modules
      .map(({ source }) => source)
      .filter((source) => FOLDERS.includes(source.split("/")[0] ?? "") && !isTest(source) && source.endsWith(".ts"))
      .filter((source) => /\bimport\((?!")|new URL\([^)]*\.[cm]?[jt]s["`]/.test(withoutComments(source)))
      .filter((source) => !FOUND_AT_RUN_TIME.includes(source));
    expect(hidden).toEqual([]);
  });
});

const withoutComments = (file: string): string =>
  readFileSync(join(ROOT, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
