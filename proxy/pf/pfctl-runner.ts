/**
 * How a pfctl(8) is reached: as a process on this host, or through a socket at a model that answers
 * like one (pfctl-socket.ts).
 *
 * @example
 * const run = pfctlProcess(host);
 * const { stdout } = await run(["-sA"], "", signal);
 */

import type { Host, ProcessResult } from "../host.ts";

/** Rejects only when aborted. */
export type PfctlRunner = (args: readonly string[], stdin: string, signal?: AbortSignal) => Promise<ProcessResult>;

export function pfctlProcess(host: Host, command = "pfctl"): PfctlRunner {
  return (args, stdin, signal) => host.run(command, args, { stdin, ...(signal && { signal }) });
}

/** Milliseconds before a pfctl is given up. Our own number: a load takes a few. */
const pfctlLimit = 10_000;

/** The same with a limit: a pfctl that hangs ends with status 124 and says so. */
export function limited(host: Pick<Host, "clock">, run: PfctlRunner): PfctlRunner {
  return async (args, stdin) => {
    const abort = new AbortController();
    const timer = host.clock.after(pfctlLimit, () => abort.abort());
    try {
      return await run(args, stdin, abort.signal);
    } catch {
      return { status: 124, stdout: "", stderr: `pfctl did not finish within ${pfctlLimit / 1000} s\n` };
    } finally {
      timer.cancel();
    }
  };
}
