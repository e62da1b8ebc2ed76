/**
 * The globals of a bottle: `process`, `Date`, `Math`, `setTimeout` and the like, bound to the host's
 * clock, random and log. All others are the real global object's.
 *
 * Promises and next ticks stay real: they take no time, and the virtual clock waits for them.
 *
 * @example
 * const realm = createRealm(runtime, timers);
 * new realm.Date().getTime() === host.clock.now();
 */
import { EventEmitter } from "node:events";
import realProcess from "node:process";
import { Writable } from "node:stream";
import { format } from "node:util";
import type { LogLevel } from "../../proxy/host.ts";
import type { Runtime } from "./runtime.ts";
import type { Timers } from "./timers.ts";

/** Date without arguments is the host's time; with arguments, and for instanceof, it is Date. */
function createDate(now: () => number): DateConstructor {
  const hostDate = (): Date => new Date(now());
  return new Proxy(Date, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => hostDate().toString(),
    get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
  });
}

/** A number in [0, 1) with the 32 bits that one draw gives. */
function createMath(runtime: Runtime): Math {
  const random = (): number => runtime.host.random.below(2 ** 32) / 2 ** 32;
  return Object.create(Math, { random: { value: random, writable: true, configurable: true } });
}

/** A stream that logs line by line. */
function logStream(runtime: Runtime, level: LogLevel): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (const line of chunk.toString().split("\n")) if (line !== "") runtime.host.log(level, line);
      done();
    },
  });
}

function createProcess(runtime: Runtime, started: number) {
  const elapsed = (): number => runtime.host.clock.now() - started;
  const hrtime = (since?: readonly [number, number]): [number, number] => {
    const seconds = Math.floor(elapsed() / 1000);
    const nanoseconds = Math.round((elapsed() % 1000) * 1e6);
    if (since === undefined) return [seconds, nanoseconds];
    const borrow = nanoseconds < since[1] ? 1 : 0;
    return [seconds - since[0] - borrow, nanoseconds - since[1] + borrow * 1e9];
  };
  const bigint = (): bigint => BigInt(Math.round(elapsed() * 1e6));
  // A library's handlers for signals must not gather on the runner's process.
  const events = new EventEmitter();
  const own: Record<string, unknown> = {
    argv: ["node"],
    argv0: "node",
    env: {},
    pid: 1,
    ppid: 0,
    platform: "linux",
    title: "node",
    exitCode: undefined,
    stdout: logStream(runtime, 6),
    stderr: logStream(runtime, 4),
    cwd: () => "/",
    umask: () => 0o22,
    uptime: () => elapsed() / 1000,
    hrtime: Object.assign(hrtime, { bigint }),
    emitWarning: (warning: unknown) => runtime.host.log(4, format(warning)),
    exit: (status = 0) => {
      runtime.host.log(5, `the program exited with status ${status}`);
      runtime.close();
    },
    kill: () => true,
    abort: () => runtime.fail(new Error("The program called process.abort().")),
  };
  for (const name of ["on", "once", "off", "addListener", "removeListener", "removeAllListeners", "emit"] as const) {
    const method = events[name].bind(events) as (...args: never[]) => unknown;
    own[name] = (...args: never[]) => {
      const result = method(...args);
      return result === events ? facade : result;
    };
  }
  own.listeners = events.listeners.bind(events);
  own.listenerCount = events.listenerCount.bind(events);
  // The prototype gives versions, nextTick, and the "[object process]" that libraries look for.
  const facade: unknown = Object.create(realProcess, describe(own));
  return facade;
}

function createConsole(runtime: Runtime): Console {
  const at =
    (level: LogLevel) =>
    (...args: unknown[]): void =>
      runtime.host.log(level, format(...args));
  return Object.create(
    console,
    describe({ log: at(6), info: at(6), debug: at(7), trace: at(7), warn: at(4), error: at(3) }),
  );
}

function describe(values: Record<string, unknown>): PropertyDescriptorMap {
  const described = Object.entries(values).map(([name, value]): [string, PropertyDescriptor] => [
    name,
    { value, writable: true, configurable: true, enumerable: true },
  ]);
  return Object.fromEntries(described);
}

export function createRealm(runtime: Runtime, timers: Timers, crypto: unknown) {
  const { clock } = runtime.host;
  const started = clock.now();
  const { promises: _promises, ...timerFunctions } = timers;
  const globals = {
    ...timerFunctions,
    Date: createDate(() => clock.now()),
    Math: createMath(runtime),
    process: createProcess(runtime, started),
    console: createConsole(runtime),
    performance: { now: () => clock.now() - started, timeOrigin: started },
    crypto,
  };
  // lodash and others start from `global`: it must have the same Object, and the bottle's clock.
  const root: Record<string, unknown> = Object.create(globalThis, describe(globals));
  root.global = root;
  root.globalThis = root;
  return { ...globals, global: root, globalThis: root };
}

export type Realm = ReturnType<typeof createRealm>;
