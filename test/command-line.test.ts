/**
 * `anchorage` as its users call it: a process, its output, its exit status.
 */

import { spawnSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PlayResult, RunResult } from "../reports/model.ts";
import { expectWrongUse, ROOT, anchorage as run } from "./anchorage.ts";

let folder: string;

const anchorage = (...args: readonly string[]) => run(args, { cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anchorage-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("wrong use ends with status 2 and one line that helps", () => {
  test.each([
    [["repro", "passive/nothing-of-the-kind"], /no scenario matches "passive\/nothing-of-the-kind"/],
    [["run", "passive/pasv", "passive/typo"], /no scenario matches "passive\/typo"/],
    [["run", "active/prot"], /no scenario matches "active\/prot"; did you mean active\/port/],
    [["run", "pasv-227-no-paren"], /did you mean servers\/pasv-227-no-parens/],
    [["run", "passive", "--shard", "1/2", "--times", join(ROOT, "package.json")], /package\.json is no times\.json/],
    [["show", "\u001b[31mx"], /^(?!.*\u001b).*no scenario is called "\\x1b\[31mx"/],
    [["run", "passive/pasv", "--report", "/proc/nope"], /the report cannot be written to \/proc\/nope/],
    [["run", "--subject", "squid"], /no subject is called "squid"; there are/],
    [["run", "--family", "inet7"], /Allowed choices are inet, inet6/],
    [["run", "--seed", "many"], /A seed is a number/],
    [["run", "--scenarios", "no/such/folder"], /no\/such\/folder: is not a folder/],
    [["show", "passive/pasv@core"], /no scenario is called/],
    [["show", "captures/typo.txt"], /no capture is called "captures\/typo\.txt"/],
    [["repro", "passive/pasv", "--pf-conf", "no-such.conf"], /no-such\.conf cannot be read/],
    [["compare", "none.json", "none.json"], /none\.json cannot be read/],
    [["frobnicate"], /unknown command/],
    [["lab", "up", "--name", "My Lab"], /"My Lab" cannot be a lab's name/],
    [["lab", "up", "--subject", "squid"], /no subject is called "squid"; there are/],
    [["lab", "up", "--server", "iis"], /no server is called "iis"; there are ftp-srv,.* none/],
    [["lab", "up", "--pf-conf", "no-such.conf"], /no-such\.conf cannot be read/],
    [["lab", "up", "--side", "left"], /Allowed choices are forward, reverse/],
    [["lab", "shell", "moon"], /Allowed choices are client, firewall, server/],
    [["lab", "watch", "--interval", "often"], /Seconds, from 0\.1 to 3600/],
    [["lab", "frobnicate"], /unknown command/],
  ])("%j", async (args, words) => {
    expectWrongUse(await anchorage(...args), words);
  });
});

test("ids may follow options that take several values, and may be patterns", async () => {
  const ids = async (...words: string[]) =>
    (JSON.parse((await anchorage("list", ...words, "--json")).stdout) as { id: string }[]).map(({ id }) => id);
  expect(await ids("--side", "reverse", "forward", "active/port")).toEqual(["active/port"]);
  expect(await ids("--subject", "core", "active/port", "passive/pasv")).toEqual(["active/port", "passive/pasv"]);
  const matched = await ids("servers/pasv-227-t*");
  expect(matched.length).toBeGreaterThan(2);
  for (const id of matched) expect(id).toMatch(/^servers\/pasv-227-t/);
});

describe("tab completion", () => {
  const offered = async (...words: string[]) => (await anchorage("__complete", ...words)).stdout.trim().split("\n");

  test("offers commands, options, choices, scenarios and quirks", async () => {
    expect(await offered("re")).toEqual(["repro", "replay-captures"]);
    expect(await offered("run", "--si")).toEqual(["--side"]);
    expect(await offered("run", "--side", "")).toEqual(["forward", "reverse"]);
    expect(await offered("run", "--side", "reverse", "active/por")).toContain("active/port");
    expect(await offered("serve", "pasv-227-no")).toEqual(["pasv-227-no-parens"]);
  });

  test("works in bash", async () => {
    const { stdout: script } = await anchorage("completion", "bash");
    const typed = `anchorage() { ${process.execPath} ${join(ROOT, "bin/anchorage.mjs")} "$@"; }
COMP_WORDS=(anchorage repro active/por); COMP_CWORD=2; _anchorage; echo "\${COMPREPLY[*]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", `${script}\n${typed}`], { cwd: folder, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toContain("active/port");
  });
});

describe("for CI", () => {
  test("parts of a run merge into the whole", async () => {
    await anchorage("run", "passive", "--report", "whole", "--quiet");
    for (const part of ["1/2", "2/2"]) {
      const options = ["--shard", part, "--times", "whole/times.json", "--quiet"];
      await anchorage("run", "passive", ...options, "--report", `part-${part[0]}`);
    }
    await anchorage("merge", "part-1/results.json", "part-2/results.json", "--report", "merged");
    const { stdout, status } = await anchorage("compare", "whole/results.json", "merged/results.json");
    expect(stdout).toMatch(/^\d+ unchanged; no regression against the baseline\n$/);
    expect(status).toBe(0);
    const plays = async (name: string) =>
      (JSON.parse(await readFile(join(folder, name, "results.json"), "utf8")) as RunResult).plays.length;
    expect(Math.abs((await plays("part-1")) - (await plays("part-2")))).toBeLessThan((await plays("whole")) / 2);
  }, 120_000);

  test("--reporter github annotates what failed, and writes the job's summary; --only-failed plays that again", async () => {
    await mkdir(join(folder, "wrong/acme"), { recursive: true });
    const quirk = await readFile(join(ROOT, "scenarios/servers/pasv-227-no-parens.ts"), "utf8");
    await writeFile(join(folder, "wrong/acme/hopeful.ts"), quirk.replace(/^ *expect: .*$/m, ""));
    const summary = join(folder, "summary.md");
    const options = ["--scenarios", "wrong", "--subject", "core", "--report", "hopeful"];
    const { stdout, status } = await run(["run", "acme", ...options, "--reporter", "github"], {
      cwd: folder,
      env: { GITHUB_STEP_SUMMARY: summary },
    });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::error title=acme\/hopeful@core%2Csim%2C\S+::.*227.*%0A/m);
    expect(await readFile(summary, "utf8")).toContain("acme/hopeful");
    const again = await anchorage(
      "run",
      "--only-failed",
      "hopeful/results.json",
      ...options.slice(0, 2),
      "--quiet",
      "--no-report",
    );
    expect(again.stdout).toMatch(/^\d+ plays: +✕ \d+ failed$/m);
    expect(again.status).toBe(1);
  });

  test.each([
    [["--shard", "3/2"], /It is a part and the number of parts/],
    [["--only-failed", "none.json"], /none\.json cannot be read/],
  ])("%j is wrong use", async (args, words) => {
    expectWrongUse(await anchorage("run", "passive/pasv", ...args), words);
  });
});

test("a run writes a report, and its JSON is the report's", async () => {
  const { status, stdout } = await anchorage("run", "passive/pasv", "--json", "--report", "out", "--capture", "all");
  expect(status).toBe(0);
  const run = JSON.parse(stdout) as RunResult;
  expect(run.plays.filter((play) => play.grade === "passed")).toHaveLength(4);
  expect(JSON.parse(await readFile(join(folder, "out/results.json"), "utf8"))).toEqual(run);
  expect(await readFile(join(folder, "out/index.html"), "utf8")).toContain("PASV, download and upload");
  expect(await readFile(join(folder, "out/junit.xml"), "utf8")).toContain("<testsuite");
  const captured = run.plays.find((play) => play.capture !== undefined);
  const capture = await readFile(join(folder, "out", captured?.capture ?? ""));
  // Section header block of pcapng.
  expect(capture.readUInt32LE(0)).toBe(0x0a0d0d0a);
  const same = await anchorage("compare", "out/results.json", "out/results.json", "--report", "compared");
  expect(same.status).toBe(0);
  expect(await readFile(join(folder, "compared/index.html"), "utf8")).toContain("No regression against the baseline");
});

test("a run against a baseline says what changed in the cells that it plays, and so does its page", async () => {
  const play = ["run", "passive/pasv", "--side", "forward", "--report"];
  await anchorage(...play, "before");
  const text = await readFile(join(folder, "before/results.json"), "utf8");
  await writeFile(join(folder, "old.json"), text.replace('"grade":"passed"', '"grade":"failed"'));
  const { status, stdout } = await anchorage(...play, "after", "--family", "inet", "--baseline", "old.json");
  expect(status).toBe(0);
  expect(stdout).toMatch(/newly passing: 1\n {2}passive\/pasv@core.*failed → passed\n\n1 unchanged; no regression/);
  expect(await readFile(join(folder, "after/index.html"), "utf8")).toMatch(/id="view-changes"[\s\S]*newly passing/);
});

test("with the divert rule gone, repro names the SYN that was dropped and the rule that dropped it", async () => {
  const whole = await readFile(join(ROOT, "vm/pf/divert-to/forward.conf"), "utf8");
  const lines = whole.split("\n").filter((line) => !line.includes("divert-to"));
  await writeFile(join(folder, "no-divert.conf"), lines.join("\n"));
  const block = lines.indexOf("block log all") + 1;
  const { status, stdout } = await anchorage("repro", "passive/pasv", "--pf-conf", "no-divert.conf");
  expect(status).toBe(1);
  expect(stdout).toMatch(/tcp 10\.0\.0\.5:\d+ > .*\n.* 198\.51\.100\.77:21 S ─+✕/);
  expect(stdout).toContain(`dropped on em1 in by pf.conf:${block}: block drop log all`);
  const json = await anchorage("repro", "passive/pasv", "--pf-conf", "no-divert.conf", "--json");
  const play = JSON.parse(json.stdout) as PlayResult;
  expect(play.outcome).toBe("fails at control connection, by the firewall: hangs for 127 s");
});

test("scenarios are found in a folder of one's own, wherever it lies", async () => {
  await mkdir(join(folder, "quirks/acme"), { recursive: true });
  await copyFile(join(ROOT, "scenarios/servers/pasv-227-no-parens.ts"), join(folder, "quirks/acme/no-parens.ts"));
  const { status, stdout } = await anchorage("run", "acme", "--scenarios", "quirks", "--no-report");
  expect(stdout).toContain("acme/no-parens");
  expect(status).toBe(0);
});

test("a scenario directly in the folder has the folder's name before its own; a file without one is left alone", async () => {
  await mkdir(join(folder, "flat"), { recursive: true });
  await copyFile(join(ROOT, "scenarios/firewall/divert-rule-missing.ts"), join(folder, "flat/no-divert.ts"));
  await writeFile(join(folder, "flat/shared.ts"), "export const greeting = '220 Ready';\n");
  const { status, stdout } = await anchorage("run", "flat", "--scenarios", "flat", "--no-report");
  expect(stdout).toContain("flat/no-divert");
  expect(status).toBe(0);
});

test("a file that is no scenario is named, with what to write in it", async () => {
  await mkdir(join(folder, "broken/acme"), { recursive: true });
  await writeFile(join(folder, "broken/acme/empty.ts"), "export const nothing = 1;\n");
  const { status, stderr } = await anchorage("list", "--scenarios", "broken");
  expect(stderr).toMatch(/empty\.ts: has no scenario or quirk \(write `export default scenario/);
  expect(status).toBe(2);
});

test("show says how to read a scenario's capture, and prints it", async () => {
  const capture = "captures/quirks/pasv-227-no-parens.txt";
  const { stdout } = await anchorage("show", "servers/pasv-227-no-parens");
  expect(stdout).toContain(`To read a capture: anchorage show ${capture}\n`);
  const shown = await anchorage("show", capture);
  expect(shown.stdout).toMatch(/^# command: .*S> send "227 Entering passive mode\. 198,51,100,9,195,80/s);
  expect(shown.status).toBe(0);
});

describe("anchorage lab", () => {
  test.each([["shell", "client"], ["watch"], ["pfctl", "-sr"], ["log"]])(
    "%s says how to start a lab if none is up",
    async (...args) => {
      const [command = "", ...rest] = args;
      const { status, stderr } = await anchorage("lab", command, "--name", "none-of-that-name", ...rest);
      expect(stderr).toMatch(
        /no lab "none-of-that-name" is up.*: start it by sudo npx anchorage lab up --name none-of-that-name/,
      );
      expect(status).toBe(1);
    },
  );

  test("down ends with 0 if no lab is up", async () => {
    const { status, stdout } = await anchorage("lab", "down", "--name", "none-of-that-name");
    expect(stdout).toContain('no lab "none-of-that-name" is up');
    expect(status).toBe(0);
  });

  test("has help, with the commands in the order in which a person needs them", async () => {
    const { status, stdout } = await anchorage("lab", "--help");
    expect(stdout).toMatch(/lab up .*lab watch .*lab shell client .*lab pfctl -sr .*lab down/s);
    expect(status).toBe(0);
    expect((await anchorage("lab", "up", "--help")).stdout).toContain("--capture <file>");
  });
});
