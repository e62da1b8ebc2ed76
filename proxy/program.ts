/**
 * The program from its arguments to the running proxy, in the order and with the words of
 * ftp-proxy(8). The operating system comes in through `ProgramEnvironment`.
 *
 * @example
 * const outcome = await startProgram(process.argv.slice(2), environment);
 * if (outcome.kind === "exited") process.stderr.write(outcome.stderr);
 */

import { type CommandLine, parseCommandLine } from "./command-line.ts";
import { type RunningProxy, startProxy } from "./daemon.ts";
import { errorText } from "./errno.ts";
import { ConnectionError, type Host } from "./host.ts";
import { type ProxyOptions, type Resolver, resolveOptions } from "./options.ts";
import type { PacketFilter } from "./pf/packet-filter.ts";

export interface ProgramEnvironment {
  readonly host: Host;
  readonly resolver: Resolver;
  readonly pid: number;
  /** ftp-proxy's first checks: root, its user. Throws StartProblem. */
  prepare(line: CommandLine): Promise<PacketFilter>;
  /** Opens the firewall and gives up privileges, after the listener is bound. Throws StartProblem. */
  enter(): Promise<void>;
  /** Changes that long options make. */
  readonly changes?: Partial<ProxyOptions>;
}

/** Ends the program with status 1 and `ftp-proxy: MESSAGE`. */
export class StartProblem extends Error {
  override readonly name = "StartProblem";
}

export type ProgramOutcome =
  | { readonly kind: "running"; readonly proxy: RunningProxy; readonly options: ProxyOptions }
  | { readonly kind: "exited"; readonly status: number; readonly stderr: string };

export async function startProgram(args: readonly string[], environment: ProgramEnvironment): Promise<ProgramOutcome> {
  const parsed = parseCommandLine(args);
  if (parsed.kind === "refused") return { kind: "exited", status: 1, stderr: parsed.stderr };
  const { host, resolver, pid, changes } = environment;
  try {
    const packetFilter = await environment.prepare(parsed.options);
    const resolved = await resolveOptions(parsed.options, resolver, { ...changes, pid });
    if (resolved.kind === "refused") return { kind: "exited", status: 1, stderr: resolved.stderr };
    const options = { ...resolved.options, beforeServing: () => environment.enter() };
    return { kind: "running", proxy: await startProxy(host, options, packetFilter), options };
  } catch (problem) {
    const text = problemText(problem);
    if (text === undefined) throw problem;
    return { kind: "exited", status: 1, stderr: `ftp-proxy: ${text}\n` };
  }
}

function problemText(problem: unknown): string | undefined {
  if (problem instanceof ConnectionError) return `bind failed: ${errorText(problem.code)}`;
  return problem instanceof StartProblem ? problem.message : undefined;
}
