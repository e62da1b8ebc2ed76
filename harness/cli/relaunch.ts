/**
 * Some labs need a program around this one (a user namespace, say). Then this process becomes the same command line
 * behind that program's words, by exec: its number, its terminal and its signals stay.
 *
 * @example
 * await relaunch(choice.labs); // returns if no lab asks for it
 */

import type { LabKind } from "../contract/lab.ts";
import { loadKoffi } from "../labs/netns/system-calls.ts";
import { UsageError } from "./exit-status.ts";

/** Source: Linux, include/uapi/asm-generic/fcntl.h: sets FD_CLOEXEC. */
const F_SETFD = 2;

/** Throws UsageError if none of the labs can play here. */
export async function relaunch(labs: readonly LabKind[]): Promise<void> {
  const needed = labs.map((lab) => ({ lab, by: lab.startedBy?.() }));
  const refused = needed.flatMap(({ lab, by }) => (by && "refused" in by ? [`lab ${lab.name} ${by.refused}`] : []));
  if (refused.length > 0 && refused.length === labs.length) throw new UsageError(refused.join("; "));
  const words = needed.flatMap(({ by }) => (by && "words" in by ? [by.words] : []))[0];
  // Without koffi there is no exec; the lab reports that it is unavailable.
  const koffi = words === undefined ? undefined : await loadKoffi();
  if (words === undefined || koffi === undefined) return;
  const libc = koffi.load("libc.so.6");
  const fcntl = libc.func("int fcntl(int, int, int)");
  const execvp = libc.func("int execvp(const char *, const char **)");
  // Node marks them close-on-exec.
  for (const descriptor of [0, 1, 2]) fcntl(descriptor, F_SETFD, 0);
  const line = [...words, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  execvp(line[0], [...line, null]);
  throw new Error(`${line[0]} could not be started`);
}
