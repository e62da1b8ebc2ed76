/**
 * A program as the server: started in the foreground, with one account whose home holds the files of the play.
 *
 * @example
 * scenario({ server: programServer(vsftpd), … async play({ server }) { await server.holdsStored(); } })
 */

import type { Host, Process } from "../../../proxy/host.ts";
import type { LabHost, Need } from "../../contract/lab.ts";
import { CONTROL_PORT } from "../../contract/roles.ts";
import type { Player } from "../../contract/scenario.ts";
import { Deviation, type Script } from "../../contract/script.ts";
import type { Family } from "../../pf/packet.ts";
import { FETCHED, FILE, STORED } from "../files.ts";
import { ControlChannel, toBytes, toText } from "../script/control-channel.ts";
import { HOME, PASSWORD, prepareServer, prepareWork, UID, USER } from "./account.ts";
import { findProgram, outputOf, type Program } from "./program.ts";

export interface ServerSetup {
  readonly family: Family;
  readonly address: string;
  /** A folder for the program's own files. */
  readonly work: string;
}

export interface ServerProgram extends Program {
  /** It has its own list of accounts, and never becomes another user. */
  readonly ownAccounts?: true;
  /** Files that it reads, by path. */
  files?(setup: ServerSetup): Readonly<Record<string, string>>;
  /** Commands to run before it, in order. */
  before?(setup: ServerSetup): readonly (readonly string[])[];
  args(setup: ServerSetup): readonly string[];
  /** Another program that runs it. */
  launcher?(setup: ServerSetup): readonly string[];
}

/** For a server that is compiled as it is loaded, on a busy machine. */
const START_PATIENCE_MS = 10_000;
const STOP_PATIENCE_MS = 200;
const STORE_PATIENCE_MS = 3_000;
const PAUSE_MS = 20;
/** Characters of output in the message about a server that does not start. */
const LAST_WORDS = 500;

export class ProgramServer {
  readonly #host: LabHost;
  readonly #script: Script;

  constructor(host: LabHost, script: Script) {
    this.#host = host;
    this.#script = script;
  }

  /** The client's upload is there, whole. Waits, since a server may still be writing when the client has gone. */
  holdsStored(): Promise<void> {
    return this.#script.step("server", `holds ${STORED}`, async () => {
      const end = this.#host.clock.now() + STORE_PATIENCE_MS;
      for (;;) {
        const got = await this.#host.files.read(`${HOME}/${STORED}`).catch(() => undefined);
        if (got !== undefined && toText(got) === FILE) return;
        if (this.#host.clock.now() > end) {
          const actual = got === undefined ? "no such file" : `${got.length} bytes, or others`;
          throw new Deviation("other-bytes", `${STORED} with ${FILE.length} bytes`, actual);
        }
        await this.#script.wait(PAUSE_MS);
      }
    });
  }
}

export const programServer = (program: ServerProgram): Player<ProgramServer> => ({
  name: program.name,
  needs: needsOf(program),
  async take(host, script) {
    const running = await startServerProgram(host, program, { [FETCHED]: FILE }, script.family);
    return { part: new ProgramServer(host, script), ...running };
  },
});

export const needsOf = ({ ownAccounts }: ServerProgram): readonly Need[] =>
  ownAccounts === true ? ["processes"] : ["processes", "other-users"];

export async function startServerProgram(
  host: LabHost,
  program: ServerProgram,
  files: Readonly<Record<string, string>>,
  family: Family,
): Promise<{ readonly version?: string; stop(): Promise<void>; output(): string }> {
  const { command, env, version } = await findProgram(host, program);
  const work = program.ownAccounts === true ? await prepareWork(host) : await prepareServer(host);
  const address = host.address(family);
  const setup: ServerSetup = { family, address, work };
  for (const [path, text] of Object.entries(program.files?.(setup) ?? {})) await host.files.write(path, toBytes(text));
  await layFiles(host, files, program.ownAccounts === true ? undefined : UID);
  for (const line of program.before?.(setup) ?? []) await run(host, line, env);
  const line = [...(program.launcher?.(setup) ?? []), command, ...program.args(setup)];
  // Several programs take a socket on standard input for their client's, as inetd(8) passes it.
  const server = await host.spawn("sh", ["-c", 'exec "$@" </dev/null', "sh", ...line], { env });
  const running = await started(host, server, { address, name: program.name });
  return { ...running, ...(version !== undefined && { version }) };
}

