/**
 * ftp-srv, npm's FTP server, as a player: the unmodified library in a bottle on a host, with its files in memory.
 *
 * Its quirks (version 4.6.3):
 * - it reads a command split over two segments as two commands;
 * - over IPv6 it answers PASV with `227 PASV OK (::1,…)`;
 * - it ignores EPSV's argument, and has no MLSD;
 * - it answers nothing when an active data connection is refused;
 * - it accepts PORT to a port below 1024;
 * - it notices its data connection only when it looks: every 50 ms (passive) or 250 ms (active).
 *
 * @example
 * const server = await ftpSrv.start(host, { address: "198.51.100.7", files: { "/pub/hello.txt": "hello" } });
 * server.files.read("/upload.bin");
 * await server.stop();
 */
import type * as FtpSrv from "ftp-srv";
import type { Host, Timer } from "../../../proxy/host.ts";
import { openBottle } from "../../bottle/bottle.ts";
import type { FileTree } from "../../bottle/file-tree.ts";
import { packageVersion } from "../../bottle/loader.ts";
import type { Player } from "../../contract/scenario.ts";
import { Deviation, type Script } from "../../contract/script.ts";
import { toText } from "../script/control-channel.ts";

export interface FtpSrvOptions {
  readonly address: string;
  /** Default 21. */
  readonly port?: number;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** The one account. Absent: any name and password. */
  readonly user?: { readonly name: string; readonly password: string };
  /** The address in a 227; default: `address`. */
  readonly passiveAddress?: string;
  /** First and last port of its passive range, used in order. */
  readonly passivePorts?: readonly [number, number];
  /** PEM; with `implicit` TLS from the first byte, else AUTH TLS. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly implicit?: boolean };
  /** Milliseconds of silence after which it replies 421; 0 or absent: never. */
  readonly idleTimeoutMs?: number;
  readonly greeting?: string;
}

/** A command as the library understood it. */
export interface CommandSeen {
  readonly atMs: number;
  readonly line: string;
}

export interface FtpSrvServer {
  readonly name: string;
  readonly version: string;
  readonly port: number;
  readonly files: FileTree;
  readonly commands: readonly CommandSeen[];
  /** Errors of its sockets as the library reports them. */
  readonly errors: readonly Error[];
  /** An error that the library did not catch; it has ended the server. */
  readonly failure: Error | undefined;
  /** Closes its connections, then the listener, then the bottle. */
  stop(): Promise<void>;
  /** Resets its connections, as when a program is killed. */
  kill(): void;
}

/** Optional packages of bunyan: a native probe, log rotation, and two conveniences. The player does not use its log. */
const absent = ["dtrace-provider", "mv", "safe-json-stringify", "source-map-support"];

/** IANA's dynamic ports, RFC 6335, section 6: 49152 and up, as far as one play may need. */
const defaultPassivePorts = [50_000, 50_999] as const;

/** After this the server is stopped without its own farewell. */
const stopLimitMs = 5_000;

/** A bunyan logger that prints nothing, and reports each command from ftp-srv's trace. */
function listeningLog(heard: (line: string) => void): unknown {
  const quiet = (): void => {};
  const trace = (record: unknown): void => {
    if (typeof record !== "object" || record === null || !("command" in record)) return;
    const { command } = record;
    if (typeof command === "object" && command !== null && "raw" in command) heard(String(command.raw));
  };
  const log = { trace, debug: quiet, info: quiet, warn: quiet, error: quiet, fatal: quiet, child: () => log };
  return log;
}

async function start(host: Host, options: FtpSrvOptions): Promise<FtpSrvServer> {
  const { address, port = 21, passivePorts = defaultPassivePorts, tls, user } = options;
  const bottle = openBottle(host, { absent });
  const { FtpSrv: FtpServer } = bottle.require("ftp-srv") as { FtpSrv: typeof FtpSrv.FtpServer };
  const commands: CommandSeen[] = [];
  const errors: Error[] = [];
  for (const [path, content] of Object.entries(options.files ?? {})) {
    bottle.files.write(path, Buffer.from(content));
  }
  const authority = `${address.includes(":") ? `[${address}]` : address}:${port}`;
  const server = new FtpServer({
    url: `${tls?.implicit === true ? "ftps" : "ftp"}://${authority}`,
    pasv_url: options.passiveAddress ?? address,
    pasv_min: passivePorts[0],
    pasv_max: passivePorts[1],
    anonymous: user === undefined,
    log: listeningLog((line) => commands.push({ atMs: host.clock.now(), line })),
    ...(tls === undefined ? {} : { tls: { cert: tls.cert, key: tls.key } }),
    ...(options.idleTimeoutMs === undefined ? {} : { timeout: options.idleTimeoutMs }),
    ...(options.greeting === undefined ? {} : { greeting: options.greeting }),
  });
  server.on("client-error", ({ error }) => void errors.push(error));
  server.on("login", ({ username, password }, accept, refuse) => {
    if (user === undefined || (user.name === username && user.password === password)) accept({ root: "/" });
    else refuse(new Error("Login incorrect"));
  });
  const stop = async (): Promise<void> => {
    let limit: Timer | undefined;
    const enough = new Promise<void>((resolve) => {
      limit = host.clock.after(stopLimitMs, resolve);
    });
    if (bottle.failure === undefined) await Promise.race([server.close(), enough]);
    limit?.cancel();
    bottle.close();
  };
  try {
    await Promise.race([server.listen(), bottle.failed]);
  } catch (error) {
    bottle.close();
    throw error;
  }
  return {
    name: ftpSrv.name,
    version: ftpSrv.version,
    port,
    files: bottle.files,
    commands,
    errors,
    get failure() {
      return bottle.failure;
    },
    stop,
    kill: () => bottle.close(),
  };
}

export const ftpSrv = { name: "ftp-srv", version: packageVersion("ftp-srv"), start } as const;

export class LibraryServer {
  readonly #script: Script;
  readonly #server: FtpSrvServer;

  constructor(script: Script, server: FtpSrvServer) {
    this.#script = script;
    this.#server = server;
  }

  /** The file has arrived whole. */
  holdsFile(path: string, contents: string): Promise<void> {
    return this.#script.step("server", `holds ${path}`, () => {
      const bytes = this.#server.files.read(path);
      const got = bytes === undefined ? undefined : toText(bytes);
      if (got === contents) return;
      const actual = got === undefined ? "no such file" : `${got.length} other bytes`;
      throw new Deviation("other-bytes", `${contents.length} bytes as sent`, actual);
    });
  }
}

export const ftpSrvServer = (options: Omit<FtpSrvOptions, "address"> = {}): Player<LibraryServer> => ({
  name: ftpSrv.name,
  version: ftpSrv.version,
  needs: ["bottles"],
  async take(host, script) {
    const server = await ftpSrv.start(host, { ...options, address: host.address(script.family) });
    return { part: new LibraryServer(script, server), stop: () => server.stop() };
  },
});
