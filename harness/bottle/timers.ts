/**
 * Node's timers on a host's clock: setTimeout, setInterval, setImmediate, their `clear…`, and the handles
 * that libraries expect (`ref`, `unref`, `refresh`, `close`, a number); and the idle timer of sockets.
 *
 * As in Node a timeout lasts at least 1 ms, and an immediate runs after all that is due now.
 *
 * @example
 * const timers = createTimers(runtime);
 * timers.setTimeout(() => poll(), 50).unref();
 */

import { promisify } from "node:util";
import type { Timer } from "../../proxy/host.ts";
import { IdleLimit } from "../../proxy/idle-limit.ts";
import type { Resource, Runtime } from "./runtime.ts";

type Callback = (...args: unknown[]) => void;

/** Node makes 1 ms of a duration above 31 bits (timers: TIMEOUT_MAX). */
const longest = 2 ** 31 - 1;

function duration(milliseconds: unknown): number {
  const wanted = Number(milliseconds);
  return wanted >= 1 && wanted <= longest ? Math.trunc(wanted) : 1;
}

/** The handle that setTimeout, setInterval and setImmediate return. */
class Timeout implements Resource {
  readonly #runtime: Runtime;
  readonly #milliseconds: number;
  readonly #repeat: boolean;
  readonly #run: () => void;
  readonly #id: number;
  #timer: Timer | undefined;
  #referenced = true;

  constructor(runtime: Runtime, id: number, milliseconds: number, repeat: boolean, run: () => void) {
    this.#runtime = runtime;
    this.#id = id;
    this.#milliseconds = milliseconds;
    this.#repeat = repeat;
    this.#run = run;
    this.#start();
  }

  ref(): this {
    this.#referenced = true;
    return this;
  }

  unref(): this {
    this.#referenced = false;
    return this;
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  refresh(): this {
    this.#timer?.cancel();
    this.#start();
    return this;
  }

  close(): this {
    this.release();
    this.#runtime.untrack(this);
    return this;
  }

  release(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  [Symbol.toPrimitive](): number {
    return this.#id;
  }

  #start(): void {
    if (this.#runtime.closed) return;
    this.#runtime.track(this);
    this.#timer = this.#runtime.host.clock.after(this.#milliseconds, () => {
      this.#timer = undefined;
      if (this.#repeat) this.#start();
      else this.#runtime.untrack(this);
      this.#runtime.enter(this.#run);
    });
  }
}

export function createTimers(runtime: Runtime) {
  let lastId = 0;
  const byId = new Map<number, Timeout>();

  function start(milliseconds: number, repeat: boolean, callback: Callback, args: unknown[]): Timeout {
    if (typeof callback !== "function") {
      throw new TypeError(`The "callback" argument must be of type function. Received ${typeof callback}`);
    }
    runtime.tlsHold.touch();
    lastId += 1;
    const id = lastId;
    const timeout = new Timeout(runtime, id, milliseconds, repeat, () => {
      if (!repeat) byId.delete(id);
      callback(...args);
    });
    byId.set(id, timeout);
    return timeout;
  }

  function clear(timer: unknown): void {
    const known = timer instanceof Timeout ? timer : byId.get(Number(timer));
    known?.close();
    byId.delete(Number(timer));
  }

  const setTimeout = (callback: Callback, milliseconds?: unknown, ...args: unknown[]): Timeout =>
    start(duration(milliseconds), false, callback, args);
  const setInterval = (callback: Callback, milliseconds?: unknown, ...args: unknown[]): Timeout =>
    start(duration(milliseconds), true, callback, args);
  const setImmediate = (callback: Callback, ...args: unknown[]): Timeout => start(0, false, callback, args);

  const later = <T>(milliseconds: unknown, value: T): Promise<T> =>
    new Promise((resolve) => {
      setTimeout(() => resolve(value), milliseconds);
    });
  const soon = <T>(value: T): Promise<T> =>
    new Promise((resolve) => {
      setImmediate(() => resolve(value));
    });
  Object.defineProperty(setTimeout, promisify.custom, { value: later });
  Object.defineProperty(setImmediate, promisify.custom, { value: soon });

  return {
    setTimeout,
    setInterval,
    setImmediate,
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
    promises: { setTimeout: later, setImmediate: soon },
  };
}

export type Timers = ReturnType<typeof createTimers>;

/** A socket's `timeout`: runs when nothing has touched it for as long as `set` says. */
export const idleTimer = (runtime: Runtime, expired: () => void): IdleLimit =>
  new IdleLimit(runtime.host.clock, () => {
    if (!runtime.closed) runtime.enter(expired);
  });
