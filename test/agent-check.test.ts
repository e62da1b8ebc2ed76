/** `anchorage agent-check`: what its user sees, by output and exit status. */

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { anchorage, ROOT } from "./anchorage.ts";

const OWN_AGENT = `perl ${join(ROOT, "vm/agent/anchorage-agent.pl")}`;
const check = (...args: string[]) => anchorage(["agent-check", ...args], { cwd: ROOT });

describe("agent-check", { timeout: 60_000 }, () => {
  test("an agent that keeps the page's promises ends on how many there are", async () => {
    const { status, stdout } = await check(OWN_AGENT);
    expect(stdout).toMatch(/^(\d+) of \1(, \d+ not tried)?$/m);
    expect(status).toBe(0);
  });

  test("as JSON, each promise with its result", async () => {
    const { status, stdout } = await check("--json", OWN_AGENT);
    const results = JSON.parse(stdout) as { title: string; result: string }[];
    expect(results).toContainEqual({ title: "CLOCK answers the time, and it goes on", result: "passed" });
    expect(status).toBe(0);
  });

  test.each([
    ["echo hello", 'sh ended with status 0; instead of it came "hello"'],
    ["./no-such-agent", "sh ended with status 127"],
    ["echo anchorage-agent 2; cat", "speaks version 2, not 1"],
    ["echo anchorage-agent 1; read line; echo ready", 'a frame cannot have 1919246692 bytes: in its place came "ready'],
  ])("%j is no agent: it is told why, with status 1", async (command, why) => {
    const { status, stderr } = await check(command);
    expect(stderr).toContain(`anchorage: agent of this host: ${why}`);
    expect(status).toBe(1);
  });

  test("an interrupt leaves no agent behind that does not end with its input", async () => {
    const folder = mkdtempSync(join(tmpdir(), "anchorage-check-"));
    const noted = join(folder, "pid");
    const command = `echo $$ >'${noted}'; echo anchorage-agent 1; exec sleep 300`;
    const child = spawn(process.execPath, [join(ROOT, "bin/anchorage.mjs"), "agent-check", command], {
      stdio: "ignore",
    });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    const agent = () => (existsSync(noted) ? readFileSync(noted, "utf8").trim() : "");
    await expect.poll(agent, { timeout: 20_000 }).not.toBe("");
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(() => process.kill(Number(agent()), 0)).toThrow("ESRCH");
    rmSync(folder, { recursive: true });
  });
});
