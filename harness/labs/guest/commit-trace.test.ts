/** When rules came into force on the guest: what ktrace(1) says, and what it does to readings of the anchors. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LabEvent } from "../../contract/lab.ts";
import { atCommitTimes, CommitTrace, commitsIn } from "./commit-trace.ts";

/** As `kdump -T` prints it on OpenBSD 7.8, through the filter; a pfctl beside the proxy, and a commit that fails. */
const KDUMP = ` 29697 ftp-proxy 1795437510.507969 RET   ioctl 0
 29697 ftp-proxy 1795437510.508064 CALL  ioctl(4,DIOCXCOMMIT,0x24abb0)
 4711 pfctl    1795437510.508100 CALL  ioctl(3,DIOCXCOMMIT,0x7c5b91f40670)
 29697 ftp-proxy 1795437510.508134 RET   ioctl 0
 4711 pfctl    1795437510.508200 RET   ioctl -1 errno 16 Device busy
 29697 ftp-proxy 1795437512.000001 RET   ioctl 0
`;

describe("the trace of a proxy", () => {
  test("tells when each ruleset was in force", () => {
    expect(commitsIn(KDUMP)).toEqual([1795437510508134]);
    expect(commitsIn("kdump: /var/log/anchorage.ktrace: No such file or directory\n")).toEqual([]);
  });

  test("covers all its processes, and goes when it is over", async () => {
    const typed: string[] = [];
    const trace = new CommitTrace(async (command, args) => {
      typed.push([command, ...args].join(" "));
      const stdout = command === "pgrep" ? "17\n18\n" : command === "sh" ? KDUMP : "";
      return { status: 0, stdout, stderr: "" };
    });
    await trace.begin(["-x", "ftp-proxy"]);
    expect(await trace.read()).toHaveLength(1);
    await trace.end();
    const file = "/var/log/anchorage.ktrace";
    expect(typed).toEqual([
      ...["pgrep -x ftp-proxy", `ktrace -i -t c -f ${file} -p 17`, `ktrace -a -i -t c -f ${file} -p 18`],
      ...[`sh -c kdump -T -f ${file} | grep -E 'DIOCXCOMMIT|RET +ioctl'`, `rm -f ${file}`],
    ]);
  });

  test("is empty where the kernel does not trace", async () => {
    const trace = new CommitTrace(async (command) =>
      command === "pgrep"
        ? { status: 0, stdout: "17\n", stderr: "" }
        : { status: 1, stdout: "", stderr: "ktrace: Function not implemented" },
    );
    await trace.begin(["-x", "ftp-proxy"]);
    expect(await trace.read()).toEqual([]);
  });
});

describe("what a reading shows", () => {
  const reading = (atMs: number, afterMs?: number): LabEvent => ({
    kind: "anchor",
    atMs,
    anchor: "ftp-proxy/1.1",
    rules: ["pass"],
    ...(afterMs === undefined ? {} : { afterMs }),
  });
  const since = (atMs: number, afterMs: number | undefined, commits: readonly number[]) =>
    atCommitTimes([reading(atMs, afterMs)], commits)[0]?.atMs;

  test("has been so since the last change before it", () => {
    expect(since(40, 20, [12, 31, 47])).toBe(31);
    expect(since(40, 20, [25, 31])).toBe(31);
  });

  test("has been so for as long as anybody knows, where the changes do not explain it", () => {
    expect(since(40, 20, [12])).toBe(40);
    expect(since(40, 20, [])).toBe(40);
    expect(since(40, undefined, [31])).toBe(40);
  });

  test("was never so before the reading that did not show it, nor is dated after itself", () => {
    const times = fc.array(fc.nat(100), { maxLength: 8 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(fc.nat(100), fc.nat(50), times, (afterMs, later, commits) => {
        const atMs = since(afterMs + later, afterMs, commits) ?? Number.NaN;
        expect(atMs).toBeGreaterThanOrEqual(Math.min(afterMs, afterMs + later));
        expect(atMs).toBeLessThanOrEqual(afterMs + later);
      }),
    );
  });
});
