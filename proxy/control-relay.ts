/**
 * Relays one control connection: performs the actions of a `ControlSession` on its two connections, its idle
 * limits and its anchor.
 *
 * Promises: the session gets bytes in the order in which they came. It reads from neither peer while rules
 * are being loaded, and not from a peer whose partner cannot take more, so memory is bounded. `gone` is called
 * once, after the anchor has been emptied.
 *
 * @example
 * const relay = new ControlRelay({ host, packetFilter, anchor, session, client, server, log, gone });
 * relay.start();
 */

import type { Connection, ConnectionError, Host } from "./host.ts";
import { IdleLimit } from "./idle-limit.ts";
import type { LoadOutcome, PacketFilter } from "./pf/packet-filter.ts";
import type { Action, Peer, SessionInput } from "./session/action.ts";
import { type LogLine, removalFailed } from "./session/log-lines.ts";
import type { ControlSession } from "./session/session.ts";

/** Milliseconds that a peer has, after the end, to read what is still on its way. Our own number. */
const lingerLimit = 5_000;
/** With more bytes than this held for a peer, its own lines wait, too. Our own number. */
const mostPending = 65_536;

export interface RelayParts {
  readonly id: number;
  readonly host: Host;
  readonly packetFilter: PacketFilter;
  readonly anchor: string;
  readonly session: ControlSession;
  readonly client: Connection;
  readonly server: Connection;
  readonly log: (line: LogLine) => void;
  readonly gone: () => void;
}

const opposite = { client: "server", server: "client" } as const;

export class ControlRelay {
  readonly #parts: RelayParts;
  readonly #idle: Readonly<Record<Peer, IdleLimit>>;
  /** `--line-timeout`, by peer; made when first needed. */
  readonly #line: Partial<Record<Peer, IdleLimit>> = {};
  #loading: Promise<void> | undefined;
  readonly #paused = { client: false, server: false };
  /** Peers that cannot take more until they drain. */
  readonly #full = { client: false, server: false };

  constructor(parts: RelayParts) {
    this.#parts = parts;
    const limit = (peer: Peer) =>
      new IdleLimit(parts.host.clock, () => this.#feed({ kind: "timeout", from: this.#longerSilent(peer) }));
    this.#idle = { client: limit("client"), server: limit("server") };
  }

  start(): void {
    const { client, server, session } = this.#parts;
    // Source: ftp-proxy.c 1.41: SO_KEEPALIVE on both, failures ignored.
    client.setKeepAlive(true);
    server.setKeepAlive(true);
    this.#perform(session.start());
    this.#listen("server");
    this.#listen("client");
  }

  stop(): void {
    this.#feed({ kind: "stop" });
  }

  /** Timers of a process that was stopped fire late, and not always in their order. */
  #longerSilent(peer: Peer): Peer {
    const other = opposite[peer];
    return this.#idle[other].overAt < this.#idle[peer].overAt ? other : peer;
  }

  #listen(from: Peer): void {
    this.#parts[from].handle({
      onData: (bytes) => {
        this.#idle[from].touch();
        this.#feed({ kind: "bytes", from, bytes });
      },
      onEnd: () => this.#feed({ kind: "end", from }),
      onDrain: () => {
        this.#full[from] = false;
        this.#settle();
      },
      onClose: (error) => this.#feed(error === undefined ? { kind: "end", from } : broken(from, error)),
    });
  }

  #feed(input: SessionInput): void {
    this.#perform(this.#parts.session.handle(input));
  }

  #perform(actions: readonly Action[]): void {
    for (const action of actions) {
      switch (action.kind) {
        case "send":
          if (!this.#parts[action.to].write(action.bytes)) this.#full[action.to] = true;
          break;
        case "load":
          this.#load(action.rules);
          break;
        case "log":
          this.#parts.log(action);
          break;
        case "idle-limit":
          this.#idle[action.from].set(action.milliseconds);
          break;
        case "line-limit":
          this.#lineLimit(action.from).set(action.milliseconds);
          break;
        case "drop":
          void this.#drop();
          break;
        case "close":
          this.#close("client");
          this.#close("server");
          return;
        default:
          action satisfies never;
      }
    }
    this.#settle();
  }

  #lineLimit(from: Peer): IdleLimit {
    this.#line[from] ??= new IdleLimit(this.#parts.host.clock, () => this.#feed({ kind: "line-timeout", from }));
    return this.#line[from];
  }

  #load(rules: string): void {
    const { packetFilter, anchor } = this.#parts;
    this.#loading = packetFilter.load(anchor, rules).then((outcome: LoadOutcome) => {
      this.#loading = undefined;
      this.#feed(outcome.ok ? { kind: "rules-loaded" } : { kind: "rules-failed", failure: outcome.failure });
    });
  }

  async #drop(): Promise<void> {
    const { packetFilter, anchor, log, gone, id } = this.#parts;
    // A session may end while its rules are on their way; they must not arrive after the flush.
    if (this.#loading !== undefined) await this.#loading;
    const outcome = await packetFilter.flush(anchor);
    if (!outcome.ok) log(removalFailed(id, outcome.failure.reason));
    gone();
  }

  /** Reads from each peer whose bytes have room, and from neither while rules are being loaded. */
  #settle(): void {
    const { session } = this.#parts;
    if (session.ended) return;
    for (const from of ["client", "server"] as const) {
      const pause = session.loading || this.#full[opposite[from]] || this.#parts[from].pending > mostPending;
      if (pause === this.#paused[from]) continue;
      this.#paused[from] = pause;
      if (pause) this.#parts[from].pause();
      else this.#parts[from].resume();
    }
  }

  #close(peer: Peer): void {
    const { host } = this.#parts;
    const connection = this.#parts[peer];
    this.#idle[peer].cancel();
    this.#line[peer]?.cancel();
    if (connection.pending > 0) {
      const linger = host.clock.after(lingerLimit, () => connection.reset());
      connection.handle({ onClose: () => linger.cancel() });
    } else {
      connection.handle({});
    }
    if (this.#paused[peer]) connection.resume();
    connection.close();
  }
}

function broken(from: Peer, error: ConnectionError): SessionInput {
  return { kind: "reset", from, writing: error.code === "EPIPE" };
}
