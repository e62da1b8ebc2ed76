/**
 * basic-ftp, the FTP client of npm, unmodified, in a bottle on a host.
 *
 * It is passive only: EPSV first, PASV when told so or when EPSV fails. It refuses a 227 that names another
 * host than the control connection's unless `allowSeparateTransferHost` is set. In FTPS its control
 * dialogue is sealed to a proxy from AUTH TLS on.
 *
 * @example
 * const client = await basicFtp.start(host, { server: { address: "198.51.100.7", port: 21 } });
 * const sent = await client.upload("/report.txt", bytes);
 * sent.sha256 === (await client.download("/report.txt")).sha256;
 * client.stop();
 */
import { createHash } from "node:crypto";
import { Readable, Writable } from "node:stream";
import type * as BasicFtp from "basic-ftp";
import type * as Strategies from "basic-ftp/dist/transfer.d.ts";
import type { Endpoint, Host } from "../../../proxy/host.ts";
import { openBottle } from "../../bottle/bottle.ts";
import { packageVersion } from "../../bottle/loader.ts";

export interface BasicFtpOptions {
  readonly server: Endpoint;
  /** Default: anonymous, with the library's own password. */
  readonly user?: string;
  readonly password?: string;
  /** EPSV with PASV behind it, as the library does by itself, or PASV at once. */
  readonly passive?: "epsv" | "pasv";
  readonly tls?: {
    /** AUTH TLS on the control connection, or TLS from the first byte. */
    readonly how: "explicit" | "implicit";
    /** PEM of the certificate to trust; without it any is. */
    readonly trust?: string;
  };
  /** Milliseconds without an answer after which it gives up; 0: never. Default 30 000, as the library has it. */
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
  /** The library's own object, for what is not here. */
  readonly library: BasicFtp.Client;
  /** An error that the library let go uncaught; it has ended the client. */
  readonly failure: Error | undefined;
  list(path?: string): Promise<readonly BasicFtp.FileInfo[]>;
  upload(path: string, content: Uint8Array): Promise<Transfer>;
  append(path: string, content: Uint8Array): Promise<Transfer>;
  /** From byte `startAt` (REST). */
  download(path: string, startAt?: number): Promise<Transfer & { readonly content: Uint8Array }>;
  /** Sends one command; a 4xx or 5xx answer is returned too. */
  command(line: string): Promise<{ readonly code: number; readonly text: string }>;
  /** QUIT and FIN; nothing of the client is left after it. */
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
  /** What the library promised, or the error that ended it first. */
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
