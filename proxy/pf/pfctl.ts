/**
 * The back end that starts `pfctl -o none -a ANCHOR -f -` for each change, how it reads pfctl's errors
 * (`outcomeOf`), and how the anchors of dead predecessors are emptied (`removeStaleAnchors`). pfctl opens a
 * transaction, adds the rules and commits, so an anchor holds all of them or its old ones.
 *
 * Calls for one anchor go one after the other; an anchor that was never loaded needs no process to be
 * emptied. A pfctl that hangs is given up; one EBUSY is tried again after 5 ms.
 *
 * @example
 * const packetFilter = new PfctlPacketFilter(host);
 * await packetFilter.load("ftp-proxy/4711.3", "pass in quick on rdomain 0 …\n");
 */

import type { Host, ProcessResult } from "../host.ts";
import { failed, type LoadOutcome, loaded, type PacketFilter } from "./packet-filter.ts";
import { limited, type PfctlRunner } from "./pfctl-runner.ts";

/** Source: ftp-proxy.c 1.41: one more try after usleep(5000) when the commit says EBUSY. */
const busyPause = 5;

export class PfctlPacketFilter implements PacketFilter {
  readonly #host: Host;
  readonly #run: PfctlRunner;
  /** The last change under way for each anchor. */
  readonly #last = new Map<string, Promise<LoadOutcome>>();
  /** Anchors that may hold rules. */
  readonly #loaded = new Set<string>();

  constructor(host: Host, pfctl?: string | PfctlRunner) {
    this.#host = host;
    this.#run = limited(host, pfctl);
  }

  load(anchor: string, rules: string): Promise<LoadOutcome> {
    return this.#afterLast(anchor, () => {
      this.#loaded.add(anchor);
      return this.#change(anchor, rules);
    });
  }

  flush(anchor: string): Promise<LoadOutcome> {
    return this.#afterLast(anchor, async () => {
      if (!this.#loaded.has(anchor)) return loaded;
      // An empty file rather than -Fr: that would leave the classic nat and rdr rules.
      const outcome = await this.#change(anchor, "");
      if (outcome.ok) this.#loaded.delete(anchor);
      return outcome;
    });
  }

  async close(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values());
  }

  #afterLast(anchor: string, change: () => Promise<LoadOutcome>): Promise<LoadOutcome> {
    const last = this.#last.get(anchor);
    const next = last === undefined ? change() : last.then(change);
    this.#last.set(anchor, next);
    return next.finally(() => {
      if (this.#last.get(anchor) === next) this.#last.delete(anchor);
    });
  }

  async #change(anchor: string, rules: string): Promise<LoadOutcome> {
    const load = async () => outcomeOf(await this.#run(["-o", "none", "-a", anchor, "-f", "-"], rules));
    const first = await load();
    if (first.ok || !/busy/i.test(first.failure.reason)) return first;
    await new Promise<void>((resolve) => this.#host.clock.after(busyPause, resolve));
    return load();
  }
}

/** pfctl names the ioctl that failed: `pfctl: DIOCXCOMMIT: Device busy`. */
export function outcomeOf(result: ProcessResult): LoadOutcome {
  if (result.status === 0) return loaded;
  const errors = result.stderr.split("\n").filter((line) => line !== "");
  for (const line of errors) {
    const ioctl = /\b(DIOC[A-Z]+): (.+)$/.exec(line);
    if (ioctl?.[1] === undefined || ioctl[2] === undefined) continue;
    const stage = ioctl[1] === "DIOCXBEGIN" ? "begin" : ioctl[1] === "DIOCXCOMMIT" ? "commit" : "add";
    return failed(stage, ioctl[2]);
  }
  return failed("begin", errors.at(-1) ?? `pfctl ended with status ${result.status}`);
}

/** Names as `pfctl -a PARENT -sA` lists them. Source: capture many_sessions_order. */
export function staleAnchors(
  listing: string,
  parent: string,
  ownPid: number,
  isAlive: (pid: number) => boolean,
): readonly string[] {
  return listing
    .split("\n")
    .map((line) => line.trim())
    .filter((name) => {
      const pid = name.startsWith(`${parent}/`) ? /^(\d+)\.\d+$/.exec(name.slice(parent.length + 1))?.[1] : undefined;
      // An anchor with our own pid belongs to a dead process that had the same number.
      return pid !== undefined && (Number(pid) === ownPid || !isAlive(Number(pid)));
    });
}

/** The anchors that were emptied. */
export async function removeStaleAnchors(
  run: PfctlRunner,
  parent: string,
  ownPid: number,
  isAlive: (pid: number) => boolean,
): Promise<readonly string[]> {
  const listing = await run(["-a", parent, "-sA"], "");
  const removed: string[] = [];
  for (const anchor of staleAnchors(listing.stdout, parent, ownPid, isAlive)) {
    if (outcomeOf(await run(["-o", "none", "-a", anchor, "-f", "-"], "")).ok) removed.push(anchor);
  }
  return removed;
}
