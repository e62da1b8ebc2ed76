/**
 * A running lab at one moment: sessions, the rules in the proxy's anchors, PF's states, the last lines logged. Where the
 * firewall's kernel is in PF's place, the states are its connections, and its expectations replace the anchors.
 */

import type { Era, Lab } from "../../../contract/lab.ts";
import { readAnchors } from "../../../play/observation/anchors.ts";
import { readConnections, readExpectations } from "../expectations.ts";
import type { Session, Sessions } from "./sessions.ts";

export interface Snapshot {
  readonly atMs: number;
  readonly sessions: readonly Session[];
  /** Control connections since the lab was set up. */
  readonly sessionCount: number;
  /** Rules by anchor, `ftp-proxy/4711.1`, as pfctl shows them. */
  readonly anchors: Readonly<Record<string, readonly string[]>>;
  /** Connections that the kernel lets in because of what it has read; absent: PF is in charge. */
  readonly expected?: readonly string[];
  /** As `pfctl -ss` shows them, or conntrack(8). */
  readonly states: readonly string[];
  readonly log: readonly LogLine[];
}

export interface LogLine {
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** Of syslog(3). */
  readonly level: number;
  readonly text: string;
}

/** A lab may run for days. */
const KEPT = 10_000;

/** The last lines that programs on the firewall logged, and listeners to the next ones. */
export class LogLines {
  #lines: LogLine[] = [];
  readonly #listeners = new Set<(line: LogLine) => void>();

  add(line: LogLine): void {
    this.#lines.push(line);
    if (this.#lines.length > 2 * KEPT) this.#lines = this.#lines.slice(-KEPT);
    for (const listener of this.#listeners) listener(line);
  }

  last(count = KEPT): readonly LogLine[] {
    return this.#lines.slice(-count);
  }

  /** Until the signal. */
  follow(listener: (line: LogLine) => void, signal: AbortSignal): Promise<void> {
    this.#listeners.add(listener);
    return new Promise((resolve) => {
      const stop = () => {
        this.#listeners.delete(listener);
        resolve();
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
  }
}

const LOG_LINES = 8;

/** `inCharge`: decides which packets pass the firewall. */
export async function snapshot(
  { hosts, firewall: { pfctl } }: Pick<Lab, "hosts" | "firewall">,
  { inCharge, era }: { readonly inCharge: "PF" | "the kernel"; readonly era: Era },
  { sessions, log, atMs }: { readonly sessions: Sessions; readonly log: LogLines; readonly atMs: number },
): Promise<Snapshot> {
  const shown = { atMs, sessions: sessions.current, sessionCount: sessions.count, log: log.last(LOG_LINES) };
  if (inCharge === "the kernel") {
    const [expected, states] = await Promise.all([readExpectations(hosts.firewall), readConnections(hosts.firewall)]);
    return { ...shown, anchors: {}, expected, states };
  }
  const anchors = await readAnchors(pfctl, era);
  const { stdout } = await pfctl(["-ss"]);
  return {
    ...shown,
    anchors: Object.fromEntries([...anchors].map(([name, rules]) => [`ftp-proxy/${name}`, rules])),
    states: stdout.split("\n").filter((line) => line !== ""),
  };
}
