/**
 * A program of the user's own as a player: `--client 'CMD'` and `--server 'CMD'`.
 *
 * One run of the client is one session. It has done well when it ends with status 0 and the files are whole. The server
 * is started for each play, with the account and files that every server program gets, and killed after it.
 *
 * @example
 * scenario({ client: ownClient(parseCommandLine("client", "curl -o {download} {url}/{file}", CLIENT_WORDS), cwd), … })
 */

import type { Files } from "../../../proxy/host.ts";
import type { ErrandsPart } from "../../contract/errands.ts";
import { CONTROL_PORT } from "../../contract/roles.ts";
import type { Player } from "../../contract/scenario.ts";
import { Deviation, type Script } from "../../contract/script.ts";
import { ErrandLog, goingOn } from "../errand-log.ts";
import { FETCHED, FILE, STORED } from "../files.ts";
import { toBytes, toText } from "../script/control-channel.ts";
import { HOME, PASSWORD, prepareServer, prepareWork, UID, USER } from "./account.ts";
import { fillIn, type OwnProgram, quoted, wordsIn } from "./command-line.ts";
import { type Ended, lastLine, runProgram } from "./program.ts";
import { layFiles, ProgramServer, started } from "./program-server.ts";

/** For the whole session, on a loaded machine. */
const PATIENCE_MS = 20_000;
/** Where the program should wait for an answer that does not come: it may take long to start. */
const LEAST_PATIENCE_MS = 5_000;

/** Where a client's command runs, and the paths that it has there. */
export interface CommandPlace {
  /** Of the paths below. */
  readonly files: Pick<Files, "read" | "write">;
  readonly download: string;
  readonly upload: string;
  /** Runs the command, with this play's values for the words in braces. */
  run(values: Readonly<Record<string, string>>, limitMs: number): Promise<Ended>;
}

export class OwnClient implements ErrandsPart {
  readonly #script: Script;
  readonly #program: OwnProgram;
  readonly #place: CommandPlace;
  readonly log = new ErrandLog();
  #output = "";

  constructor(script: Script, program: OwnProgram, place: CommandPlace) {
    this.#script = script;
    this.#program = program;
    this.#place = place;
  }

  /** Output of its run. */
  get output(): string {
    return this.#output;
  }

  /** Runs it once, whatever the errands: its command line says what it does. Checks its download. */
  does(): Promise<void> {
    return goingOn(this.#runs());
  }

  #runs(): Promise<void> {
    const { name, command } = this.#program;
    const words = wordsIn(command);
    const fetch = { what: "fetch", name: FETCHED, of: FILE.length } as const;
    const store = { what: "store", name: STORED, of: FILE.length } as const;
    const wanted = [...(words.has("download") ? [fetch] : []), ...(words.has("upload") ? [store] : [])];
    const errands = wanted.length === 0 ? [{ what: "talk" } as const] : wanted;
    return this.#script.step("client", `runs ${name}`, async (patience) => {
      const run = this.#run(words, Math.max(LEAST_PATIENCE_MS, patience(PATIENCE_MS)));
      const ends = await Promise.allSettled(errands.map((errand) => this.log.does(errand, () => run)));
      const failed = ends.find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") throw failed.reason;
    });
  }

  /** One session, which has all its errands. */
  async #run(words: ReadonlySet<string>, limitMs: number): Promise<undefined> {
    const { name } = this.#program;
    const { files, download, upload } = this.#place;
    if (words.has("upload")) await files.write(upload, toBytes(FILE));
    const { status, output } = await this.#place.run(this.#values(), limitMs);
    this.#output = output;
    if (status === undefined) {
      throw new Deviation("gave-up", "the end of the session", `${name} still runs after ${limitMs / 1000} s`);
    }
    const end = `${name} ended with status ${status}${lastLine(output)}`;
    if (status !== 0) throw new Deviation("gave-up", "exit status 0", end);
    if (words.has("download")) await this.#hasWhole(download, end);
  }

  async #hasWhole(path: string, end: string): Promise<void> {
    const got = await this.#place.files.read(path).catch(() => undefined);
    if (got === undefined || got.length === 0) {
      throw new Deviation("gave-up", `a file of ${FILE.length} bytes at {download}`, `nothing there; ${end}`);
    }
    if (toText(got) === FILE) return;
    const actual = `${got.length} bytes, ${got.length === FILE.length ? "others" : "not those"}; ${end}`;
    throw new Deviation("other-bytes", `the ${FILE.length} bytes of {file} at {download}`, actual);
  }

  #values(): Readonly<Record<string, string>> {
    const { family, roles } = this.#script;
    const { address, port } = roles.dialled;
    const { download, upload } = this.#place;
    return {
      host: address,
      port: `${port}`,
      user: USER,
      password: PASSWORD,
      url: `ftp://${USER}:${PASSWORD}@${family === "inet6" ? `[${address}]` : address}:${port}`,
      file: FETCHED,
      stored: STORED,
      ...{ download, upload },
    };
  }
}

/** `cwd`: the folder in which its command line runs. */
export const ownClient = (program: OwnProgram, cwd: string): Player<OwnClient> => ({
  name: program.name,
  ...(program.version !== undefined && { version: program.version }),
  command: program.command,
  needs: ["processes"],
  async take(host, script) {
    const work = await prepareWork(host);
    const part = new OwnClient(script, program, {
      files: host.files,
      download: `${work}/in/${FETCHED}`,
      upload: `${work}/${STORED}`,
      run(values, limitMs) {
        const args = ["-c", `cd ${quoted(cwd)} || exit\n${fillIn(program.command, values)}`];
        return runProgram(host, { command: "sh", args }, limitMs);
      },
    });
    return { part, stop: async () => {}, output: () => part.output, errands: () => part.log.errands };
  },
});

/** `cwd`: the folder in which its command line runs. */
export const ownServer = (program: OwnProgram, cwd: string): Player<ProgramServer> => ({
  name: program.name,
  ...(program.version !== undefined && { version: program.version }),
  command: program.command,
  needs: ["processes"],
  async take(host, script) {
    // Without root there is only one user, and the program itself must accept {user} and {password}.
    const owner = await prepareServer(host).then(
      () => UID,
      () => undefined,
    );
    if (owner === undefined) await prepareWork(host);
    await layFiles(host, { [FETCHED]: FILE }, owner);
    const address = host.address(script.family);
    const values = { host: address, port: `${CONTROL_PORT}`, user: USER, password: PASSWORD, dir: HOME };
    const line = `exec </dev/null; cd ${quoted(cwd)} || exit\n${fillIn(program.command, values)}`;
    const server = await host.spawn("sh", ["-c", line]);
    const running = await script.step("server", `starts ${program.name}`, () =>
      started(host, server, { address, name: program.name, forks: true }),
    );
    return { part: new ProgramServer(host, script), ...running };
  },
});
