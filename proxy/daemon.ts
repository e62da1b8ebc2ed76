/**
 * The proxy around its sessions: listens, finds the address that each client dialled, connects to it, and
 * keeps the sessions until they end. Everything that looks at bytes is in session/.
 *
 * Deterministic given the host's clock and random. `-m` is kept, ids start at 1 and are never used
 * twice, anchors are `ftp-proxy/PID.ID`.
 *
 * @example
 * const proxy = await startProxy(host, proxyOptions({ pid: 4711 }), new PfctlPacketFilter(host));
 * await proxy.stop(15); // logs "exiting on signal 15", empties every anchor
 */

import { ControlRelay } from "./control-relay.ts";
import { errorText } from "./errno.ts";
import type { Connection, ConnectionError, Endpoint, Host, Listener } from "./host.ts";
import type { ProxyOptions } from "./options.ts";
import { socketAddress } from "./original-destination.ts";
import type { PacketFilter } from "./pf/packet-filter.ts";
import * as lines from "./session/log-lines.ts";
import { critical, error, info, type LogLine, notice } from "./session/log-lines.ts";
import { toBytes } from "./session/octets.ts";
import { ControlSession } from "./session/session.ts";
import { visible, visibleOnTerminal } from "./visible.ts";

export interface RunningProxy {
  readonly local: Endpoint;
  /** Sessions whose anchors have not been emptied yet. */
  readonly sessions: number;
  /** Ends every session and resolves when all anchors are empty. `signal` is for the log. */
  stop(signal?: number): Promise<void>;
}

/** Rejects with ConnectionError when the address cannot be bound, or with the error of `beforeServing`. */
export async function startProxy(host: Host, options: ProxyOptions, packetFilter: PacketFilter): Promise<RunningProxy> {
  const daemon = new Daemon(host, options, packetFilter);
  await daemon.listen();
  return daemon;
}

/**
 * ftp-proxy.c 1.41 has TCP_BACKLOG 10, which a burst overflows; a longer queue makes no visible difference.
 * Source of the number: OpenBSD sys/socket.h, SOMAXCONN.
 */
const backlog = 128;

