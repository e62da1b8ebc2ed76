/**
 * A back end that only remembers: each anchor's text, in memory. For tests, the bench and plays
 * where no packet has to pass.
 *
 * @example
 * const table = new AnchorTable();
 * await table.load("ftp-proxy/1.1", "pass …\n");
 * table.anchors.get("ftp-proxy/1.1"); // "pass …\n"
 */

import { type LoadOutcome, loaded, type PacketFilter } from "./packet-filter.ts";

export class AnchorTable implements PacketFilter {
  readonly anchors = new Map<string, string>();

  async load(anchor: string, rules: string): Promise<LoadOutcome> {
    this.anchors.set(anchor, rules);
    return loaded;
  }

  async flush(anchor: string): Promise<LoadOutcome> {
    this.anchors.delete(anchor);
    return loaded;
  }

  async close(): Promise<void> {}
}
