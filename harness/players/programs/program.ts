/**
 * Programs of the machine as players: how they are found, which version they are, what to install when they are
 * missing, and one run of them.
 *
 * Servers exclude each other as Debian packages. install.sh unpacks them into a separate folder, which
 * ANCHORAGE_PROGRAMS may name.
 *
 * @example
 * const { command, env } = await findProgram(host, curl);
 * const { status, output } = await runProgram(host, { command, env, args: ["--version"] }, 5_000);
 */

import type { Host, Process } from "../../../proxy/host.ts";
import type { LabHost } from "../../contract/lab.ts";
import { PlayerMissing } from "../../contract/scenario.ts";

export interface Program {
  /** As the results name it. */
  readonly name: string;
  readonly command: string;
  /** The Debian package that contains it. */
  readonly package: string;
  /** Arguments that print its version. Absent: it has none, and the package's version counts. */
  readonly versionArgs?: readonly string[];
  /** Arguments that fail unless every part of it is installed, where the command alone does not show that. */
  readonly proofArgs?: readonly string[];
}

export interface FoundProgram {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly version?: string;
}

/** Where install.sh unpacks. */
const UNPACKED = "/usr/local/lib/anchorage/programs";
const INSTALL = "harness/players/programs/install.sh";
/** Debian names folders of libraries after architectures. */
const LIBRARIES = ["usr/lib", "lib"].flatMap((path) => [`${path}/x86_64-linux-gnu`, `${path}/aarch64-linux-gnu`]);

/** The environment of every program, unpacked or installed. */
function programEnv(): Readonly<Record<string, string>> {
  const folder = process.env.ANCHORAGE_PROGRAMS ?? UNPACKED;
  return {
    PATH: `${folder}/usr/sbin:${folder}/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    LC_ALL: "C",
    LD_LIBRARY_PATH: LIBRARIES.map((library) => `${folder}/${library}`).join(":"),
    PYTHONPATH: `${folder}/usr/lib/python3/dist-packages`,
  };
}

/** A host serves many plays, and its programs do not change meanwhile. */
const known = new WeakMap<LabHost, Map<Program, Promise<FoundProgram>>>();

/** Rejects with PlayerMissing. */
export function findProgram(host: LabHost, program: Program): Promise<FoundProgram> {
  const here = known.get(host) ?? new Map<Program, Promise<FoundProgram>>();
  known.set(host, here);
  const found = here.get(program) ?? look(host, program);
  here.set(program, found);
  return found;
}

async function look(host: LabHost, program: Program): Promise<FoundProgram> {
  const env = programEnv();
  const { status, stdout } = await host.run("sh", ["-c", 'command -v "$1"', "sh", program.command], { env });
  const command = stdout.trim();
  const { proofArgs } = program;
  const whole = status === 0 && (proofArgs === undefined || (await host.run(command, proofArgs, { env })).status === 0);
  if (!whole) {
    const remedy = `apt-get install ${program.package}, or ${INSTALL} for all of them side by side`;
    throw new PlayerMissing(`${program.name} is not installed: ${remedy}`);
  }
  const version = await versionOf(host, program, command, env);
  return { command, env, ...(version !== undefined && { version }) };
}

async function versionOf(
  host: LabHost,
  { versionArgs, package: packageName }: Program,
  command: string,
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  if (versionArgs === undefined) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own field names
    const { stdout } = await host.run("dpkg-query", ["-W", "-f", "${Version}", packageName]);
    return /^[\w.]+/.exec(stdout)?.[0];
  }
  // vsftpd writes to descriptor 0, where inetd(8) would pass a connection.
  const { stdout, stderr } = await host.run("sh", ["-c", 'exec "$@" 0>&1', "sh", command, ...versionArgs], { env });
  return /\d+(\.\d+)+[\w.-]*/.exec(`${stdout}\n${stderr}`)?.[0];
}

export interface ProgramRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ended {
  /** Undefined: it did not end in time and was killed. */
  readonly status: number | undefined;
  /** The last of both output streams. */
  readonly output: string;
}

/** Enough characters to see why a program gave up. */
const OUTPUT_LENGTH = 4_000;

/** Runs it to its end, or kills it after the limit. */
export async function runProgram(
  host: Pick<Host, "spawn" | "clock">,
  { command, args, stdin = "", env }: ProgramRun,
  limitMs: number,
): Promise<Ended> {
  let child: Process;
  try {
    child = await host.spawn(command, args, env === undefined ? {} : { env });
  } catch (error) {
    // sh(1) has this status for a command that it cannot find.
    return { status: 127, output: error instanceof Error ? error.message : String(error) };
  }
  const output = outputOf(child);
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

/** Collects the last of a program's output, both streams as they come. */
export function outputOf(program: Process): () => string {
  let said = "";
  program.onOutput((_, bytes) => {
    said = (said + Buffer.from(bytes).toString("utf8")).slice(-OUTPUT_LENGTH);
  });
  return () => said.trim();
}

/** The last line of an output, for messages: `: connection refused`, or nothing. */
export function lastLine(output: string): string {
  const last =
    output
      .trim()
      .split(/[\r\n]+/)
      .at(-1) ?? "";
  return last === "" ? "" : `: ${last}`;
}