/** Writes the files into the account's home; with an owner, as that user's. */
export async function layFiles(
  host: LabHost,
  files: Readonly<Record<string, string>>,
  owner: number | undefined,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) await host.files.write(`${HOME}/${name}`, toBytes(text));
  if (owner !== undefined) await run(host, ["chown", "-R", `${owner}:${owner}`, HOME]);
}

async function run(
  host: LabHost,
  [command = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { status, stdout, stderr } = await host.run(command, args, { env });
  if (status !== 0) throw new Error(`${command}: ${`${stdout}${stderr}`.trim()}`);
}

/** The server ended or does not answer; the message has the last of its output. */
export class ServerGone extends Error {
  override readonly name = "ServerGone";
}

/**
 * Waits until the server has answered a log-in of the account. The first log-in may take seconds, while the server
 * loads its libraries, and a play does not wait that long for a transfer that should fail.
 *
 * `forks`: the program may go into the background and exit with status 0. Rejects with ServerGone.
 */
export async function started(
  host: LabHost,
  server: Process,
  options: { readonly address: string; readonly name: string; readonly forks?: boolean; readonly patienceMs?: number },
): Promise<{ stop(): Promise<void>; output(): string }> {
  const { address, name, forks = false, patienceMs = START_PATIENCE_MS } = options;
  const output = outputOf(server);
  const said = () => (output() === "" ? "" : `: ${output().slice(-LAST_WORDS)}`);
  let status: number | undefined;
  void server.exited.then((code) => {
    status = code;
  });
  const end = host.clock.now() + patienceMs;
  while (!(await answersLogIn(host, address, patienceMs))) {
    const gone = status !== undefined && !(forks && status === 0);
    if (gone) throw new ServerGone(`${name} ended with status ${status}${said()}`);
    if (host.clock.now() > end) {
      server.kill("SIGKILL");
      throw new ServerGone(`${name} does not answer at ${address} port ${CONTROL_PORT}${said()}`);
    }
    await pause(host, PAUSE_MS);
  }
  const stop = async () => {
    server.kill("SIGKILL");
    // A session's process may keep the output open for as long as its client is there.
    await Promise.race([server.exited, pause(host, STOP_PATIENCE_MS)]);
  };
  return { stop, output };
}

const pause = (host: Host, milliseconds: number): Promise<void> =>
  new Promise((resolve) => void host.clock.after(milliseconds, resolve));

/** The last line of a reply, RFC 959 section 4.2. */
const LAST_LINE = /^[1-5]\d\d /;
const WANTS_PASSWORD = "331";

/**
 * Logs the account in from the server's own host, so no packet crosses a wire. True when the server greets; its answer
 * to the log-in is awaited and left to the play to judge.
 *
 * @example
 * await answersLogIn(host, "198.51.100.7", 10_000); // false: no server listens there, or it does not greet
 */
export async function answersLogIn(host: Host, address: string, patienceMs: number): Promise<boolean> {
  const connection = host.connect({ address, port: CONTROL_PORT });
  const control = new ControlChannel(connection, host.clock);
  const end = host.clock.now() + patienceMs;
  const reply = async (to: string): Promise<string> => {
    for (;;) {
      const line = await control.line(`a reply to ${to}`, Math.max(0, end - host.clock.now()));
      if (LAST_LINE.test(line)) return line;
    }
  };
  const asks = (command: string, argument: string): Promise<string> => {
    connection.write(toBytes(`${command} ${argument}\r\n`));
    return reply(command);
  };
  let answers = false;
  try {
    await reply("the connection");
    answers = true;
    const answer = await asks("USER", USER);
    if (answer.startsWith(WANTS_PASSWORD)) await asks("PASS", PASSWORD);
  } catch (error) {
    if (!(error instanceof Deviation)) throw error;
  }
  connection.reset();
  return answers;
}
