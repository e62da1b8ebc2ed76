/**
 * Plain and quirky clients that dial a server of the user's: no firewall, real sockets.
 *
 * @example
 * const { works, errands, dialogue } = await ftpClient("quirk:plain").dials({ host: "127.0.0.1", port: 2121 });
 */

import { lookup } from "node:dns/promises";
import type { Errand } from "../../reports/model.ts";
import type { Wish } from "../contract/errands.ts";
import { AnchorageError } from "../contract/errors.ts";
import type { Mode } from "../contract/scenario.ts";
import { ClientSession } from "../players/ftp/client-session.ts";
import type { ClientQuirk } from "../players/ftp/quirk.ts";
import { EndingHost } from "./ending-host.ts";
import { quirkNamed } from "./quirk-named.ts";

export interface DialOptions {
  readonly host: string;
  /** 21 by default. */
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  /** How it asks for data connections. By default as the quirk does. */
  readonly mode?: Mode;
  /** Fetches this file. Without `fetch` and `store` it lists the folder. */
  readonly fetch?: string;
  /** Stores a file of 46,890 bytes under this name. */
  readonly store?: string;
  /** How long it waits for each connection and reply: 30,000 by default. */
  readonly timeoutMs?: number;
  /** Hangs up. */
  readonly signal?: AbortSignal;
  /** Hears each line as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface Dialled {
  readonly quirk: string;
  /** Every errand was done. */
  readonly works: boolean;
  readonly errands: readonly Errand[];
  /** `> PASV` from the client, `< 227 …` from the server. */
  readonly dialogue: readonly string[];
}

export interface LoopbackClient {
  /** One session, from the greeting to QUIT. A server's failures are in the result. */
  dials(options: DialOptions): Promise<Dialled>;
}

/** The host of `dials` has no address. */
export class NoSuchHost extends AnchorageError {
  override readonly name = "NoSuchHost";
  readonly host: string;

  constructor(host: string) {
    super(`there is no address of "${host}"`);
    this.host = host;
  }
}

/**
 * `quirk`: as for `ftpServer`, of a client. `dials` rejects with NoSuchQuirk, with NoSuchHost, or with the reason of
 * its signal.
 */
export const ftpClient = (quirk: string | ClientQuirk): LoopbackClient => ({
  async dials(options) {
    const { host, port = 21, signal, timeoutMs = 30_000 } = options;
    signal?.throwIfAborted();
    const found = await quirkNamed("client", quirk);
    const { address, family } = await lookup(host).catch(() => {
      throw new NoSuchHost(host);
    });
    const dialogue: string[] = [];
    const node = new EndingHost();
    const client = new ClientSession(node, {
      server: { address, port },
      family: family === 6 ? "inet6" : "inet",
      behaviour: found.quirk.behaviour,
      waits: { connectMs: timeoutMs, replyMs: timeoutMs },
      ...(options.user !== undefined && { user: options.user }),
      ...(options.password !== undefined && { password: options.password }),
      onLine: (line) => {
        dialogue.push(line);
        options.onLine?.(line);
      },
    });
    await untilAborted(client.runs(wishesOf(options, found.quirk.modes)), signal, () => node.ends());
    const works = client.errands.every(({ verdict }) => verdict === "done" || verdict === "detour");
    return { quirk: found.name, works, errands: client.errands, dialogue };
  },
});

function wishesOf({ fetch, store, mode }: DialOptions, modes: readonly Mode[]): Wish[] {
  const how = mode ?? modes[0] ?? "passive";
  const wishes: Wish[] = [
    ...(fetch === undefined ? [] : [{ what: "fetch" as const, mode: how, name: fetch, unknown: true }]),
    ...(store === undefined ? [] : [{ what: "store" as const, mode: how, name: store }]),
  ];
  return wishes.length === 0 ? [{ what: "list", mode: how }] : wishes;
}

async function untilAborted(work: Promise<void>, signal: AbortSignal | undefined, stop: () => void): Promise<void> {
  signal?.throwIfAborted();
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      stop();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort);
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
