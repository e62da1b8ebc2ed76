/**
 * Watches the proxy's anchors on a real PF: reads them again and again, and after each change by the lab's own pfctl
 * before that call returns. So it misses no change by the lab, and sees one by a process on the firewall at the next
 * reading. A reading has the guest's time after it, the latest at which its rules came into force; a trace of the
 * process may give the exact time (commit-trace.ts).
 *
 * @example
 * const watch = new AnchorWatch({ pfctl, era, time, tell });
 * await watch.begin();
 * await watch.around(() => pfctl(args, stdin));
 */

import { realClock } from "../../agent/runner/real-clock.ts";
import type { Era, LabEvent, LabFirewall } from "../../contract/lab.ts";
import { readAnchors } from "../../play/observation/anchors.ts";

/** Between two readings. */
const PAUSE_MS = 100;

export interface AnchorWatchOptions {
  readonly pfctl: LabFirewall["pfctl"];
  readonly era: Era;
  /** The guest's clock, as the runner's milliseconds. */
  readonly time: () => Promise<number>;
  readonly tell: (event: LabEvent) => void;
}

export class AnchorWatch {
  readonly #options: AnchorWatchOptions;
  #anchors = new Map<string, readonly string[]>();
  #states = new Set<string>();
  /** The anchors held this at some time after it. */
  #readMs: number | undefined;
  /** Changes and readings come one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #watching: Promise<void> | undefined;
  #on = false;

  constructor(options: AnchorWatchOptions) {
    this.#options = options;
  }

  /** States that are there already are not reported. */
  async begin(): Promise<void> {
    this.#states = await this.#statesNow();
    this.#on = true;
    this.#watching = this.#poll();
  }

  async end(): Promise<void> {
    this.#on = false;
    await this.#watching;
  }

  /** Makes a call that may change or read an anchor, and reads the anchors before it returns. */
  around<T>(call: () => Promise<T>): Promise<T> {
    return this.#next(async () => {
      const result = await call();
      await this.#read();
      return result;
    });
  }

  /** The rules of an anchor below `ftp-proxy` at the last reading. */
  rules(name: string): readonly string[] {
    return this.#anchors.get(name) ?? [];
  }

  /** Reads now. */
  read(): Promise<void> {
    return this.#next(() => this.#read());
  }

  #next<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(step);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #poll(): Promise<void> {
    while (this.#on) {
      try {
        await this.read();
        await this.#readStates();
      } catch {
        // The guest is gone; its `lost` says why.
        return;
      }
      await new Promise<void>((resolve) => void realClock.after(PAUSE_MS, resolve));
    }
  }

  async #read(): Promise<void> {
    const { pfctl, era, time, tell } = this.#options;
    const afterMs = this.#readMs;
    const begunMs = await time();
    const found = await readAnchors(pfctl, era);
    const atMs = await time();
    for (const name of new Set([...this.#anchors.keys(), ...found.keys()])) {
      const rules = found.get(name) ?? [];
      if (rules.join("\n") !== (this.#anchors.get(name) ?? []).join("\n")) {
        tell({
          kind: "anchor",
          atMs,
          anchor: `ftp-proxy/${name}`,
          rules,
          ...(afterMs === undefined ? {} : { afterMs }),
        });
      }
    }
    this.#anchors = found;
    this.#readMs = begunMs;
  }

  async #readStates(): Promise<void> {
    const { time, tell } = this.#options;
    const found = await this.#statesNow();
    const atMs = await time();
    for (const state of found) if (!this.#states.has(state)) tell({ kind: "state", atMs, event: "created", state });
    for (const state of this.#states) if (!found.has(state)) tell({ kind: "state", atMs, event: "removed", state });
    this.#states = found;
  }

  async #statesNow(): Promise<Set<string>> {
    return new Set(stateNames((await this.#options.pfctl(["-ss"])).stdout));
  }
}

/**
 * The states of `pfctl -ss` by their endpoints, without their progress.
 *
 * @example
 * stateNames("all tcp 10.0.0.5:4711 -> 198.51.100.7:21       ESTABLISHED:ESTABLISHED\n") // ["all tcp 10.0.0.5:4711 -> 198.51.100.7:21"]
 */
export const stateNames = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.replace(/ +\S+$/, "").trim())
    .filter((line) => line !== "");
