/** A run that is interrupted in the midst of a play in netns: it ends as it should, and leaves nothing. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readResults } from "../../../reports/results.ts";
import netns from "../netns.ts";
import { processesIn, startTimeOf } from "./processes.ts";
import { liveRuns, RUNS } from "./run-folder.ts";

const missing = await netns.unavailable();
const BIN = fileURLToPath(new URL("../../../bin/anchorage.mjs", import.meta.url));
const LIMIT_MS = 120_000;

const rulesets = () => spawnSync("nft", ["list", "ruleset"], { encoding: "utf8" }).stdout;

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly status: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly pids: readonly number[];
  readonly namespaces: readonly string[];
}

const why = missing === undefined ? "" : `: not run, ${missing}`;

describe.skipIf(why !== "")(`netns${why}`, { timeout: LIMIT_MS }, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "anchorage-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Settles when the first play has been carried out and others are under way: its agents and proxy are at work. */
  async function underWay(): Promise<Running> {
    const which = ["passive", "active", "--lab", "netns", "--subject", "core-daemon"];
    const line = [BIN, "run", ...which, "--report", join(folder, "report")];
    const child = spawn(process.execPath, line, { stdio: ["ignore", "pipe", "ignore"] });
    const ended: Running["ended"] = new Promise((resolve) =>
      child.once("exit", (status, signal) => resolve({ status, signal })),
    );
    const run = () => liveRuns().find(({ pid }) => pid === child.pid);
    /** Agents, and the proxy. */
    const atWork = () => processesIn(run()?.namespaces ?? []).length > 5;
    while (!atWork()) await new Promise((resolve) => setTimeout(resolve, 20));
    const namespaces = run()?.namespaces ?? [];
    return { child, ended, namespaces, pids: processesIn(namespaces) };
  }

  async function expectNothingLeft({ child, pids, namespaces }: Running): Promise<void> {
    const names = spawnSync("ip", ["netns"], { encoding: "utf8" }).stdout;
    expect(namespaces.length).toBeGreaterThan(4);
    expect(namespaces.filter((name) => names.includes(name))).toEqual([]);
    expect(names).not.toContain(`anchorage-${child.pid}-`);
    await expect.poll(() => pids.filter((pid) => startTimeOf(pid) !== undefined), { timeout: 5_000 }).toEqual([]);
    expect(existsSync(join(RUNS, String(child.pid)))).toBe(false);
  }

  test("Ctrl-C lets a run end with its report, and leaves nothing", async () => {
    const before = rulesets();
    const running = await underWay();
    running.child.kill("SIGINT");
    expect(await running.ended).toEqual({ status: 1, signal: null });
    await expectNothingLeft(running);
    expect(rulesets()).toBe(before);
    const { plays } = readResults(await readFile(join(folder, "report", "results.json"), "utf8"), "results.json");
    expect(plays.filter(({ reason }) => reason === "the run was stopped").length).toBeGreaterThan(0);
  });

  test("a second Ctrl-C ends it at once, and still leaves nothing", async () => {
    const running = await underWay();
    running.child.kill("SIGINT");
    running.child.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 20));
    running.child.kill("SIGINT");
    expect((await running.ended).status).toBeOneOf([130, 1]);
    await expectNothingLeft(running);
  });

  test("SIGTERM ends it at once, and leaves nothing", async () => {
    const running = await underWay();
    running.child.kill("SIGTERM");
    expect(await running.ended).toEqual({ status: null, signal: "SIGTERM" });
    await expectNothingLeft(running);
  });
});
