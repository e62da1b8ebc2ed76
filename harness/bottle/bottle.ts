/**
 * A bottle: an unmodified npm library, playing on a host of its own (docs/decisions/bottles.md).
 *
 * Inside, `net`, `tls`, `fs`, timers, `Date`, `Math.random`, `process` are the host's: the library dials
 * through the simulated network, waits in virtual time, keeps its files in memory, and cannot tell.
 * The same seed gives the same bytes at the same virtual times (but see tls.ts).
 *
 * A virtual clock waits for what the library does in promises; for TLS the bottle holds it (see drain.ts).
 * An error that the library does not catch ends the bottle, not the run: see `failure`.
 *
 * @example
 * const bottle = openBottle(host);
 * const { Client } = bottle.require("basic-ftp") as typeof import("basic-ftp");
 * await new Client().access({ host: "198.51.100.7" });
 * bottle.close();
 */
import type { Host } from "../../proxy/host.ts";
import { createBuiltins } from "./builtins.ts";
import { Drain, type Hold } from "./drain.ts";
import { FileTree } from "./file-tree.ts";
import { Inside } from "./inside.ts";
import { createRequireInside, type LoaderOptions } from "./loader.ts";

export interface BottleOptions extends LoaderOptions {
  /** Holds the host's virtual clock; absent: the clock's own `hold`, and none for a clock in real time. */
  readonly hold?: Hold | undefined;
  /** The library's file system; an empty one when absent. */
  readonly files?: FileTree;
}

export interface Bottle {
  /** Loads a package, or gives the bottle's own `net`, `fs` …; the same module every time. */
  readonly require: (id: string) => unknown;
  readonly files: FileTree;
  /** The error that ended the bottle. */
  readonly failure: Error | undefined;
  /** How many sockets, servers and timers are alive inside. */
  readonly residents: number;
  /** True while the clock is held for the library. */
  readonly pending: boolean;
  /** Rejects with that error; never resolves. */
  readonly failed: Promise<never>;
  /** Ends the program: sockets are reset, listeners and timers go. Twice is once. */
  close(): void;
}

export function openBottle(host: Host, options: BottleOptions = {}): Bottle {
  const drain = new Drain(options.hold ?? holdOf(host));
  const inside = new Inside(host, drain);
  const files = options.files ?? new FileTree(() => host.clock.now());
  const require = createRequireInside(createBuiltins(inside, files), options);
  const failed = new Promise<never>((_, reject) => inside.onFailure(reject));
  // Nobody has to wait for it.
  failed.catch(() => {});
  return {
    require,
    files,
    get failure() {
      return inside.failure;
    },
    get residents() {
      return inside.residents;
    },
    get pending() {
      return drain.pending;
    },
    failed,
    close: () => inside.close(),
  };
}

/** A virtual clock brings its own hold; a real one has none and needs none. */
function holdOf(host: Host): Hold | undefined {
  const clock: object = host.clock;
  if (!("hold" in clock) || typeof clock.hold !== "function") return undefined;
  const { hold } = clock;
  return (why) => hold.call(clock, why);
}
