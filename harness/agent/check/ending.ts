/**
 * What the page says of the end: an agent whose input has ended goes by itself, and nothing that it has started stays.
 * A second agent on the same host looks after it.
 */

import type { AgentHost } from "../agent-host.ts";
import { Broken, until } from "./check.ts";

export const ENDING = "when its input ends, the agent ends, and so does everything that it has started";

/** Through ssh, on a slow machine. */
const PATIENCE_MS = 10_000;

/** Whether a process is there. One that nobody has waited for yet is none. */
const IS_THERE = `kill -0 "$1" 2>/dev/null || exit 1
case $(ps -o stat= -p "$1" 2>/dev/null) in Z*) exit 1 ;; esac`;

/** `greet` starts an agent on the host. Rejects when the promise is not kept, or no second agent answers. */
export async function checkEnding(greet: () => Promise<AgentHost>): Promise<void> {
  const host = await greet();
  let said = "";
  const child = await host.spawn("sh", ["-c", "sleep 300 & echo $$ $!; wait"]);
  child.onOutput((_, bytes) => {
    said += new TextDecoder().decode(bytes);
  });
  await until(host, "the program's output", () => said.endsWith("\n"));
  const [own = "", itsChild = ""] = said.trim().split(" ");
  if (!(await host.leave(PATIENCE_MS))) throw new Broken(`it has not ended ${PATIENCE_MS / 1000} s after its input`);
  const started = [
    { what: "the program", pid: own },
    ...(host.canKillGroups ? [{ what: "what the program has started", pid: itsChild }] : []),
  ];
  const after = await greet();
  try {
    const end = after.clock.now() + PATIENCE_MS;
    for (const { what, pid } of started) {
      while ((await after.run("sh", ["-c", IS_THERE, "sh", pid])).status === 0) {
        if (after.clock.now() > end) throw new Broken(`${what} goes on: process ${pid}`);
      }
    }
  } finally {
    await after.leave();
  }
}
