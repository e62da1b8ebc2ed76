/**
 * A back end for many sessions at once: while one pfctl is at work, further changes gather, and the
 * next pfctl makes them all in one transaction, by `load anchor "PID.ID" from FILE` lines under the
 * common parent. A load is answered once its transaction has been committed, so rules still come before
 * the line.
 *
 * The changes of a refused transaction are made one by one, so only the session with the fault fails.
 * Older pfctls silently ignore `load anchor` below an anchor. Therefore the first transaction is read
 * back; if nothing is there, all further changes are made one by one.
 *
 * @example
 * const packetFilter = new CoalescingPacketFilter(host, { parent: "ftp-proxy", directory, pfctl });
 */

import type { Host } from "../host.ts";
import { type LoadOutcome, loaded, type PacketFilter } from "./packet-filter.ts";
import { outcomeOf, PfctlPacketFilter } from "./pfctl.ts";
import { limited, type PfctlRunner } from "./pfctl-runner.ts";

/** Changes in one transaction. Our own number: a few dozen files are read in a millisecond. */
const mostAtOnce = 64;

export interface CoalescingOptions {
  /** `ftp-proxy`: holds no rules itself, so loading it empty changes nothing. */
  readonly parent: string;
  /** A folder that only we can write to. */
  readonly directory: string;
  readonly pfctl?: string | PfctlRunner;
}

interface Change {
  readonly anchor: string;
  readonly rules: string;
  readonly answer: (outcome: LoadOutcome) => void;
}

export class CoalescingPacketFilter implements PacketFilter {
  readonly #host: Host;
  readonly #options: CoalescingOptions;
  readonly #run: PfctlRunner;
  readonly #single: PfctlPacketFilter;
  readonly #loaded = new Set<string>();
  #waiting: Change[] = [];
  #working: Promise<void> | undefined;
  /** Whether this pfctl has been seen to obey `load anchor`. */
  #together: "untried" | "yes" | "no" = "untried";

  constructor(host: Host, options: CoalescingOptions) {
    this.#host = host;
    this.#options = options;
    this.#run = limited(host, options.pfctl);
    this.#single = new PfctlPacketFilter(host, options.pfctl);
  }

  load(anchor: string, rules: string): Promise<LoadOutcome> {
    this.#loaded.add(anchor);
    return this.#queue(anchor, rules);
  }

  async flush(anchor: string): Promise<LoadOutcome> {
    if (!this.#loaded.has(anchor)) return loaded;
    const outcome = await this.#queue(anchor, "");
    if (outcome.ok) this.#loaded.delete(anchor);
    return outcome;
  }

  async close(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
    await this.#single.close();
  }

  #queue(anchor: string, rules: string): Promise<LoadOutcome> {
    return new Promise((answer) => {
      this.#waiting.push({ anchor, rules, answer });
      this.#working ??= this.#work().finally(() => {
        this.#working = undefined;
      });
    });
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#nextBatch();
      if (batch.length > 1 && this.#together !== "no" && (await this.#makeTogether(batch))) continue;
      await Promise.all(batch.map((change) => this.#makeAlone(change)));
    }
  }

  /** Different anchors only; a second change to one of them waits for the next round. */
  #nextBatch(): readonly Change[] {
    const batch: Change[] = [];
    const rest: Change[] = [];
    const taken = new Set<string>();
    for (const change of this.#waiting) {
      if (taken.has(change.anchor) || batch.length === mostAtOnce) rest.push(change);
      else batch.push(change);
      taken.add(change.anchor);
    }
    this.#waiting = rest;
    return batch;
  }

  async #makeAlone({ anchor, rules, answer }: Change): Promise<void> {
    // The single back end flushes only what it has loaded itself; an empty load always runs.
    answer(await this.#single.load(anchor, rules));
  }

  /** True: all of them are in force and answered. */
  async #makeTogether(batch: readonly Change[]): Promise<boolean> {
    const { parent, directory } = this.#options;
    const paths = batch.map(({ anchor }) => `${directory}/${anchor.slice(parent.length + 1)}`);
    try {
      const encoder = new TextEncoder();
      await Promise.all(batch.map(({ rules }, at) => this.#host.files.write(paths[at] ?? "", encoder.encode(rules))));
      const lines = batch.map(
        ({ anchor }, at) => `load anchor "${anchor.slice(parent.length + 1)}" from "${paths[at]}"\n`,
      );
      const result = await this.#run(["-o", "none", "-a", parent, "-f", "-"], lines.join(""));
      if (!outcomeOf(result).ok || !(await this.#tookEffect(batch))) return false;
      for (const { answer } of batch) answer(loaded);
      return true;
    } catch {
      return false;
    } finally {
      await Promise.allSettled(paths.map((path) => this.#host.files.remove(path)));
    }
  }

  /** Reads one anchor back, the first time only. */
  async #tookEffect(batch: readonly Change[]): Promise<boolean> {
    if (this.#together === "yes") return true;
    const witness = batch.find(({ rules }) => rules !== "");
    if (witness === undefined) return false;
    const shown = await this.#run(["-a", witness.anchor, "-sr"], "");
    this.#together = shown.status === 0 && shown.stdout.trim() !== "" ? "yes" : "no";
    return this.#together === "yes";
  }
}
