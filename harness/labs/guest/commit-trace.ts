/**
 * When the proxy on the guest changed PF's rules, to the microsecond: ktrace(1) notes its ioctl(2)s and those of
 * its children, on the clock that bpf(4) stamps packets with. A guest whose kernel cannot trace tells nothing.
 *
 * @example
 * const trace = new CommitTrace((command, args) => tools.run(command, args));
 * await trace.begin(["-x", "ftp-proxy"]);
 * const microseconds = await trace.read();
 * await trace.end();
 */

import type { ProcessResult } from "../../../proxy/host.ts";

/** In a folder that only root writes to: ktrace(1) empties whatever has this name. */
const FILE = "/var/log/anchorage.ktrace";
/** The one that puts a new ruleset into force (pf(4)), and how ioctls ended. The rest of a trace is long. */
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
 * When each commit that succeeded had been done: the moment at which its ioctl(2) came back.
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
