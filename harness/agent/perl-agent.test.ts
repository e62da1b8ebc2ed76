/** The Perl agent, written from docs/agent-protocol.md alone, keeps what that page promises. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { AgentHost } from "./agent-host.ts";
import { ENDING } from "./check/ending.ts";
import { checks, runChecks } from "./check/run-checks.ts";
import { startAgent } from "./pipe.ts";

const AGENT = fileURLToPath(new URL("../../vm/agent/anchorage-agent.pl", import.meta.url));
const start = () => startAgent("perl", [AGENT]);

const missing = spawnSync("perl", ["-v"]).error === undefined ? "" : ": not run, no perl on this machine";

describe.skipIf(missing !== "")(`the Perl agent${missing}`, () => {
  const results = new Map<string, { result: string; detail?: string }>();

  beforeAll(async () => {
    for await (const one of runChecks(start)) results.set(one.title, one);
  }, 60_000);

  test("compiles without a warning", () => {
    const { status, stderr } = spawnSync("perl", ["-wc", AGENT], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: `${AGENT} syntax OK\n` });
  });

  test.for([...checks.map(({ title }) => title), ENDING])("%s", (title, context) => {
    const found = results.get(title);
    if (found?.result === "not-tried") context.skip(`not run: ${found.detail}`);
    expect(found?.detail).toBeUndefined();
    expect(found?.result).toBe("passed");
  });

  test("notices a reset of a connection that it may not read for want of credit", async () => {
    const host = await AgentHost.greet(start(), { name: "agent", random: { below: () => 0 } });
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

  test("leaves nothing behind when its input ends, what its programs have started included", async () => {
    const host = await AgentHost.greet(start(), { name: "agent", random: { below: () => 0 } });
    const shell = await host.spawn("sh", ["-c", "sleep 300 & echo $!; wait"]);
    const grandchild = await new Promise<string>((resolve) => {
      shell.onOutput((_, bytes) => resolve(Buffer.from(bytes).toString().trim()));
    });
    await host.leave();
    expect(isAlive(shell.pid)).toBe(false);
    expect(isAlive(Number(grandchild))).toBe(false);
  });
});

/** Killed and not yet collected by its parent is not alive. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return /^[^Z]/.test(stdout.trim());
}
