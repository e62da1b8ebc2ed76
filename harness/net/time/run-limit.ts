/**
 * The limits of virtual time. A run never hangs: it ends by its condition, or with an error that names the limit.
 *
 * @example
 * if (error instanceof RunLimitError && error.limit === "stalled") …
 */

export type RunLimit =
  /** So much virtual time has passed. */
  | "time"
  /** So many events have happened: most likely they are an endless loop. */
  | "events"
  /** No event is left, so the condition can never come true. */
  | "stalled"
  /** Real work took too long in real time. */
  | "held";

export class RunLimitError extends Error {
  override readonly name = "RunLimitError";
  readonly limit: RunLimit;
  /** Virtual milliseconds since the epoch. */
  readonly atMs: number;

  constructor(limit: RunLimit, atMs: number, amount: number, holds: readonly string[] = []) {
    super(`${explain(limit, amount, holds)} (virtual time ${new Date(atMs).toISOString()})`);
    this.limit = limit;
    this.atMs = atMs;
  }
}

function explain(limit: RunLimit, amount: number, holds: readonly string[]): string {
  switch (limit) {
    case "time":
      return `what was awaited did not happen within ${amount} ms of virtual time`;
    case "events":
      return `what was awaited did not happen within ${amount} events; something may go round in a circle`;
    case "stalled":
      return `what was awaited can never happen: after ${amount} events no timer and no packet is left`;
    case "held":
      return `real work has kept the clock for ${amount} ms of real time: ${holds.join(", ")}`;
  }
}
