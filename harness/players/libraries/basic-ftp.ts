/**
 * basic-ftp, npm's FTP client, as a player: the unmodified library in a bottle on a host, which does the steps of a
 * script. When it gives up, the step deviates with the library's own message.
 *
 * It is passive only: EPSV first, PASV on request or when EPSV fails. It refuses a 227 that names another host than the
 * control connection's unless `allowSeparateTransferHost` is set. From AUTH TLS on, a proxy cannot read its dialogue.
 *
 * @example
 * scenario({ client: basicFtpClient(), server: ftpSrvServer({ files }), async play({ client }) {
 *   await client.connects();
 *   await client.downloads("/file", FILE);
 * } })
 */
import { createHash } from "node:crypto";
import { Readable, Writable } from "node:stream";
import type * as BasicFtp from "basic-ftp";
import type * as Strategies from "basic-ftp/dist/transfer.d.ts";
import type { Endpoint, Host } from "../../../proxy/host.ts";
import type { Errand } from "../../../reports/model.ts";
import { openBottle } from "../../bottle/bottle.ts";
import { packageVersion } from "../../bottle/loader.ts";
import type { ErrandsPart, Wish } from "../../contract/errands.ts";
import type { LabHost } from "../../contract/lab.ts";
import type { Player } from "../../contract/scenario.ts";
import { Deviation, type Script } from "../../contract/script.ts";
import { ErrandLog, goingOn } from "../errand-log.ts";
import { FETCHED, FILE, STORED } from "../files.ts";
import { toBytes, toText } from "../script/control-channel.ts";

export interface BasicFtpOptions {
  readonly server: Endpoint;
  /** Default: anonymous, with the library's own password. */
  readonly user?: string;
  readonly password?: string;
  /** `epsv`: EPSV, then PASV, as the library does by default. `pasv`: PASV at once. */
  readonly passive?: "epsv" | "pasv";
  readonly tls?: {
    /** AUTH TLS on the control connection, or TLS from the first byte. */
    readonly how: "explicit" | "implicit";
    /** PEM of the certificate to trust. Absent: any. */
    readonly trust?: string;
  };
  /** Milliseconds without an answer after which it gives up; 0: never. Default 30 000, as in the library. */
  readonly timeoutMs?: number;
  /** Takes a 227 that names another host than the control connection's; the library refuses it by default. */
  readonly allowSeparateTransferHost?: boolean;
}

export interface Transfer {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** A line of the library's own log: what it sent (`> `), got (`< `) or thought. */
export interface ClientLine {
  readonly atMs: number;
  readonly text: string;
}

export interface BasicFtpClient {
  readonly name: string;
  readonly version: string;
  readonly lines: readonly ClientLine[];
  /** The library's own object, for everything else. */
  readonly library: BasicFtp.Client;
  /** An error that the library did not catch; it has ended the client. */
  readonly failure: Error | undefined;
  list(path?: string): Promise<readonly BasicFtp.FileInfo[]>;
  upload(path: string, content: Uint8Array): Promise<Transfer>;
  append(path: string, content: Uint8Array): Promise<Transfer>;
  /** From byte `startAt` (REST). */
  download(path: string, startAt?: number): Promise<Transfer & { readonly content: Uint8Array }>;
  /** Sends one command; returns its reply, 4xx and 5xx included. */
  command(line: string): Promise<{ readonly code: number; readonly text: string }>;
  /** QUIT and FIN; ends the bottle. */
  stop(): void;
}

const summary = (content: Uint8Array): Transfer => ({
  bytes: content.length,
  sha256: createHash("sha256").update(content).digest("hex"),
});

async function start(host: Host, options: BasicFtpOptions): Promise<BasicFtpClient> {
  const bottle = openBottle(host);
  const library = bottle.require("basic-ftp") as typeof BasicFtp;
  const client = new library.Client(options.timeoutMs ?? 30_000, {
    allowSeparateTransferHost: options.allowSeparateTransferHost === true,
  });
  const lines: ClientLine[] = [];
  client.ftp.log = (text) => void lines.push({ atMs: host.clock.now(), text: text.trimEnd() });
  if (options.passive === "pasv") {
    const strategies = bottle.require("basic-ftp/dist/transfer") as typeof Strategies;
    client.prepareTransfer =
      options.allowSeparateTransferHost === true
        ? strategies.enterPassiveModeIPv4
        : strategies.enterPassiveModeIPv4_forceControlHostIP;
  }
  const stop = (): void => {
    client.close();
    bottle.close();
  };
  const { tls, user, password } = options;
  const trust = tls?.trust === undefined ? { rejectUnauthorized: false } : { ca: tls.trust };
  try {
    const access = client.access({
      host: options.server.address,
      port: options.server.port,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      ...(tls === undefined ? {} : { secure: tls.how === "implicit" ? "implicit" : true, secureOptions: trust }),
    });
    await Promise.race([access, bottle.failed]);
  } catch (error) {
    stop();
    throw error;
  }
  /** The library's result, or the error that ended it first. */
  const orFailure = <T>(promise: Promise<T>): Promise<T> => Promise.race([promise, bottle.failed]);
  return {
    name: basicFtp.name,
    version: basicFtp.version,
    lines,
    library: client,
    get failure() {
      return bottle.failure;
    },
    list: (path) => orFailure(client.list(path)),
    async upload(path, content) {
      await orFailure(client.uploadFrom(Readable.from([Buffer.from(content)]), path));
      return summary(content);
    },
    async append(path, content) {
      await orFailure(client.appendFrom(Readable.from([Buffer.from(content)]), path));
      return summary(content);
    },
    async download(path, startAt = 0) {
      const pieces: Buffer[] = [];
      const sink = new Writable({
        write(piece: Buffer, _encoding, done) {
          pieces.push(piece);
          done();
        },
      });
      await orFailure(client.downloadTo(sink, path, startAt));
      const content = Buffer.concat(pieces);
      return { ...summary(content), content };
    },
    async command(line) {
      const { code, message } = await orFailure(client.sendIgnoringError(line));
      return { code, text: message };
    },
    stop,
  };
}

export const basicFtp = { name: "basic-ftp", version: packageVersion("basic-ftp"), start } as const;

export type LibraryClientOptions = Omit<BasicFtpOptions, "server">;

export class LibraryClient implements ErrandsPart {
  readonly #host: LabHost;
  readonly #script: Script;
  readonly #options: LibraryClientOptions;
  readonly log = new ErrandLog();
  #client: BasicFtpClient | undefined;

