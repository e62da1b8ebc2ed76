/**
 * A program of the user's own in the client's part (`--client 'CMD'`): one run of its command line is one session.
 * It has done well when it ends with status 0 and the files are whole.
 *
 * @example
 * scenario({ client: ownClient(parseCommandLine("client", "curl -o {download} {url}/{file}", CLIENT_WORDS), cwd), … })
 */

import type { LabHost } from "../../contract/lab.ts";
import type { Player } from "../../contract/scenario.ts";
import { Deviation, type Script } from "../../contract/script.ts";
import { toBytes, toText } from "../script/control-channel.ts";
import { FILE } from "../script/dialogue.ts";
import { PASSWORD, prepareWork, USER } from "./account.ts";
import { fillIn, type OwnProgram, quoted, wordsIn } from "./command-line.ts";
import { lastWords, runProgram } from "./run-program.ts";

/** Names on the server. */
export const DOWNLOADED = "file";
export const STORED = "copy";

/** For the whole session, on a loaded machine. */
const PATIENCE_MS = 20_000;
/** Where it is expected to wait in vain: nobody knows how long it takes to start. */
const LEAST_PATIENCE_MS = 5_000;

export class OwnClient {
  readonly #host: LabHost;
  readonly #script: Script;
  readonly #program: OwnProgram;
  readonly #cwd: string;
  readonly #work: string;
  #output = "";

  constructor(host: LabHost, script: Script, program: OwnProgram, cwd: string, work: string) {
    this.#host = host;
    this.#script = script;
    this.#program = program;
    this.#cwd = cwd;
    this.#work = work;
  }

  /** What it has said. */
  get output(): string {
    return this.#output;
  }

  /** One run, and what it has downloaded; what it has uploaded is the server's to tell. `mayFail`: however it ends. */
  runs({ mayFail = false } = {}): Promise<void> {
    const { name, command } = this.#program;
    const words = wordsIn(command);
    const download = `${this.#work}/in/${DOWNLOADED}`;
    const upload = `${this.#work}/${STORED}`;
    return this.#script.step("client", `runs ${name}`, async (patience) => {
      if (words.has("upload")) await this.#host.files.write(upload, toBytes(FILE));
      const limitMs = Math.max(LEAST_PATIENCE_MS, patience(PATIENCE_MS));
      const args = ["-c", `cd ${quoted(this.#cwd)} || exit\n${fillIn(command, this.#values({ download, upload }))}`];
      const { status, output } = await runProgram(this.#host, { command: "sh", args }, limitMs);
      this.#output = output;
      if (mayFail) return;
      if (status === undefined) {
        throw new Deviation("gave-up", "an end of the session", `${name} goes on for ${limitMs / 1000} s`);
      }
      const end = `${name} ended with status ${status}${lastWords(output)}`;
      if (status !== 0) throw new Deviation("gave-up", "exit status 0", end);
      if (words.has("download")) await this.#hasWhole(download, end);
    });
  }

  async #hasWhole(path: string, end: string): Promise<void> {
    const got = await this.#host.files.read(path).catch(() => undefined);
    if (got === undefined || got.length === 0) {
      throw new Deviation("gave-up", `a file of ${FILE.length} bytes at {download}`, `nothing there; ${end}`);
    }
    if (toText(got) === FILE) return;
    const actual = `${got.length} bytes, ${got.length === FILE.length ? "others" : "not those"}; ${end}`;
    throw new Deviation("other-bytes", `the ${FILE.length} bytes of {file} at {download}`, actual);
  }

  #values(paths: { readonly download: string; readonly upload: string }): Readonly<Record<string, string>> {
    const { family, roles } = this.#script;
    const { address, port } = roles.dialled;
    return {
      host: address,
      port: `${port}`,
      user: USER,
      password: PASSWORD,
      url: `ftp://${USER}:${PASSWORD}@${family === "inet6" ? `[${address}]` : address}:${port}`,
      file: DOWNLOADED,
      stored: STORED,
      ...paths,
    };
  }
}

/** `cwd`: where its command line is run. */
export const ownClient = (program: OwnProgram, cwd: string): Player<OwnClient> => ({
  name: program.name,
  ...(program.version !== undefined && { version: program.version }),
  command: program.command,
  needs: ["processes"],
  async take(host, script) {
    const part = new OwnClient(host, script, program, cwd, await prepareWork(host));
    return { part, stop: async () => {}, output: () => part.output };
  },
});
