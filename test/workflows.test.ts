/** GitHub's workflows: they are read as meant, and name only what there is. */

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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
