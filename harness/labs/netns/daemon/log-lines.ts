/**
 * The last lines that programs on the firewall logged, and whoever wants to hear the next ones.
 *
 * @example
 * const log = new LogLines();
 * log.add({ atMs, level: 6, text: "#1 accepted connection from 10.0.0.5" });
 * log.last(5);
 */

export interface LogLine {
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** Of syslog(3). */
  readonly level: number;
  readonly text: string;
}

/** A lab stands for days; its memory is finite. */
const KEPT = 10_000;

export class LogLines {
  #lines: LogLine[] = [];
  readonly #listeners = new Set<(line: LogLine) => void>();

  add(line: LogLine): void {
    this.#lines.push(line);
    if (this.#lines.length > 2 * KEPT) this.#lines = this.#lines.slice(-KEPT);
    for (const listener of this.#listeners) listener(line);
  }

  last(count = KEPT): readonly LogLine[] {
    return this.#lines.slice(-count);
  }

  /** Until the signal. */
  follow(listener: (line: LogLine) => void, signal: AbortSignal): Promise<void> {
    this.#listeners.add(listener);
    return new Promise((resolve) => {
      const stop = () => {
        this.#listeners.delete(listener);
        resolve();
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
  }
}
