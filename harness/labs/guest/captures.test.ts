import { expect, test } from "vitest";
import type { Process } from "../../../proxy/host.ts";
import type { AgentHost } from "../../agent/runner/agent-host.ts";
import { realClock } from "../../agent/runner/real-clock.ts";
import { startCaptures } from "./captures.ts";
import { openbsdGuest } from "./guest-system.ts";

/** A firewall on which tcpdump listens until it is killed or its interface goes. */
function firewall() {
  const endings = new Map<string, (status: number) => void>();
  const tools = {
    clock: realClock,
    async spawn(_: string, args: readonly string[]): Promise<Process> {
      const name = args.at(-1) ?? "";
      return {
        exited: new Promise((resolve) => endings.set(name, resolve)),
        kill: () => endings.get(name)?.(143),
        onOutput: (tell: (stream: "stdout" | "stderr", bytes: Uint8Array) => void) =>
          tell("stderr", Buffer.from(`tcpdump: listening on ${name}, link-type EN10MB\n`)),
      } as unknown as Process;
    },
  } as unknown as AgentHost;
  const ended: string[] = [];
  const start = () => startCaptures({ tools, system: openbsdGuest, tell() {}, onEnd: (why) => void ended.push(why) });
  return { start, endings, ended };
}

test("a capture that ends by itself is told: nothing that crosses its wire would be judged any more", async () => {
  const { start, endings, ended } = firewall();
  await start();
  endings.get("vport1")?.(1);
  await expect.poll(() => ended).toEqual(["tcpdump -i vport1: ended with status 1"]);
});

test("captures are stopped before their interfaces go, and nobody is alarmed", async () => {
  const { start, endings, ended } = firewall();
  await (await start()).stop();
  await (await start()).stop();
  expect([...endings.keys()]).toEqual(["vport0", "vport1", "pflog0"]);
  expect(ended).toEqual([]);
});
