/**
 * The idle timeout of a socket: calls once when nothing was seen for so long, and again after new
 * activity, as net.Socket's setTimeout does.
 *
 * Activity only notes the time; the clock is asked again when the timer runs out, at the exact rest.
 *
 * @example
 * const idle = new IdleTimer(inside, () => socket.emit("timeout"));
 * idle.set(30_000);
 * idle.touch();
 */
import type { Timer } from "../../proxy/host.ts";
import type { Inside } from "./inside.ts";

export class IdleTimer {
  readonly #inside: Inside;
  readonly #expired: () => void;
  #milliseconds = 0;
  #lastActivity = 0;
  #timer: Timer | undefined;

  constructor(inside: Inside, expired: () => void) {
    this.#inside = inside;
    this.#expired = expired;
  }

  /** 0 switches it off. */
  set(milliseconds: number): void {
    this.stop();
    this.#milliseconds = milliseconds;
    this.touch();
  }

  touch(): void {
    if (this.#milliseconds === 0) return;
    this.#lastActivity = this.#inside.host.clock.now();
    if (this.#timer === undefined) this.#wait(this.#milliseconds);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#milliseconds = 0;
  }

  #wait(milliseconds: number): void {
    this.#timer = this.#inside.host.clock.after(milliseconds, () => {
      this.#timer = undefined;
      if (this.#inside.closed) return;
      const rest = this.#lastActivity + this.#milliseconds - this.#inside.host.clock.now();
      if (rest > 0) this.#wait(rest);
      else this.#inside.enter(this.#expired);
    });
  }
}
