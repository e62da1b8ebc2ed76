/**
 * A program in the client's part. Each transfer is one run of it; when it gives up, the step deviates
 * with its own words.
 *
 * @example
 * scenario({ client: programClient(curl, "passive"), server: programServer(vsftpd), async play({ client }) {
 *   await client.downloads("/file", FILE);
 * } })
 */

import type { LabHost } from "../../contract/lab.ts";
import type { Player } from "../../contract/scenario.ts";
import { Deviation, type Script } from "../../contract/script.ts";
import type { Family } from "../../pf/packet.ts";
import { toBytes, toText } from "../script/control-channel.ts";
import { PASSWORD, prepareWork, USER } from "./account.ts";
import { type FoundProgram, findProgram, type Program } from "./program.ts";
import { lastWords, runProgram } from "./run-program.ts";

export type Mode = "active" | "passive";

/** What one run has to know. */
export interface Transfer {
  readonly mode: Mode;
  readonly family: Family;
  readonly address: string;
  /** The address as it stands in a URL: an IPv6 one in brackets. */
  readonly urlHost: string;
  readonly user: string;
  readonly password: string;
  /** Name of the file in the account's home. */
  readonly remote: string;
  /** Path on the client's host. */
  readonly local: string;
  /** How long it may wait for its peer: whole seconds, one at least. */
  readonly seconds: number;
}

export interface Invocation {
  /** Absent: the program's own. */
  readonly command?: string;
  readonly args: readonly string[];
  readonly stdin?: string;
}

export interface ClientProgram extends Program {
  readonly families: readonly Family[];
  /** Commands that it uses over both families: PASV or PORT have none in IPv6. */
  download(transfer: Transfer): Invocation;
  /** Absent: it only downloads. */
  upload?(transfer: Transfer): Invocation;
}

/** What a transfer may take on a loaded machine. */
const PATIENCE_MS = 10_000;
/** Programs that wait as they are told end by themselves within this. */
const GRACE_MS = 500;

export class ProgramClient {
  readonly #host: LabHost;
  readonly #script: Script;
  readonly #program: ClientProgram;
  readonly #found: FoundProgram;
  readonly #mode: Mode;
  readonly #work: string;
  #output = "";

  constructor(host: LabHost, script: Script, program: ClientProgram, found: FoundProgram, mode: Mode, work: string) {
    this.#host = host;
    this.#script = script;
    this.#program = program;
    this.#found = found;
    this.#mode = mode;
    this.#work = work;
  }

  /** Fetches a file and compares it. */
  downloads(remote: string, contents: string): Promise<void> {
    const local = `${this.#work}/in/${remote}`;
    return this.#script.step("client", `downloads ${remote}`, async (patience) => {
      const said = await this.#run(patience(PATIENCE_MS), (seconds) =>
        this.#program.download(this.#transfer(remote, local, seconds)),
      );
      const got = await this.#host.files.read(local).catch(() => undefined);
      if (got === undefined || (got.length === 0 && contents !== "")) {
        throw new Deviation("gave-up", `a file of ${contents.length} bytes`, said);
      }
      if (toText(got) !== contents) {
        throw new Deviation("gave-up", `${contents.length} bytes as stored`, `${got.length} other bytes; ${said}`);
      }
    });
  }

  /** Stores a file; whether it has arrived is the server's to tell. A program that cannot does nothing. */
  async uploads(remote: string, contents: string): Promise<void> {
    const { upload } = this.#program;
    if (upload === undefined) return;
    const local = `${this.#work}/${remote}`;
    await this.#script.step("client", `uploads ${remote}`, async (patience) => {
      await this.#host.files.write(local, toBytes(contents));
      await this.#run(patience(PATIENCE_MS), (seconds) => upload(this.#transfer(remote, local, seconds)));
    });
  }

  /** What its last run said. */
  get output(): string {
    return this.#output;
  }

  get canUpload(): boolean {
    return this.#program.upload !== undefined;
  }

  #transfer(remote: string, local: string, seconds: number): Transfer {
    const { family, roles } = this.#script;
    const { address } = roles.dialled;
    const urlHost = family === "inet6" ? `[${address}]` : address;
    return { mode: this.#mode, family, address, urlHost, user: USER, password: PASSWORD, remote, local, seconds };
  }

  /** Answers what it said last. Its exit status is not asked: several tell success whatever happens. */
  async #run(patienceMs: number, invocation: (seconds: number) => Invocation): Promise<string> {
    const { command: other, args, stdin = "" } = invocation(Math.max(1, Math.floor(patienceMs / 1000)));
    const { command, env } = this.#found;
    const { name } = this.#program;
    const limitMs = patienceMs + GRACE_MS;
    const { status, output } = await runProgram(this.#host, { command: other ?? command, args, stdin, env }, limitMs);
    this.#output = output;
    if (status === undefined) {
      throw new Deviation("gave-up", "an end of the transfer", `${name} goes on for ${limitMs / 1000} s`);
    }
    return `${name} ended with status ${status}${lastWords(output)}`;
  }
}

export const programClient = (program: ClientProgram, mode: Mode): Player<ProgramClient> => ({
  name: program.name,
  needs: ["processes"],
  async take(host, script) {
    const found = await findProgram(host, program);
    const work = await prepareWork(host);
    const part = new ProgramClient(host, script, program, found, mode, work);
    return {
      part,
      stop: async () => {},
      output: () => part.output,
      ...(found.version !== undefined && { version: found.version }),
    };
  },
});
