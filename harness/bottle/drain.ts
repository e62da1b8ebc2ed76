/**
 * Keeps virtual time still while TLS in a bottle has real work pending.
 *
 * What a library does in promises and next ticks the clock waits for by itself: after an event that
 * woke a program it lets one turn of the real event loop pass, and Node empties ticks and promise jobs,
 * however many, before it begins another (../clock.ts). TLS over a stream needs more: it ends each
 * write and each close in an immediate of its own. If the clock went on between them, an answer that
 * takes no time would leave late, and how late would depend on the machine. So the rule is:
 *
 * - once a bottle does TLS, whoever enters it (a timer, bytes, a call of the library into the network)
 *   takes a hold on the clock by `touch()`, and while it is held no event of the simulation runs;
 * - the hold is released after four turns of the real event loop without another touch.
 *
 * Between two touches lies at most one immediate of Node's own; four leave room for other versions.
 * Turns are counted, never milliseconds: a slow machine holds the clock longer and changes nothing.
 *
 * @example
 * const drain = new Drain((why) => clock.hold(why));
 * drain.useTls();
 * drain.touch(); // the clock stands, and goes on by itself when nothing is left to do
 */
import { clearImmediate, setImmediate } from "node:timers";

/** Takes a hold on a clock, with the reason; the result gives it back. */
export type Hold = (why: string) => () => void;

/** js_stream_socket.js, Node 20: doWrite and doClose go through one immediate each. */
const quietTurns = 4;

export class Drain {
  readonly #hold: Hold | undefined;
  #tls = false;
  #turnsLeft = 0;
  #release: (() => void) | undefined;
  #immediate: NodeJS.Immediate | undefined;

  /** Without a hold (a host in real time) every touch is free. */
  constructor(hold: Hold | undefined) {
    this.#hold = hold;
  }

  /** True while the clock is held. */
  get pending(): boolean {
    return this.#release !== undefined;
  }

  /** From now on this bottle holds the clock. */
  useTls(): void {
    this.#tls = true;
  }

  touch(): void {
    if (!this.#tls || this.#hold === undefined) return;
    this.#turnsLeft = quietTurns;
    if (this.#release !== undefined) return;
    this.#release = this.#hold("TLS in a bottle");
    this.#immediate = setImmediate(this.#turn);
  }

  /** Gives the clock back at once. */
  close(): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  readonly #turn = (): void => {
    this.#turnsLeft -= 1;
    if (this.#turnsLeft > 0) this.#immediate = setImmediate(this.#turn);
    else this.close();
  };
}
