/**
 * basic-ftp in the client's part: the unmodified library, told what to do in the words of a script.
 * When it gives up, the step deviates with the library's own words.
 *
 * @example
 * scenario({ client: basicFtpClient(), server: ftpSrvServer({ files }), async play({ client }) {
 *   await client.connects();
 *   await client.downloads("/file", FILE);
 * } })
 */

import type { LabHost } from "../../contract/lab.ts";
import type { Player } from "../../contract/scenario.ts";
import { Deviation, type Script } from "../../contract/script.ts";
import { toBytes, toText } from "../script/control-channel.ts";
import { type BasicFtpClient, type BasicFtpOptions, basicFtp } from "./basic-ftp.ts";

export type LibraryClientOptions = Omit<BasicFtpOptions, "server">;

export class LibraryClient {
  readonly #host: LabHost;
  readonly #script: Script;
  readonly #options: LibraryClientOptions;
  #client: BasicFtpClient | undefined;

  constructor(host: LabHost, script: Script, options: LibraryClientOptions) {
    this.#host = host;
    this.#script = script;
    this.#options = options;
  }

  /** Connects, logs in, and sets binary transfers, as the library does in one go. */
  connects(): Promise<void> {
    return this.#does("connects and logs in", async () => {
      this.#client = await basicFtp.start(this.#host, { ...this.#options, server: this.#script.roles.dialled });
    });
  }

  /** Fetches a file and compares it. */
  downloads(path: string, contents: string): Promise<void> {
    return this.#does(`downloads ${path}`, async (client) => {
      const got = toText((await client.download(path)).content);
      if (got !== contents) {
        throw new Deviation("other-bytes", `${contents.length} bytes as stored`, `${got.length} other bytes`);
      }
    });
  }

  uploads(path: string, contents: string): Promise<void> {
    return this.#does(`uploads ${path}`, async (client) => {
      await client.upload(path, toBytes(contents));
    });
  }

  /** The listing has this file, of this size. */
  lists(name: string, size: number): Promise<void> {
    return this.#does("lists the directory", async (client) => {
      const entries = await client.list();
      if (entries.some((entry) => entry.name === name && entry.size === size)) return;
      const shown = entries.map((entry) => `${entry.name} (${entry.size})`).join(", ");
      throw new Deviation("other-bytes", `${name} (${size})`, shown || "an empty listing");
    });
  }

  /** One command that needs no data connection, and the code of its reply. */
  sends(line: string, code: number): Promise<void> {
    return this.#does(`sends ${line}`, async (client) => {
      const reply = await client.command(line);
      if (reply.code !== code) throw new Deviation("other-bytes", `a ${code} reply`, reply.text);
    });
  }

  quits(): Promise<void> {
    return this.#does("quits", (client) => client.stop());
  }

  leave(): void {
    this.#client?.stop();
  }

  #does(text: string, action: (client: BasicFtpClient) => void | Promise<void>): Promise<void> {
    return this.#script.step("client", text, async () => {
      try {
        // `connects` makes the client; every other step has one, or the script has stopped.
        await action(this.#client as BasicFtpClient);
      } catch (error) {
        if (error instanceof Deviation) throw error;
        throw new Deviation("gave-up", text, error instanceof Error ? error.message : String(error));
      }
    });
  }
}

export const basicFtpClient = (options: LibraryClientOptions = {}): Player<LibraryClient> => ({
  name: basicFtp.name,
  version: basicFtp.version,
  needs: ["bottles"],
  async take(host, script) {
    const part = new LibraryClient(host, script, options);
    return { part, stop: async () => part.leave() };
  },
});