class Daemon implements RunningProxy {
  readonly #host: Host;
  readonly #options: ProxyOptions;
  readonly #packetFilter: PacketFilter;
  /** Oldest first. Ids without a session are still looking for their server. */
  readonly #sessions = new Map<number, ControlRelay | undefined>();
  #listener: Listener | undefined;
  #nextId = 1;
  /** Clients that came before the proxy was ready to serve. */
  #early: Connection[] | undefined = [];
  #stopping = false;
  #stopped: Promise<void> | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(host: Host, options: ProxyOptions, packetFilter: PacketFilter) {
    this.#host = host;
    this.#options = options;
    this.#packetFilter = packetFilter;
  }

  get local(): Endpoint {
    return this.#listener?.local ?? this.#options.listen;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  async listen(): Promise<void> {
    const { sourceAddress, fixedServer, listen, listenText, transparent } = this.#options;
    if (sourceAddress !== undefined) this.#log({ level: info, text: `using ${sourceAddress} to connect to servers` });
    if (fixedServer !== undefined) this.#log({ level: info, text: `using fixed server ${fixedServer.address}` });
    // Source: ftp-proxy.c 1.13 and 1.19; 1.41.
    const acceptCall = this.#options.generation === "modern" ? "accept()" : "accept";
    const onError = (failure: ConnectionError) =>
      this.#log({ level: critical, text: `${acceptCall} failed: ${errorText(failure.code)}` });
    this.#listener = await this.#host.listen({ ...listen, backlog, transparent, onError }, (client) =>
      this.#accept(client),
    );
    try {
      await this.#options.beforeServing?.();
    } catch (failure) {
      this.#listener.close();
      for (const client of this.#early ?? []) client.reset();
      throw failure;
    }
    this.#log({ level: notice, text: `listening on ${listenText.address} port ${listenText.port}` });
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const client of early) this.#accept(client);
  }

  stop(signal?: number): Promise<void> {
    this.#stopped ??= this.#stop(signal);
    return this.#stopped;
  }

  async #stop(signal?: number): Promise<void> {
    this.#stopping = true;
    this.#listener?.close();
    // Source: ftp-proxy.c 1.13; 1.19 no longer writes it.
    const name = this.#options.generation === "classic" ? "ftp-proxy " : "";
    if (signal !== undefined) this.#log({ level: error, text: `${name}exiting on signal ${signal}` });
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    // Source: ftp-proxy.c 1.41, exit_daemon: the newest session ends first.
    for (const session of [...this.#sessions.values()].reverse()) session?.stop();
    if (this.#sessions.size > 0) await empty;
    await this.#packetFilter.close();
  }

  #accept(client: Connection): void {
    if (this.#early !== undefined) {
      this.#early.push(client);
      return;
    }
    const { maxSessions, extensions } = this.#options;
    const from = client.remote.address;
    if (this.#sessions.size >= maxSessions) {
      this.#log({ level: error, text: `client limit (${maxSessions}) reached, refusing connection from ${from}` });
      if (extensions.reply421) client.write(toBytes("421 Too many sessions\r\n"));
      client.handle({});
      client.close();
      return;
    }
    const id = this.#nextId++;
    this.#sessions.set(id, undefined);
    this.#log(lines.accepted(id, from));
    const original = (this.#options.originalDestination ?? socketAddress)(client);
    if (original instanceof Promise) void original.then((found) => this.#dial(id, client, found));
    else this.#dial(id, client, original);
  }

  #dial(id: number, client: Connection, original: Endpoint | undefined): void {
    const target = this.#options.fixedServer ?? original;
    if (original === undefined || target === undefined) {
      this.#abandon(id, client, lines.lookupFailed(id));
      return;
    }
    if (this.#stopping || this.#isSelf(target)) {
      this.#abandon(id, client, this.#stopping ? undefined : lines.refusedSelf(id, target.address));
      return;
    }
    const { sourceAddress } = this.#options;
    const local = sourceAddress === undefined ? {} : { local: { address: sourceAddress } };
    const server = this.#host.connect({ address: target.address, port: target.port, ...local });
    let failedAtOnce: ConnectionError | undefined;
    server.handle({
      onClose: (failure) => {
        failedAtOnce = failure;
      },
    });
    const go = () => {
      if (failedAtOnce !== undefined) {
        this.#abandon(id, client, this.#connectFailed(id, target, failedAtOnce));
      } else if (this.#stopping) {
        server.handle({});
        server.close();
        this.#abandon(id, client);
      } else {
        this.#begin(id, client, server, original, target);
      }
    };
    if (server.attempted === undefined) this.#host.clock.after(0, go);
    else void server.attempted.then(go);
  }

  /** ftp-proxy(8) has no such check and calls itself until `-m` stops it; capture divert-vs-rdr-lookup.rdr. */
  #isSelf(target: Endpoint): boolean {
    return this.#options.refuseSelf && target.port === this.local.port && target.address === this.local.address;
  }

  #connectFailed(id: number, target: Endpoint, failure: ConnectionError): LogLine {
    // A refusal that is quicker than getsockname(2). Source: captures server-refused on OpenBSD 7.8.
    if (failure.code === "ECONNREFUSED" || failure.code === "ECONNRESET") {
      return lines.addressUnknown(id, errorText(failure.code));
    }
    if (failure.code === "EMFILE") return lines.socketFailed(id, errorText(failure.code));
    const cannotBind = failure.code === "EADDRNOTAVAIL" || failure.code === "EADDRINUSE";
    return cannotBind && this.#options.sourceAddress !== undefined
      ? lines.bindFailed(id, errorText(failure.code))
      : lines.connectFailed(id, target.address, errorText(failure.code));
  }

  #begin(id: number, client: Connection, server: Connection, original: Endpoint, target: Endpoint): void {
    // Without those that came while it dialled: ftp-proxy(8) accepts, dials and logs in one go.
    const count = [...this.#sessions.keys()].filter((other) => other <= id).length;
    const session = new ControlSession(
      {
        ...this.#options,
        id,
        count,
        client: client.remote.address,
        original: original.address,
        server: target.address,
        proxy: server.local.address,
      },
      this.#host.random,
    );
    const relay = new ControlRelay({
      id,
      host: this.#host,
      packetFilter: this.#packetFilter,
      anchor: this.#anchor(id),
      session,
      client,
      server,
      log: (line) => this.#log(line),
      gone: () => this.#gone(id),
    });
    this.#sessions.set(id, relay);
    relay.start();
  }

  /** A session that ends before it has a server. */
  #abandon(id: number, client: Connection, why?: LogLine): void {
    if (why !== undefined) this.#log(why);
    this.#log(lines.ending(id));
    if (this.#options.extensions.reply421) client.write(toBytes("421 No connection to server\r\n"));
    client.handle({});
    client.close();
    void this.#packetFilter.flush(this.#anchor(id)).then((outcome) => {
      if (!outcome.ok) this.#log(lines.removalFailed(id, outcome.failure.reason));
      this.#gone(id);
    });
  }

  #anchor(id: number): string {
    return `${this.#options.anchorParent}/${this.#options.pid}.${id}`;
  }

  #gone(id: number): void {
    this.#sessions.delete(id);
    if (this.#sessions.size === 0) this.#whenEmpty?.();
  }

  #log({ level, text }: LogLine): void {
    if (level > this.#options.logLevel) return;
    this.#host.log(level, this.#options.foreground ? visibleOnTerminal(text) : visible(text));
  }
}
