/**
 * A program in the server's part: started in the foreground, with one account whose home holds the
 * files of the play.
 *
 * @example
 * scenario({ server: programServer(vsftpd, { file: FILE }), … async play({ server }) {
 *   await server.holdsFile("copy", FILE);
 * } })
 */

import type { Process } from "../../../proxy/host.ts";
import type { LabHost } from "../../contract/lab.ts";
import { CONTROL_PORT } from "../../contract/roles.ts";
import type { Player } from "../../contract/scenario.ts";
import { Deviation, type Script } from "../../contract/script.ts";
import type { Family } from "../../pf/packet.ts";
import { toBytes, toText } from "../script/control-channel.ts";
import { HOME, prepareServer, prepareWork, UID } from "./account.ts";
import { answersLogIn } from "./log-in.ts";
import { type FoundProgram, findProgram, type Program } from "./program.ts";
import { listenTo } from "./run-program.ts";

export interface ServerSetup {
  readonly family: Family;
  readonly address: string;
  /** A folder for its own files. */
  readonly work: string;
  readonly found: FoundProgram;
}

export interface ServerProgram extends Program {
  /** It knows the account by itself, and stays the user that it is. */
  readonly ownAccounts?: true;
  /** Files that it reads, by path. */
  files?(setup: ServerSetup): Readonly<Record<string, string>>;
  /** Commands to be run before it, in order. */
  before?(setup: ServerSetup): readonly (readonly string[])[];
  args(setup: ServerSetup): readonly string[];
  /** Another program that runs it. */
  launcher?(setup: ServerSetup): readonly string[];
}

/** A server that is compiled as it is loaded, on a busy machine. */
const START_PATIENCE_MS = 10_000;
const STOP_PATIENCE_MS = 200;
const STORE_PATIENCE_MS = 3_000;
const PAUSE_MS = 20;
/** Of a server that does not start, as many characters as an error message may have. */
const LAST_WORDS = 500;

export class ProgramServer {
  readonly #host: LabHost;
  readonly #script: Script;

  constructor(host: LabHost, script: Script) {
    this.#host = host;
    this.#script = script;
  }

  /** The file is there, whole. A server may still be writing when the client has gone. */
  holdsFile(name: string, contents: string): Promise<void> {
    return this.#script.step("server", `holds ${name}`, async () => {
      const end = this.#host.clock.now() + STORE_PATIENCE_MS;
      for (;;) {
        const got = await this.#host.files.read(`${HOME}/${name}`).catch(() => undefined);
        if (got !== undefined && toText(got) === contents) return;
        if (this.#host.clock.now() > end) {
          const actual = got === undefined ? "no such file" : `${got.length} bytes, or others`;
          throw new Deviation("other-bytes", `${name} with ${contents.length} bytes`, actual);
        }
        await this.#script.wait(PAUSE_MS);
      }
    });
  }
}

export const programServer = (
  program: ServerProgram,
  files: Readonly<Record<string, string>>,
): Player<ProgramServer> => ({
  name: program.name,
  needs: program.ownAccounts === true ? ["processes"] : ["processes", "other-users"],
  async take(host, script) {
    const found = await findProgram(host, program);
    const work = program.ownAccounts === true ? await prepareWork(host) : await prepareServer(host);
    const address = host.address(script.family);
    const setup: ServerSetup = { family: script.family, address, work, found };
    for (const [path, text] of Object.entries(program.files?.(setup) ?? {})) {
      await host.files.write(path, toBytes(text));
    }
    await layFiles(host, files, program.ownAccounts === true ? undefined : UID);
    for (const command of program.before?.(setup) ?? []) await run(host, found, command);
    const line = [...(program.launcher?.(setup) ?? []), found.command, ...program.args(setup)];
    // Several take a standard input that is a socket for their client's, as inetd(8) hands it over.
    const server = await host.spawn("sh", ["-c", 'exec "$@" </dev/null', "sh", ...line], { env: found.env });
    const running = await greeting(host, server, { address, name: program.name });
    return {
      part: new ProgramServer(host, script),
      ...running,
      ...(found.version !== undefined && { version: found.version }),
    };
  },
});

/** Into the account's home, as that user's; undefined: as they are. */
export async function layFiles(
  host: LabHost,
  files: Readonly<Record<string, string>>,
  owner: number | undefined,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) await host.files.write(`${HOME}/${name}`, toBytes(text));
  if (owner !== undefined) await run(host, { env: {} }, ["chown", "-R", `${owner}:${owner}`, HOME]);
}

async function run(
  host: LabHost,
  { env }: Pick<FoundProgram, "env">,
  [command = "", ...args]: readonly string[],
): Promise<void> {
  const { status, stdout, stderr } = await host.run(command, args, { env });
  if (status !== 0) throw new Error(`${command}: ${`${stdout}${stderr}`.trim()}`);
}

/** It does not answer; the message has its last words. */
export class ServerGone extends Error {
  override readonly name = "ServerGone";
}

/**
 * Waits until it answers on the control port and has answered the account's log-in: a machine may take seconds for
 * the first, as it loads what that needs, and a play does not wait so long for a transfer that is to fail.
 * `goesBehind`: it may go into the background and leave with
 * status 0.
 */
export async function greeting(
  host: LabHost,
  server: Process,
  {
    address,
    name,
    goesBehind = false,
  }: { readonly address: string; readonly name: string; readonly goesBehind?: boolean },
): Promise<{ stop(): Promise<void>; output(): string }> {
  const output = listenTo(server);
  let status: number | undefined;
  void server.exited.then((code) => {
    status = code;
  });
  const end = host.clock.now() + START_PATIENCE_MS;
  while (!(await answersLogIn(host, address, START_PATIENCE_MS))) {
    const gone = status !== undefined && !(goesBehind && status === 0);
    if (gone) throw new ServerGone(`${name} ended with status ${status}${shortened(output())}`);
    if (host.clock.now() > end) {
      server.kill("SIGKILL");
      throw new ServerGone(`${name} does not answer at ${address} port ${CONTROL_PORT}${shortened(output())}`);
    }
    await new Promise<void>((resolve) => void host.clock.after(PAUSE_MS, resolve));
  }
  const stop = async () => {
    server.kill("SIGKILL");
    // A session's process may keep the output open for as long as its client is there.
    await Promise.race([
      server.exited,
      new Promise<void>((resolve) => void host.clock.after(STOP_PATIENCE_MS, resolve)),
    ]);
  };
  return { stop, output };
}

const shortened = (output: string): string => (output === "" ? "" : `: ${output.slice(-LAST_WORDS)}`);
