import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { PlayResult } from "../../../reports/model.ts";
import { LabLost } from "../../contract/lab.ts";
import { playCatalogue } from "../../run/play-catalogue.fixture.ts";
import netns from "../netns.ts";
import sim from "../sim.ts";
import { RUNS } from "./run-folder.ts";

const missing = await netns.unavailable();
const BIN = fileURLToPath(new URL("../../../bin/anchorage.mjs", import.meta.url));

const SETUP = { seed: 1, side: "forward", family: "inet", era: "divert-to", pfConf: "pass\n" } as const;

const namespaces = (): string[] =>
  spawnSync("ip", ["netns"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => line.startsWith(`anchorage-${process.pid}-`));

const play = (ids: readonly string[], subjects: readonly string[]) => playCatalogue([netns], { ids, subjects });

/** What was played, with why it failed if it did. */
const grades = (plays: Awaited<ReturnType<typeof play>>["plays"]): string[] =>
  plays
    .filter(({ grade }) => grade !== "does-not-apply")
    .map(({ id, grade, reason = "" }) => `${id}: ${grade} ${reason}`.trim());

/** What a play comes to but for addresses of the moment, by its cell without the lab. */
function gist({ id, grade, outcome, timeline }: PlayResult): readonly [string, unknown] {
  const anchors = timeline.flatMap((event) => (event.kind === "anchor" ? [event.rules] : []));
  const rules = anchors.map((list) => list.map((rule) => rule.replace(/port (= )?\d+/g, "port N")));
  return [id.replace(/,(sim|netns),/, ","), { grade, outcome: outcome.replace(/ for [\d.]+ s$/, ""), rules }];
}

describe.skipIf(missing !== undefined)(`netns${missing === undefined ? "" : `: not run, ${missing}`}`, () => {
  test("the baseline of each mode ends in every era as in sim, with the core and with none", async () => {
    const ids = ["passive/pasv", "passive/epsv", "active/port", "active/eprt"];
    const eras = ["divert-to", "rdr-to", "rdr-anchor"] as const;
    const { plays } = await playCatalogue([sim, netns], { ids, subjects: ["core", "none"], eras });
    expect(grades(plays).filter((line) => !line.endsWith(": passed"))).toEqual([]);
    const inLab = (lab: string) =>
      Object.fromEntries(plays.filter((one) => one.lab === lab && one.grade === "passed").map(gist));
    expect(Object.keys(inLab("netns"))).toHaveLength(24 * eras.length);
    expect(inLab("netns")).toEqual(inLab("sim"));
    expect(namespaces()).toEqual([]);
  }, 120_000);

  test("urgent data, resets and half-closes are the kernels' own", async () => {
    const ids = [
      ...["clients/abor-urgent-oob", "clients/control-reset", "clients/control-half-close", "servers/data-port-closed"],
      ...["servers/data-rst-at-end", "data/parallel-sessions-same-client", "inet6/link-local-client"],
    ];
    const { plays } = await play(ids, ["core"]);
    expect(grades(plays).filter((line) => !line.endsWith(": passed"))).toEqual([]);
    expect(plays.some(({ id }) => id.includes("link-local-client"))).toBe(true);
  }, 60_000);

  test("a play whose agent dies ends at once, and the next one has a new place", async () => {
    try {
      const lab = await netns.open(SETUP);
      const { stdout } = await lab.hosts.client.run("sh", ["-c", "echo $PPID"]);
      const playing = expect(lab.run(new Promise(() => {}), { limitMs: 600_000 })).rejects.toThrow(LabLost);
      process.kill(Number(stdout), "SIGKILL");
      await playing;
      await expect(lab.close()).rejects.toThrow("client: ip ended by SIGKILL");
      const next = await netns.open(SETUP);
      expect((await next.hosts.client.run("true", [])).status).toBe(0);
      await next.close();
    } finally {
      await netns.shutDown?.();
    }
    expect(namespaces()).toEqual([]);
  }, 60_000);

  test("an agent that dies between two plays costs neither of them", async () => {
    const notes: string[] = [];
    try {
      const lab = await netns.open(SETUP);
      const { stdout } = await lab.hosts.server.run("sh", ["-c", "echo $PPID"]);
      await lab.close();
      process.kill(Number(stdout), "SIGKILL");
      const next = await netns.open({ ...SETUP, note: (text) => notes.push(text) });
      expect((await next.hosts.server.run("true", [])).status).toBe(0);
      await next.close();
    } finally {
      await netns.shutDown?.();
    }
    expect(notes).toEqual(["server: ip ended by SIGKILL, between two plays; the next one has new hosts"]);
    expect(namespaces()).toEqual([]);
  }, 60_000);

  test("where no agent greets nothing is played, with why", async () => {
    process.env.ANCHORAGE_AGENT = "false";
    try {
      const { plays } = await play(["passive/pasv"], ["core"]);
      const lines = grades(plays);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect(line).toMatch(/: not-run lab lost: agent of \S+: ip ended with status 1$/);
    } finally {
      delete process.env.ANCHORAGE_AGENT;
    }
    expect(namespaces()).toEqual([]);
  }, 60_000);

  test("where the machine refuses namespaces nothing is played, with what it said, and nothing is left", () => {
    const folder = mkdtempSync(join(tmpdir(), "anchorage-ip-"));
    const refuses = `#!/bin/sh\n[ "$1" = -V ] && exit\necho "mount --make-shared /run/netns failed" >&2\nexit 1\n`;
    writeFileSync(join(folder, "ip"), refuses, { mode: 0o755 });
    const line = [BIN, "run", "passive/pasv", "--lab", "netns", "--side", "forward", "--no-report"];
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    const { status, stdout, stderr, pid } = spawnSync(process.execPath, line, { env, encoding: "utf8" });
    rmSync(folder, { recursive: true });
    expect([status, stdout]).toEqual([1, expect.stringContaining("1 not played in some")]);
    expect(stderr).toMatch(/^not run .* lab lost: mount --make-shared \/run\/netns failed$/m);
    expect(readdirSync(RUNS)).not.toContain(String(pid));
  }, 60_000);

  test("what a run that was killed leaves, the next one sweeps, and nothing else", async () => {
    const child = execFile(process.execPath, [BIN, "run", "passive", "--lab", "netns", "--no-report"]);
    const mine = () =>
      spawnSync("ip", ["netns"], { encoding: "utf8" }).stdout.includes(`anchorage-${child.pid}-forward-client`);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    while (!mine()) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill("SIGKILL");
    await ended;
    expect(mine()).toBe(true);
    await play(["passive/epsv"], ["core"]);
    expect(mine()).toBe(false);
    expect(readdirSync(RUNS)).not.toContain(String(child.pid));
  }, 120_000);
});

test("what netns cannot carry has a reason", () => {
  expect(netns.lacks("virtual-time")).toContain("real time");
  expect(netns.lacks("reset")).toBeUndefined();
});
