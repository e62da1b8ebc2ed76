/**
 * What every part of a bottle shares: the host it stands on, its drain, and what happens to an error
 * that the library does not catch.
 *
 * An uncaught error ends a Node program. Here it ends the bottle: it is kept as `failure`, the host's
 * log names it, and the library's sockets and timers go; the runner and the other bottles live on.
 *
 * @example
 * socket.handle({ onData: (bytes) => inside.enter(() => stream.push(bytes)) });
 */
import type { Host } from "../../proxy/host.ts";
import type { Drain } from "./drain.ts";

/** Something with a life in the bottle: a socket, a server, a timer. */
export interface Resident {
  /** Goes away at once and without a word to the library. */
  evict(): void;
}

export class Inside {
  readonly host: Host;
  readonly drain: Drain;
  /** What waits for its own turn, see `deliver`. */
  readonly #reports: (() => void)[] = [];
  #delivering = false;
  readonly #residents = new Set<Resident>();
  #failure: Error | undefined;
  #closed = false;
  #onFailure: (error: Error) => void = () => {};

  constructor(host: Host, drain: Drain) {
    this.host = host;
    this.drain = drain;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The error that ended the bottle. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** How many sockets, servers and timers are alive. */
  get residents(): number {
    return this.#residents.size;
  }

  onFailure(handler: (error: Error) => void): void {
    this.#onFailure = handler;
  }

  /** Runs the library's code for an event of the host. Nothing runs in a closed bottle. */
  enter(run: () => void): void {
    if (this.#closed) return;
    this.drain.touch();
    try {
      run();
    } catch (error) {
      this.fail(error);
    }
  }

  /**
   * The same for what the network tells. Node empties ticks and promises between two reports of its event loop,
   * and its TLS relies on it; a host may report twice in one go (a connection and the bytes that came with its
   * last ACK). The first is told at once, each further one as an event of its own, in order.
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

  /** The library let an error go uncaught. */
  fail(error: unknown): void {
    if (this.#closed) return;
    const failure = error instanceof Error ? error : new Error(`The library threw ${String(error)}.`);
    this.#failure = failure;
    this.host.log(3, `bottle: uncaught ${failure.stack ?? failure.message}`);
    this.close();
    this.#onFailure(failure);
  }

  moveIn(resident: Resident): void {
    this.#residents.add(resident);
  }

  moveOut(resident: Resident): void {
    this.#residents.delete(resident);
  }

  /** Ends all residents and gives the clock back. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const resident of this.#residents) resident.evict();
    this.#residents.clear();
    this.drain.close();
  }
}
