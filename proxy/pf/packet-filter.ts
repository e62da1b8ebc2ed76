/**
 * The daemon's view of a firewall: load rules into an anchor, empty an anchor. The back end (pfctl, a helper
 * process, a model) decides how.
 *
 * A back end promises: calls for the same anchor take effect in the order in which they were made; a load is
 * all or nothing; neither call rejects or stays open forever.
 *
 * @example
 * const outcome = await packetFilter.load("ftp-proxy/4711.3", rules);
 * if (!outcome.ok) log(outcome.failure.reason);
 */

import type { LoadFailure } from "../session/action.ts";

export type LoadOutcome = { readonly ok: true } | { readonly ok: false; readonly failure: LoadFailure };

export interface PacketFilter {
  /** Replaces the anchor's rules by pf.conf(5) text. */
  load(anchor: string, rules: string): Promise<LoadOutcome>;
  /** Empties the anchor. */
  flush(anchor: string): Promise<LoadOutcome>;
  /** The last call; resolves when nothing is under way. */
  close(): Promise<void>;
}

export const loaded: LoadOutcome = { ok: true };

export function failed(stage: LoadFailure["stage"], reason: string): LoadOutcome {
  return { ok: false, failure: { stage, reason } };
}

/** A back end that only remembers each anchor's text: for tests, the bench and the replay of command lines. */
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
