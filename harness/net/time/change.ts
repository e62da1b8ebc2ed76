/**
 * Waits until a condition holds. Its owner calls `happened` whenever the condition may have become true.
 *
 * @example
 * await change.until(() => lines.length > 0, clock, 60_000); // or time is up
 * if (lines.length === 0) throw new Error("no line in 60 s");
 */

import type { Clock } from "../../../proxy/host.ts";

export class Change {
  readonly #looks = new Set<() => void>();

  happened(): void {
    for (const look of [...this.#looks]) look();
  }

  /** Resolves when the condition holds or time is up. */
  until(condition: () => boolean, clock: Clock, milliseconds: number): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#looks.delete(look);
        timer.cancel();
        resolve();
      };
      const look = () => {
        if (condition()) done();
      };
      const timer = clock.after(milliseconds, done);
      this.#looks.add(look);
    });
  }
}
