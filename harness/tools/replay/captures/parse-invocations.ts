/**
 * Reads captures of command lines that end at once: `$ ftp-proxy -d -m 0`, what was printed, `rc 1`.
 *
 * @example
 * parseInvocations(["$ ftp-proxy -d -m 0", "ftp-proxy: max sessions too small", "rc 1"], "");
 */

import type { Invocation } from "./capture.ts";

/** Undefined: the capture is of another kind. */
export function parseInvocations(lines: readonly string[], command: string): readonly Invocation[] | undefined {
  if (!lines.some((line) => /^rc \d+$/.test(line)) || !lines.some((line) => line.includes("ftp-proxy: ")))
    return undefined;
  const invocations: Invocation[] = [];
  // A capture of one invocation names it only in its head.
  let args: readonly string[] = command.includes("ftp-proxy") ? ["-d"] : [];
  let printed: string[] = [];
  for (const line of lines) {
    const status = /^rc (\d+)$/.exec(line);
    if (line.startsWith("$ ftp-proxy")) {
      args = line.split(" ").slice(2);
      printed = [];
    } else if (status !== null) {
      invocations.push({ args, printed: printed.map((text) => `${text}\n`).join(""), status: Number(status[1]) });
      printed = [];
    } else if (!line.startsWith("# ") && !/^pf (dis|en)abled$/.test(line)) {
      printed.push(line);
    }
  }
  return invocations;
}
