/**
 * ftp-srv, the FTP server of npm, unmodified, in a bottle on a host, its files in memory.
 *
 * What to know of it (version 4.6.3): a command split over two segments is taken for two commands; over IPv6
 * it answers PASV with `227 PASV OK (::1,…)`; it ignores EPSV's argument; it has no MLSD; when an active
 * data connection is refused it answers nothing; it takes PORT to a port below 1024; it knows
 * its data connection only by looking every 50 ms (passive) or 250 ms (active).
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

export interface FtpSrvOptions {
  readonly address: string;
  /** Default 21. */
  readonly port?: number;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Whoever logs in: without it every name and password is taken. */
  readonly user?: { readonly name: string; readonly password: string };
  /** What a 227 names; default: `address`. */
  readonly passiveAddress?: string;
  /** First and last port of its passive range; it goes through them in order. */
  readonly passivePorts?: readonly [number, number];
  /** PEM; with `implicit` TLS from the first byte, else AUTH TLS. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly implicit?: boolean };
  /** Milliseconds of silence after which it says 421; 0 and absent: never. */
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
  /** An error that the library let go uncaught; it has ended the server. */
  readonly failure: Error | undefined;
  /** Closes its connections, then the listener; nothing of the server is left after it. */
  stop(): Promise<void>;
  /** As if the program had been killed: its connections are reset. */
  kill(): void;
}

/** Bunyan's optional parts: a native probe, log rotation, and two conveniences. The player logs for itself. */
const absent = ["dtrace-provider", "mv", "safe-json-stringify", "source-map-support"];

/** IANA's dynamic ports, RFC 6335, section 6: 49152 and up, as far as one play may need. */
const defaultPassivePorts = [50_000, 50_999] as const;

/** After this the server is ended without its own farewell. */
const stopLimitMs = 5_000;

/** The calls of bunyan's that ftp-srv makes; commands are heard from its trace, nothing is printed. */
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
