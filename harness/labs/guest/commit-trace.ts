/**
 * The times at which the proxy on the guest changed PF's rules, to the microsecond: ktrace(1) records its ioctl(2)s and
 * those of its children, by the clock of bpf(4)'s packets. A guest whose kernel cannot trace has none.
 *
 * @example
 * const trace = new CommitTrace((command, args) => tools.run(command, args));
 * await trace.begin(["-x", "ftp-proxy"]);
 * const microseconds = await trace.read();
 * await trace.end();
 */

import type { ProcessResult } from "../../../proxy/host.ts";
import type { LabEvent } from "../../contract/lab.ts";

/** In a folder that only root writes to: ktrace(1) empties a file of this name. */
const FILE = "/var/log/anchorage.ktrace";
/** The ioctl that puts a new ruleset into force (pf(4)), and the results of ioctls. The rest of a trace is long. */
const READ = `kdump -T -f ${FILE} | grep -E 'DIOCXCOMMIT|RET +ioctl'`;

export class CommitTrace {
  readonly #run: (command: string, args: readonly string[]) => Promise<ProcessResult>;
  #tracing = false;

  constructor(run: (command: string, args: readonly string[]) => Promise<ProcessResult>) {
    this.#run = run;
  }

  /** Traces the processes that pgrep(1) finds, and every child that they start from now on. */
  async begin(pgrep: readonly string[]): Promise<void> {
    const found = await this.#run("pgrep", pgrep);
    for (const pid of found.stdout.split("\n").filter((line) => line !== "")) {
      // -t c: system calls; -i: children too; -a: after those of the process before.
      const also = this.#tracing ? ["-a"] : [];
      const { status } = await this.#run("ktrace", [...also, "-i", "-t", "c", "-f", FILE, "-p", pid]);
      this.#tracing ||= status === 0;
    }
  }

  /** The guest's microseconds at which commits were done, in their order. */
  async read(): Promise<number[]> {
    return this.#tracing ? commitsIn((await this.#run("sh", ["-c", READ])).stdout) : [];
  }

  async end(): Promise<void> {
    if (!this.#tracing) return;
    this.#tracing = false;
    await this.#run("rm", ["-f", FILE]);
  }
}

/** A line of `kdump -T`: process, program, seconds since the Unix epoch, what, words. */
const LINE = /^ *(\d+) \S+ +(\d+\.\d+) +(CALL|RET) +(.*)$/;

/**
 * The times at which the ioctl(2) of each successful commit returned.
 *
 * @example
 * commitsIn(
 *   " 4711 ftp-proxy 1795436747.779654 CALL  ioctl(3,DIOCXCOMMIT,0x7c5b91f40670)\n" +
 *     " 4711 ftp-proxy 1795436747.779737 RET   ioctl 0\n",
 * ) // [1795436747779737]
 */
export function commitsIn(text: string): number[] {
  const under = new Set<string>();
  const found: number[] = [];
  for (const line of text.split("\n")) {
    const [, pid = "", seconds, what, words = ""] = LINE.exec(line) ?? [];
    if (what === "CALL") {
      if (words.includes("DIOCXCOMMIT")) under.add(pid);
    } else if (what === "RET" && under.delete(pid) && words === "ioctl 0") {
      found.push(Math.round(Number(seconds) * 1_000_000));
    }
  }
  return found.sort((a, b) => a - b);
}

/**
 * Dates readings of anchors by commits: a change between two readings was made by the last commit before the later one.
 *
 * @example
 * atCommitTimes([{ kind: "anchor", atMs: 40, afterMs: 20, ... }], [12, 31, 47]) // [{ kind: "anchor", atMs: 31, ... }]
 *
 * `commitsMs`, in order: commits to any anchor. An event without one keeps its time.
 */
export const atCommitTimes = (events: readonly LabEvent[], commitsMs: readonly number[]): LabEvent[] =>
  events.map((event) => {
    if (event.kind !== "anchor") return event;
    const { atMs, afterMs = atMs } = event;
    // Of two commits in between either may be this anchor's; the second is the latest possible.
    const since = commitsMs.findLast((commitMs) => commitMs <= atMs);
    return since === undefined || since <= afterMs ? event : { ...event, atMs: since };
  });
