/**
 * Some labs are only to be had by a program that is started in a special way: then this process becomes the
 * very command that it is, behind the words that the lab names. Its number, its terminal and its signals stay.
 *
 * @example
 * await startAnew(choice.labs); // comes back when there is no need
 */

import { loadKoffi } from "../agent/koffi.ts";
import type { LabKind } from "../contract/lab.ts";
import { UsageError } from "./usage-error.ts";

/** Source: Linux, include/uapi/asm-generic/fcntl.h: sets FD_CLOEXEC. */
const F_SETFD = 2;

/** Throws UsageError when none of the labs is to be had. */
export async function startAnew(labs: readonly LabKind[]): Promise<void> {
  const needed = labs.map((lab) => ({ lab, by: lab.startedBy?.() }));
  const refused = needed.flatMap(({ lab, by }) => (by && "refused" in by ? [`lab ${lab.name} ${by.refused}`] : []));
  if (refused.length > 0 && refused.length === labs.length) throw new UsageError(refused.join("; "));
  const words = needed.flatMap(({ by }) => (by && "words" in by ? [by.words] : []))[0];
  // Without koffi the lab is not to be had either way, and says so.
  const koffi = words === undefined ? undefined : await loadKoffi();
  if (words === undefined || koffi === undefined) return;
  const libc = koffi.load("libc.so.6");
  const fcntl = libc.func("int fcntl(int, int, int)");
  const execvp = libc.func("int execvp(const char *, const char **)");
  // Node keeps them for itself.
  for (const descriptor of [0, 1, 2]) fcntl(descriptor, F_SETFD, 0);
  const line = [...words, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  execvp(line[0], [...line, null]);
  throw new Error(`${line[0]} could not be started`);
}
