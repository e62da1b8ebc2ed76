/**
 * Holds virtual time while TLS in a bottle has real work pending.
 *
 * The clock waits by itself for promises and next ticks: after each event it lets one turn of the real
 * event loop pass, and Node runs all of them before it begins another (../net/time/clock.ts). TLS over a
 * stream needs more: each write and each close ends in an immediate. If the clock went on meanwhile, an
 * answer that takes no time would leave late, by an amount that depends on the machine. So:
 *
 * - once a bottle does TLS, each entry into it (a timer, bytes, a call of the library into the network)
 *   holds the clock by `touch()`, and no event of the simulation runs while it is held;
 * - the hold ends after four turns of the real event loop without another touch.
 *
 * Between two touches lies at most one immediate of Node; four leave room for other versions. Counting
 * turns, not milliseconds, makes a slow machine hold the clock longer and changes nothing else.
 *
 * @example
 * const tlsHold = new TlsHold((why) => clock.hold(why));
 * tlsHold.useTls();
 * tlsHold.touch(); // the clock stops, and goes on by itself when TLS has nothing left to do
 */
import { clearImmediate, setImmediate } from "node:timers";

/** Holds a clock for a reason; the result lets it go. */
export type Hold = (why: string) => () => void;

/** js_stream_socket.js, Node 20: doWrite and doClose go through one immediate each. */
const quietTurns = 4;

export class TlsHold {
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

  /** Lets the clock go at once. */
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
