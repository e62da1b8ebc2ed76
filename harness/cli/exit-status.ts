/**
 * How every command ends: the exit status, the error for wrong use, and Ctrl-C.
 *
 * @example
 * throw new UsageError('there is no lab "moon"'); // status 2, one line on standard error, no stack trace
 */

export const EXIT = { fine: 0, failed: 1, wrongUse: 2, interrupted: 130 } as const;

/** Every command reports its status through this; a command that does not ends with 0. */
export type Finish = (status: number) => void;

/** The command line cannot be carried out. The message is one line that says what to change. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Runs `work` with a signal that the first Ctrl-C aborts, so that it can clean up and write its report. The second
 * Ctrl-C exits at once; exit handlers still run, so processes and namespaces are removed.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on("SIGINT", stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", stop);
  }
}
