/**
 * A packet filter that keeps anchors in memory, writes down each change in the words of the native
 * captures, and refuses what the captured firewall refused.
 *
 * @example
 * const filter = new RecordingFilter(facts, (text) => journal.push({ text }));
 * filter.printed(); // as pfctl -a 'ftp-proxy/*' -sr
 */

import { failed, type LoadOutcome, loaded, type PacketFilter } from "../../../../proxy/pf/packet-filter.ts";
import type { ReplayFacts } from "./replay-facts.ts";

export class RecordingFilter implements PacketFilter {
  readonly #facts: ReplayFacts;
  readonly #write: (text: string) => void;
  readonly #anchors = new Map<string, readonly string[]>();
  #loads = 0;

  constructor(facts: ReplayFacts, write: (text: string) => void) {
    this.#facts = facts;
    this.#write = write;
  }

  async load(anchor: string, rules: string): Promise<LoadOutcome> {
    const failure = this.#facts.loads[this.#loads++];
    if (failure !== undefined) return failed(failure.stage, failure.reason);
    const lines = rules.split("\n").filter((line) => line !== "");
    this.#write(`[pf] DIOCXBEGIN anchor=${anchor} type=0`);
    for (const line of lines) this.#write(`[pf] DIOCADDRULE anchor=${anchor}: ${line}`);
    this.#write(`[pf] DIOCXCOMMIT anchor=${anchor} rules=${lines.length}`);
    this.#anchors.set(anchor, lines);
    return loaded;
  }

  async flush(anchor: string): Promise<LoadOutcome> {
    const reason = this.#facts.failedRemovals.get(Number(anchor.split(".").at(-1)));
    if (reason !== undefined) return failed("begin", reason);
    this.#write(`[pf] DIOCXBEGIN anchor=${anchor} type=0`);
    this.#write(`[pf] DIOCXCOMMIT anchor=${anchor} rules=0`);
    this.#anchors.delete(anchor);
    return loaded;
  }

  async close(): Promise<void> {}

  /** Children in the order of strcmp(3) of their names. Source: capture many_sessions_order. */
  printed(): string {
    const names = [...this.#anchors.keys()].sort((one, other) => (one < other ? -1 : 1));
    return names
      .flatMap((name) => {
        const rules = this.#anchors.get(name) ?? [];
        return [`anchor "${name.split("/").at(-1)}" all {`, ...rules.map((rule) => `  ${rule}`), "}"];
      })
      .join("\n");
  }
}
