/** A standing lab at one moment: sessions, what the proxy's anchors hold, PF's states, the last lines logged. */

import type { Era, LabFirewall } from "../../../lab.ts";
import { readAnchors } from "../../../play/anchors.ts";
import type { LogLine, LogLines } from "./log-lines.ts";
import type { Session, Sessions } from "./sessions.ts";

export interface Snapshot {
  readonly atMs: number;
  readonly sessions: readonly Session[];
  /** Control connections since the lab was set up. */
  readonly sessionCount: number;
  /** Rules by anchor, `ftp-proxy/4711.1`, as pfctl shows them. */
  readonly anchors: Readonly<Record<string, readonly string[]>>;
  /** As `pfctl -ss` shows them. */
  readonly states: readonly string[];
  readonly log: readonly LogLine[];
}

const LOG_LINES = 8;

export async function snapshot(
  { pfctl }: LabFirewall,
  era: Era,
  { sessions, log, atMs }: { readonly sessions: Sessions; readonly log: LogLines; readonly atMs: number },
): Promise<Snapshot> {
  const anchors = await readAnchors(pfctl, era);
  const { stdout } = await pfctl(["-ss"]);
  return {
    atMs,
    sessions: sessions.standing,
    sessionCount: sessions.count,
    anchors: Object.fromEntries([...anchors].map(([name, rules]) => [`ftp-proxy/${name}`, rules])),
    states: stdout.split("\n").filter((line) => line !== ""),
    log: log.last(LOG_LINES),
  };
}
