/**
 * One run of a program on a host, with what it said: to its end, or until it is given up.
 *
 * @example
 * const { status, output } = await runProgram(host, { command: "curl", args: ["--version"] }, 5_000);
 */

import type { Host, Process } from "../../../proxy/host.ts";

export interface ProgramRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ended {
  /** Undefined: it was given up and killed. */
  readonly status: number | undefined;
  /** Both of its streams, the end of them. */
  readonly output: string;
}

/** Enough to see what a program stumbled over. */
const OUTPUT_LENGTH = 4_000;

/** The end of what a program says, both streams as they come. */
export function listenTo(program: Process): () => string {
  let said = "";
  program.onOutput((_, bytes) => {
    said = (said + Buffer.from(bytes).toString("utf8")).slice(-OUTPUT_LENGTH);
  });
  return () => said.trim();
}

/** The last line of it, for messages: with a colon in front, or nothing. */
export function lastWords(output: string): string {
  const last =
    output
      .trim()
      .split(/[\r\n]+/)
      .at(-1) ?? "";
  return last === "" ? "" : `: ${last}`;
}

export async function runProgram(
  host: Host,
  { command, args, stdin = "", env }: ProgramRun,
  limitMs: number,
): Promise<Ended> {
  let child: Process;
  try {
    child = await host.spawn(command, args, env === undefined ? {} : { env });
  } catch (error) {
    // As sh(1) has it for what it cannot find.
    return { status: 127, output: error instanceof Error ? error.message : String(error) };
  }
  const output = listenTo(child);
  child.stdin.write(Buffer.from(stdin));
  child.stdin.end();
  let giveUp: (status: undefined) => void = () => {};
  const limit = new Promise<undefined>((resolve) => {
    giveUp = resolve;
  });
  const timer = host.clock.after(limitMs, () => giveUp(undefined));
  const status = await Promise.race([child.exited, limit]);
  timer.cancel();
  if (status === undefined) child.kill("SIGKILL");
  return { status, output: output() };
}
