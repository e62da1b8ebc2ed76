/**
 * The unprivileged half: a packet filter that asks the helper. When the helper dies, everything
 * under way fails, and `died` is called once.
 *
 * @example
 * const packetFilter = new HelperFilter(process, host.clock, (status) => stop(`helper ended with status ${status}`));
 */

import type { Clock, Connection, Endpoint, Process } from "../host.ts";
import { failed, type LoadOutcome, type PacketFilter } from "../pf/packet-filter.ts";
import { asAnswer, encodeLine, type HelperAnswer, type HelperRequest, lineReader } from "./protocol.ts";

/** Milliseconds before the helper is given up: its pfctl has 10 s and may be tried twice. Our own number. */
const answerLimit = 30_000;

type WithoutNumber<Request> = Request extends unknown ? Omit<Request, "number"> : never;

export class HelperFilter implements PacketFilter {
  readonly #process: Process;
  readonly #clock: Clock;
  readonly #died: (why: string) => void;
  readonly #asked = new Map<number, (answer: HelperAnswer | undefined) => void>();
  #next = 1;
  #dead: string | undefined;
  #closing = false;

  constructor(process: Process, clock: Clock, died: (why: string) => void) {
    this.#clock = clock;
    this.#process = process;
    this.#died = died;
    const read = lineReader(
      (message) => this.#take(message),
      (why) => this.#giveUp(`the helper sent ${why}`),
    );
    process.onOutput((stream, bytes) => {
      if (stream === "stdout") read(bytes);
    });
    void process.exited.then((status) => this.#giveUp(`the helper ended with status ${status}`));
  }

  async load(anchor: string, rules: string): Promise<LoadOutcome> {
    return this.#outcome(await this.#ask({ do: "load", id: sessionOf(anchor), rules }));
  }

  async flush(anchor: string): Promise<LoadOutcome> {
    return this.#outcome(await this.#ask({ do: "flush", id: sessionOf(anchor) }));
  }

  /** Under rdr: the helper may read the state table, we may not. */
  async originalDestination(client: Connection): Promise<Endpoint | undefined> {
    const answer = await this.#ask({ do: "lookup", client: client.remote, local: client.local });
    return answer !== undefined && "original" in answer ? (answer.original ?? undefined) : undefined;
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#process.stdin.end();
    await this.#process.exited;
  }

  #ask(request: WithoutNumber<HelperRequest>): Promise<HelperAnswer | undefined> {
    if (this.#dead !== undefined) return Promise.resolve(undefined);
    const number = this.#next++;
    return new Promise((resolve) => {
      const timer = this.#clock.after(answerLimit, () =>
        this.#giveUp(`the helper gave no answer in ${answerLimit / 1000} s`),
      );
      this.#asked.set(number, (answer) => {
        timer.cancel();
        resolve(answer);
      });
      this.#process.stdin.write(encodeLine({ ...request, number }));
    });
  }

  #outcome(answer: HelperAnswer | undefined): LoadOutcome {
    if (answer !== undefined && "outcome" in answer) return answer.outcome;
    return failed("begin", this.#dead ?? "the helper gave no answer");
  }

  #take(message: unknown): void {
    const answer = asAnswer(message);
    if (answer === undefined) {
      this.#giveUp("the helper sent an invalid answer");
      return;
    }
    this.#asked.get(answer.number)?.(answer);
    this.#asked.delete(answer.number);
  }

  #giveUp(why: string): void {
    if (this.#dead !== undefined) return;
    this.#dead = why;
    for (const resolve of this.#asked.values()) resolve(undefined);
    this.#asked.clear();
    if (!this.#closing) this.#died(why);
  }
}

/** The helper builds the anchor's name itself. It gets only the session's number. */
function sessionOf(anchor: string): number {
  return Number(anchor.slice(anchor.lastIndexOf(".") + 1));
}
