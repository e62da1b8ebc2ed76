/**
 * Ctrl-C stops a run in order: the play under way is broken off and cleaned up after, it and the rest are graded
 * "not run", the report is written. A second Ctrl-C ends at once, and still nothing stays behind: what must go with the
 * process goes when it exits, not when a signal kills it.
 */
const INTERRUPTED = 130;

export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort();
  };
  process.on("SIGINT", stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", stop);
  }
}