  constructor(host: LabHost, script: Script, options: LibraryClientOptions) {
    this.#host = host;
    this.#script = script;
    this.#options = options;
  }

  /** One session with all errands. */
  async does(errands: readonly Wish[]): Promise<void> {
    await goingOn(
      this.connects().then(async () => {
        for (const { what } of errands) {
          await goingOn(what === "store" ? this.uploads(STORED, FILE) : this.downloads(FETCHED, FILE));
        }
      }),
    );
    await this.quits();
  }

  /** Connects, logs in, and sets binary transfers: one call of the library. */
  connects(): Promise<void> {
    return this.#does("connects and logs in", { what: "log in" }, async () => {
      this.#client = await basicFtp.start(this.#host, { ...this.#options, server: this.#script.roles.dialled });
      return undefined;
    });
  }

  /** Downloads a file and compares it. */
  downloads(path: string, contents: string): Promise<void> {
    return this.#does(`downloads ${path}`, { what: "fetch", name: path, of: contents.length }, async (client) => {
      const got = toText((await client.download(path)).content);
      if (got !== contents) {
        throw new Deviation("other-bytes", `${contents.length} bytes as stored`, `${got.length} other bytes`);
      }
      return got.length;
    });
  }

  uploads(path: string, contents: string): Promise<void> {
    return this.#does(`uploads ${path}`, { what: "store", name: path, of: contents.length }, async (client) => {
      return (await client.upload(path, toBytes(contents))).bytes;
    });
  }

  /** The listing shows this file with this size. */
  lists(name: string, size: number): Promise<void> {
    return this.#does("lists the directory", { what: "list" }, async (client) => {
      const entries = await client.list();
      if (entries.some((entry) => entry.name === name && entry.size === size)) return undefined;
      const shown = entries.map((entry) => `${entry.name} (${entry.size})`).join(", ");
      throw new Deviation("other-bytes", `${name} (${size})`, shown || "an empty listing");
    });
  }

  /** Sends a command that needs no data connection, and expects this code in the reply. */
  sends(line: string, code: number): Promise<void> {
    return this.#does(`sends ${line}`, { what: "talk", name: line }, async (client) => {
      const reply = await client.command(line);
      if (reply.code !== code) throw new Deviation("other-bytes", `a ${code} reply`, reply.text);
      return undefined;
    });
  }

  quits(): Promise<void> {
    return this.#script.step("client", "quits", () => this.leave());
  }

  leave(): void {
    this.#client?.stop();
  }

  #does(
    text: string,
    errand: Pick<Errand, "what" | "name" | "of">,
    action: (client: BasicFtpClient) => Promise<number | undefined>,
  ): Promise<void> {
    const tries = async () => {
      try {
        // `connects` makes the client, and the script has stopped if that failed.
        return await action(this.#client as BasicFtpClient);
      } catch (error) {
        if (error instanceof Deviation) throw error;
        throw new Deviation("gave-up", text, error instanceof Error ? error.message : String(error));
      }
    };
    return this.#script.step("client", text, () => this.log.does(errand, tries));
  }
}

export const basicFtpClient = (options: LibraryClientOptions = {}): Player<LibraryClient> => ({
  name: basicFtp.name,
  version: basicFtp.version,
  needs: ["bottles"],
  async take(host, script) {
    const part = new LibraryClient(host, script, options);
    return { part, errands: () => part.log.errands, stop: async () => part.leave() };
  },
});
