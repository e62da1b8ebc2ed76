/**
 * A bottle: an unmodified npm library that plays on a lab's host (docs/decisions/bottles.md).
 *
 * The library's `net`, `tls`, `fs`, timers, `Date`, `Math.random` and `process` are the host's: it dials
 * through the simulated network, waits in virtual time, keeps its files in memory, and cannot tell.
 * The same seed gives the same bytes at the same virtual times (but see tls.ts).
 *
 * A virtual clock waits for the library's promises; for TLS the bottle holds it (tls-hold.ts).
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
import { FileTree } from "./file-tree.ts";
import { createLoader, type LoaderOptions } from "./loader.ts";
import { Runtime } from "./runtime.ts";
import { type Hold, TlsHold } from "./tls-hold.ts";

export interface Bottle {
  /** Loads a package, or gives the bottle's own `net`, `fs` …; the same module every time. */
  readonly require: (id: string) => unknown;
  /** Runs a user's module as one CommonJS text (bundle.ts); returns its exports. */
  evaluate(filename: string, text: string): unknown;
  /** The library's file system; empty at first. */
  readonly files: FileTree;
  /** The error that ended the bottle. */
  readonly failure: Error | undefined;
  /** How many sockets, servers and timers are alive. */
  readonly openResources: number;
  /** Rejects with `failure`; never resolves. */
  readonly failed: Promise<never>;
  /** Ends the program: resets sockets, removes listeners and timers. A second call does nothing. */
  close(): void;
}

export function openBottle(host: Host, options: LoaderOptions = {}): Bottle {
  const runtime = new Runtime(host, new TlsHold(holdOf(host)));
  const files = new FileTree(() => host.clock.now());
  const failed = new Promise<never>((_, reject) => runtime.onFailure(reject));
  // Avoids an unhandled rejection when a player does not wait for the error.
  failed.catch(() => {});
  return {
    ...createLoader(createBuiltins(runtime, files), options),
    files,
    get failure() {
      return runtime.failure;
    },
    get openResources() {
      return runtime.openResources;
    },
    failed,
    close: () => runtime.close(),
  };
}

/** A virtual clock can be held; a clock in real time cannot, and need not be. */
function holdOf({ clock }: Host): Hold | undefined {
  if (!("hold" in clock) || typeof clock.hold !== "function") return undefined;
  const { hold } = clock;
  return (why) => hold.call(clock, why);
}
