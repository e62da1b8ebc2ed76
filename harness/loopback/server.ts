/**
 * Plain and quirky servers on an address of this machine, for tests of a client: no firewall, real sockets.
 *
 * @example
 * await using server = await ftpServer("pasv-227-no-parens");
 * await myClient.download(server.host, server.port, server.file.name); // equal to server.file.bytes
 */

import { CONTENTS, FETCHED } from "../players/files.ts";
import type { ServerQuirk } from "../players/ftp/quirk.ts";
import { FtpServer } from "../players/ftp/server.ts";
import { EndingHost } from "./ending-host.ts";
import { quirkNamed } from "./quirk-named.ts";

export interface FtpServerOptions {
  /** Address of this machine to listen on: 127.0.0.1 by default, `::1` for IPv6. */
  readonly host?: string;
  /** Any free one by default. */
  readonly port?: number;
  /** Closes the server. */
  readonly signal?: AbortSignal;
}

/** A running server. It takes any user and password, and several sessions at once. */
export interface LoopbackServer extends AsyncDisposable {
  readonly quirk: string;
  readonly title: string;
  readonly host: string;
  readonly port: number;
  /** Without user and password: `ftp://127.0.0.1:40021`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** A file to fetch. */
  readonly file: { readonly name: string; readonly bytes: Uint8Array };
  /** What clients have stored until now, by name. */
  readonly stored: ReadonlyMap<string, Uint8Array>;
  /** The lines of all control connections until now: `> PASV` from a client, `< 227 …` from the server. */
  readonly dialogue: readonly string[];
  /** Closes the port and every session. */
  close(): Promise<void>;
}

/**
 * Starts a server and resolves when it accepts connections. `quirk`: `plain`, a name that `anchorage list --quirks`
 * prints, with or without `quirk:`, the path of a quirk file, or what `quirkyServer()` returned.
 *
 * Rejects with NoSuchQuirk, with ConnectionError when it cannot listen there, or with the reason of `signal`.
 */
export async function ftpServer(quirk: string | ServerQuirk, options: FtpServerOptions = {}): Promise<LoopbackServer> {
  const { host = "127.0.0.1", port = 0, signal } = options;
  signal?.throwIfAborted();
  const found = await quirkNamed("server", quirk);
  const dialogue: string[] = [];
  const node = new EndingHost();
  const server = await FtpServer.start(node, { address: host, port }, found.quirk.behaviour, {
    onLine: (line) => dialogue.push(line),
  });
  const close = async () => {
    signal?.removeEventListener("abort", stop);
    server.close();
    node.ends();
  };
  const stop = () => void close();
  if (signal?.aborted) stop();
  signal?.throwIfAborted();
  signal?.addEventListener("abort", stop);
  const bound = server.endpoint.port;
  return {
    quirk: found.name,
    title: found.quirk.title,
    host,
    port: bound,
    url: `ftp://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    user: "anonymous",
    password: "guest@example.org",
    file: { name: FETCHED, bytes: CONTENTS.slice() },
    get stored() {
      return server.files.stored;
    },
    dialogue,
    close,
    [Symbol.asyncDispose]: close,
  };
}
