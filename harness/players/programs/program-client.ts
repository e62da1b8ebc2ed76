/**
 * A program as the client. Each transfer is one run of it; when it gives up, the step deviates with its last line.
 *
 * @example
 * scenario({ client: programClient(curl, "passive"), server: programServer(vsftpd), async play({ client }) {
 *   await client.downloads("/file", FILE);
 * } })
 */

import type { ErrandsPart, Wish } from "../../contract/errands.ts";
import type { LabHost } from "../../contract/lab.ts";
import type { Mode, Player } from "../../contract/scenario.ts";
import { Deviation, type Script } from "../../contract/script.ts";
import type { Family } from "../../pf/packet.ts";
import { ErrandLog, goingOn } from "../errand-log.ts";
import { FETCHED, FILE, STORED } from "../files.ts";
import { toBytes, toText } from "../script/control-channel.ts";
import { PASSWORD, prepareWork, USER } from "./account.ts";
import { type FoundProgram, findProgram, lastLine, type Program, runProgram } from "./program.ts";

/** The facts for one run. */
export interface Transfer {
  readonly mode: Mode;
  readonly family: Family;
  readonly address: string;
  /** The address as a URL has it: IPv6 in brackets. */
  readonly urlHost: string;
  readonly user: string;
  readonly password: string;
  /** Name of the file in the account's home. */
  readonly remote: string;
  /** Path on the client's host. */
  readonly local: string;
  /** How long it may wait for its peer: whole seconds, at least one. */
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
  download(transfer: Transfer): Invocation;
  /** Absent: it only downloads. */
  upload?(transfer: Transfer): Invocation;
}

/** For a transfer on a loaded machine. */
const PATIENCE_MS = 10_000;
/** Programs that obey their time limit end within this after it. */
const GRACE_MS = 500;

interface ClientSetup {
  readonly host: LabHost;
  readonly script: Script;
  readonly program: ClientProgram;
  readonly found: FoundProgram;
  readonly mode: Mode;
  /** A folder for the files of the play. */
  readonly work: string;
}

export class ProgramClient implements ErrandsPart {
  readonly #setup: ClientSetup;
  readonly log = new ErrandLog();
  #output = "";

  constructor(setup: ClientSetup) {
    this.#setup = setup;
  }

  /** Each errand is one run of the program. */
  async does(errands: readonly Wish[]): Promise<void> {
    for (const { what } of errands) {
      await goingOn(what === "store" ? this.uploads(STORED, FILE) : this.downloads(FETCHED, FILE));
    }
  }

  /** Downloads a file and compares it. */
  downloads(remote: string, contents: string): Promise<void> {
    const local = `${this.#setup.work}/in/${remote}`;
    const errand = { what: "fetch", name: remote, of: contents.length } as const;
    return this.#setup.script.step("client", `downloads ${remote}`, (patience) =>
      this.log.does(errand, async () => {
        const said = await this.#run(patience(PATIENCE_MS), (seconds) =>
          this.#setup.program.download(this.#transfer(remote, local, seconds)),
        );
        const got = await this.#setup.host.files.read(local).catch(() => undefined);
        if (got === undefined || (got.length === 0 && contents !== "")) {
          throw new Deviation("gave-up", `a file of ${contents.length} bytes`, said);
        }
        if (toText(got) !== contents) {
          throw new Deviation("gave-up", `${contents.length} bytes as stored`, `${got.length} other bytes; ${said}`);
        }
        return got.length;
      }),
    );
  }

  /** Uploads a file; the server checks that it arrived. A program that cannot upload does nothing. */
  async uploads(remote: string, contents: string): Promise<void> {
    const { upload } = this.#setup.program;
    if (upload === undefined) return;
    const local = `${this.#setup.work}/${remote}`;
    const errand = { what: "store", name: remote, of: contents.length } as const;
    await this.#setup.script.step("client", `uploads ${remote}`, (patience) =>
      this.log.does(errand, async () => {
        await this.#setup.host.files.write(local, toBytes(contents));
        await this.#run(patience(PATIENCE_MS), (seconds) => upload(this.#transfer(remote, local, seconds)));
        return undefined;
      }),
    );
  }

  /** Output of its last run. */
  get output(): string {
    return this.#output;
  }

  #transfer(remote: string, local: string, seconds: number): Transfer {
    const { family, roles } = this.#setup.script;
    const { address } = roles.dialled;
    const urlHost = family === "inet6" ? `[${address}]` : address;
    return { mode: this.#setup.mode, family, address, urlHost, user: USER, password: PASSWORD, remote, local, seconds };
  }

  /** Returns how it ended. Does not judge the exit status: several programs report success whatever happens. */
  async #run(patienceMs: number, invocation: (seconds: number) => Invocation): Promise<string> {
    const { command: other, args, stdin = "" } = invocation(Math.max(1, Math.floor(patienceMs / 1000)));
    const { command, env } = this.#setup.found;
    const { name } = this.#setup.program;
    const limitMs = patienceMs + GRACE_MS;
    const { status, output } = await runProgram(
      this.#setup.host,
      { command: other ?? command, args, stdin, env },
      limitMs,
    );
    this.#output = output;
    if (status === undefined) {
      throw new Deviation("gave-up", "the end of the transfer", `${name} still runs after ${limitMs / 1000} s`);
    }
    return `${name} ended with status ${status}${lastLine(output)}`;
  }
}

/** The transfers of a client that reads commands from its input, as a person types them. */
export function typedSession(
  args: (transfer: Transfer) => string[],
): Required<Pick<ClientProgram, "download" | "upload">> {
  const session = (transfer: Transfer, command: string) => ({
    args: args(transfer),
    stdin: `user ${transfer.user} ${transfer.password}\nbinary\n${command}\nquit\n`,
  });
  return {
    download: (transfer) => session(transfer, `get ${transfer.remote} ${transfer.local}`),
    upload: (transfer) => session(transfer, `put ${transfer.local} ${transfer.remote}`),
  };
}

export const programClient = (program: ClientProgram, mode: Mode): Player<ProgramClient> => ({
  name: program.name,
  needs: ["processes"],
  async take(host, script) {
    const found = await findProgram(host, program);
    const work = await prepareWork(host);
    const part = new ProgramClient({ host, script, program, found, mode, work });
    return {
      part,
      stop: async () => {},
      output: () => part.output,
      errands: () => part.log.errands,
      ...(found.version !== undefined && { version: found.version }),
    };
  },
});
