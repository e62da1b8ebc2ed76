/**
 * Gives our program the command lines of a capture and compares what is printed and the exit status.
 * What the system answered (an address that is not its own, a firewall that is off) is fed from there.
 *
 * @example
 * const difference = await replayInvocations(capture); // undefined: all as captured
 */

import { SeededRandom } from "../../../../harness/net/time/random.ts";
import { ConnectionError, type Host, type ListenOptions } from "../../../../proxy/host.ts";
import { AnchorTable } from "../../../../proxy/pf/anchor-table.ts";
import { StartProblem, startProgram } from "../../../../proxy/program.ts";
import { ScriptedHost } from "../../../labs/sim/scripted-host.ts";
import type { CommandLines, Invocation } from "./capture.ts";
import type { Difference } from "./compare-replay.ts";

export async function replayInvocations(capture: CommandLines): Promise<Difference | undefined> {
  for (const invocation of capture.invocations) {
    const { printed, status } = await invoke(invocation);
    if (printed === invocation.printed && status === invocation.status) continue;
    const command = `ftp-proxy ${invocation.args.join(" ")}`;
    return {
      what: "command line",
      expected: `${command}: ${invocation.printed}status ${invocation.status}`,
      actual: `${command}: ${printed}status ${status}`,
    };
  }
  return undefined;
}

async function invoke({ args, printed }: Invocation): Promise<{ readonly printed: string; readonly status: number }> {
  const memory = new ScriptedHost({ address: "198.51.100.1", random: new SeededRandom(1) });
  const outcome = await startProgram(args, {
    host: hostWithout(memory, /bind failed/.test(printed)),
    resolver: { addresses: async () => [], service: async () => undefined },
    pid: 1,
    prepare: async () => new AnchorTable(),
    enter: async () => {
      if (printed.includes("pf is disabled")) throw new StartProblem("pf is disabled");
    },
  });
  if (outcome.kind === "exited") return { printed: outcome.stderr, status: outcome.status };
  const signal = /exiting on signal (\d+)/.exec(printed)?.[1];
  if (signal !== undefined) await outcome.proxy.stop(Number(signal));
  return { printed: memory.logged.map((line) => `${line.text}\n`).join(""), status: 0 };
}

/** The same host, whose address cannot be bound. */
function hostWithout(host: ScriptedHost, unbindable: boolean): Host {
  if (!unbindable) return host;
  const listen = async (_options: ListenOptions): Promise<never> => {
    throw new ConnectionError("EADDRNOTAVAIL", "no such address here");
  };
  return Object.assign(Object.create(host) as Host, { listen });
}
