/** The agent keeps the promises of docs/agent-protocol.md, and the runner copes with the loss of one. */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checks, ENDING, runChecks } from "./check/run-checks.ts";
import { AgentHost } from "./runner/agent-host.ts";
import { AGENT_SCRIPT, startAgent } from "./runner/pipe.ts";

const random = { below: () => 0 };
const start = () => startAgent("perl", [AGENT_SCRIPT]);

const missing = spawnSync("perl", ["-v"]).error === undefined ? "" : ": not run, no perl on this machine";

describe.skipIf(missing !== "")(`the agent${missing}`, () => {
  const results = new Map<string, { result: string; detail?: string }>();

  beforeAll(async () => {
    for await (const one of runChecks(start)) results.set(one.title, one);
  }, 60_000);

  test("compiles without a warning", () => {
    const { status, stderr } = spawnSync("perl", ["-wc", AGENT_SCRIPT], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: `${AGENT_SCRIPT} syntax OK\n` });
  });

  test.for([...checks.map(({ title }) => title), ENDING])("%s", (title, context) => {
    const found = results.get(title);
    if (found?.result === "not-tried") context.skip(`not run: ${found.detail}`);
    expect(found?.detail).toBeUndefined();
    expect(found?.result).toBe("passed");
  });

  test("notices a reset of a connection that it may not read, without credit", async () => {
    const host = await AgentHost.greet(start(), { name: "agent", random });
    let code: string | undefined = "none";
    const closed = new Promise<void>((resolve) => {
      void host
        .listen({ address: "127.0.0.1", port: 0 }, (accepted) => {
          accepted.pause();
          accepted.handle({
            onClose: (error) => {
              code = error?.code;
              resolve();
            },
          });
        })
        .then(({ local }) => {
          const near = host.connect({ address: local.address, port: local.port });
          near.write(new Uint8Array(400_000));
          near.handle({ onConnect: () => void host.clock.after(300, () => near.reset()) });
        });
    });
    await closed;
    expect(code).toBe("ECONNRESET");
    await host.leave();
  });

  test("leaves nothing behind when its input ends, children of its programs included", async () => {
    const host = await AgentHost.greet(start(), { name: "agent", random });
    const shell = await host.spawn("sh", ["-c", "sleep 300 & echo $!; wait"]);
    const grandchild = await new Promise<string>((resolve) => {
      shell.onOutput((_, bytes) => resolve(Buffer.from(bytes).toString().trim()));
    });
    await host.leave();
    expect(isAlive(shell.pid)).toBe(false);
    expect(isAlive(Number(grandchild))).toBe(false);
  });
});

describe.skipIf(missing !== "")(`the line to an agent${missing}`, () => {
  const hosts: AgentHost[] = [];
  afterAll(async () => {
    for (const host of hosts) await host.leave();
  });

  test("leaves no process behind when it ends", async () => {
    const host = await AgentHost.greet(start(), { name: "agent", random });
    const child = await host.spawn("sleep", ["300"]);
    await host.leave();
    expect(existsSync(`/proc/${child.pid}`)).toBe(false);
  });

  test("breaks: everything open on it is closed, and new requests fail", async () => {
    const host = await AgentHost.greet(start(), { name: "agent", random });
    const listener = await host.listen({ address: "127.0.0.1", port: 0 }, () => {});
    const connection = host.connect({ address: "127.0.0.1", port: listener.local.port });
    const closed = new Promise<string>((resolve) => {
      connection.handle({ onClose: () => resolve("closed") });
    });
    await host.leave();
    expect(await closed).toBe("closed");
    await expect(host.time()).rejects.toThrow("is gone");
  });

  test("a program that is not an agent is reported by name", async () => {
    await expect(AgentHost.greet(startAgent("false", []), { name: "fw", random })).rejects.toThrow(
      "agent of fw: false ended with status 1",
    );
  });
});

/** Killed and not yet collected by its parent is not alive. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return /^[^Z]/.test(stdout.trim());
}
