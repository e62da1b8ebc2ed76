/**
 * A running lab at one moment: sessions, what the proxy's anchors hold, PF's states, the last lines logged. Where the
 * firewall's kernel is in PF's place, its connections are the states, and what it expects stands for the anchors.
 */

import type { Era, Lab } from "../../../contract/lab.ts";
import { readAnchors } from "../../../play/observation/anchors.ts";
import { readConnections, readExpectations } from "../expectations.ts";
import type { LogLine, LogLines } from "./log-lines.ts";
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

const LOG_LINES = 8;

/** `inCharge`: who decides what crosses the firewall. */
export async function snapshot(
  { hosts, firewall: { pfctl } }: Pick<Lab, "hosts" | "firewall">,
  { inCharge, era }: { readonly inCharge: "PF" | "the kernel"; readonly era: Era },
  { sessions, log, atMs }: { readonly sessions: Sessions; readonly log: LogLines; readonly atMs: number },
): Promise<Snapshot> {
  const shown = { atMs, sessions: sessions.standing, sessionCount: sessions.count, log: log.last(LOG_LINES) };
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
