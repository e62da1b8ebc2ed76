/**
 * The state that all parts of a bottle share: its host, its open sockets and timers, and its failure.
 *
 * An uncaught error ends a Node program. Here it ends the bottle: it is kept as `failure`, the host's
 * log names it, and the library's sockets and timers close; the runner and the other bottles go on.
 *
 * @example
 * socket.handle({ onData: (bytes) => runtime.enter(() => stream.push(bytes)) });
 */
import type { Host } from "../../proxy/host.ts";
import type { TlsHold } from "./tls-hold.ts";

/** A socket, a server or a timer of the library. */
export interface Resource {
  /** Closes at once, without an event to the library. */
  release(): void;
}

export class Runtime {
  readonly host: Host;
  readonly tlsHold: TlsHold;
  /** Reports that wait for their turn, see `deliver`. */
  readonly #reports: (() => void)[] = [];
  #delivering = false;
  readonly #openResources = new Set<Resource>();
  #failure: Error | undefined;
  #closed = false;
  #onFailure: (error: Error) => void = () => {};

  constructor(host: Host, tlsHold: TlsHold) {
    this.host = host;
    this.tlsHold = tlsHold;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The error that ended the bottle. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** How many sockets, servers and timers are alive. */
  get openResources(): number {
    return this.#openResources.size;
  }

  onFailure(handler: (error: Error) => void): void {
    this.#onFailure = handler;
  }

  /** Runs the library's code for an event of the host. Nothing runs in a closed bottle. */
  enter(run: () => void): void {
    if (this.#closed) return;
    this.tlsHold.touch();
    try {
      run();
    } catch (error) {
      this.fail(error);
    }
  }

  /**
   * The same for reports of the network. Node runs ticks and promises between two reports of its event loop, and
   * its TLS relies on it; a host may report twice in one go (a connection, and the bytes that came with its last
   * ACK). The first report is delivered at once, each further one as a separate event, in order.
   */
  deliver(run: () => void): void {
    if (this.#reports.length > 0 || this.#delivering) {
      this.#reports.push(run);
      if (this.#reports.length === 1) this.host.clock.after(0, this.#next);
      return;
    }
    this.#delivering = true;
    queueMicrotask(() => {
      this.#delivering = false;
    });
    this.enter(run);
  }

  readonly #next = (): void => {
    const run = this.#reports.shift();
    if (this.#reports.length > 0) this.host.clock.after(0, this.#next);
    if (run !== undefined) this.enter(run);
  };

  /** The library did not catch an error. */
  fail(error: unknown): void {
    if (this.#closed) return;
    const failure = error instanceof Error ? error : new Error(`The library threw ${String(error)}.`);
    this.#failure = failure;
    this.host.log(3, `bottle: uncaught ${failure.stack ?? failure.message}`);
    this.close();
    this.#onFailure(failure);
  }

  track(resource: Resource): void {
    this.#openResources.add(resource);
  }

  untrack(resource: Resource): void {
    this.#openResources.delete(resource);
  }

  /** Closes all resources and lets the clock go. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const resource of this.#openResources) resource.release();
    this.#openResources.clear();
    this.tlsHold.close();
  }
}
