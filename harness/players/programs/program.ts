/**
 * Programs of the machine in a part of a play: where they are found, which version they are, and what
 * to say when they are not there.
 *
 * Servers exclude each other as Debian packages. Those that install.sh has unpacked lie in a folder of
 * their own, which ANCHORAGE_PROGRAMS may name.
 */

import type { LabHost } from "../../contract/lab.ts";
import { PlayerMissing } from "../../contract/scenario.ts";

export interface Program {
  /** As the results name it. */
  readonly name: string;
  /** To be run. */
  readonly command: string;
  /** Debian's package that has it. */
  readonly package: string;
  /** Arguments that make it tell its version; absent: it does not, and the package's is taken. */
  readonly versionArgs?: readonly string[];
  /** Arguments with which it ends well only when all of it is there, where the command alone does not tell. */
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
/** Folders of libraries bear Debian's names of architectures. */
const LIBRARIES = ["usr/lib", "lib"].flatMap((path) => [`${path}/x86_64-linux-gnu`, `${path}/aarch64-linux-gnu`]);

/** What a program is started with, wherever it comes from. */
export function programEnv(): Readonly<Record<string, string>> {
  const folder = process.env.ANCHORAGE_PROGRAMS ?? UNPACKED;
  return {
    PATH: `${folder}/usr/sbin:${folder}/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    LC_ALL: "C",
    LD_LIBRARY_PATH: LIBRARIES.map((library) => `${folder}/${library}`).join(":"),
    PYTHONPATH: `${folder}/usr/lib/python3/dist-packages`,
  };
}

/** Hosts stand for many plays; what they have does not change meanwhile. */
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
  // vsftpd writes to descriptor 0, where inetd(8) would hand it a connection.
  const { stdout, stderr } = await host.run("sh", ["-c", 'exec "$@" 0>&1', "sh", command, ...versionArgs], { env });
  return /\d+(\.\d+)+[\w.-]*/.exec(`${stdout}\n${stderr}`)?.[0];
}
