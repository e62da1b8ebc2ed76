/**
 * This machine's network until `ends()`: then no timer, listener or connection made by it is left, so that a test runner
 * can end.
 *
 * @example
 * const host = new EndingHost();
 * signal.addEventListener("abort", () => host.ends());
 */

import type { Clock, Connection, ConnectOptions, Listener, ListenOptions, Timer } from "../../proxy/host.ts";
import { NodeHost } from "../../proxy/node/node-host.ts";

const { clock: real } = new NodeHost({ log: () => {} });

export class EndingHost extends NodeHost {
  readonly #endings = new Set<() => void>();
  #ended = false;
  override readonly clock: Clock = {
    now: real.now,
    after: (milliseconds, callback) => this.#timer(milliseconds, callback),
  };

  constructor() {
    super({ log: () => {} });
  }

  #timer(milliseconds: number, callback: () => void): Timer {
    // A session that has ended waits for ever, and is collected.
    if (this.#ended) return { cancel: () => {} };
    const timer = real.after(milliseconds, () => {
      this.#endings.delete(timer.cancel);
      callback();
    });
    this.#endings.add(timer.cancel);
    return {
      cancel: () => {
        this.#endings.delete(timer.cancel);
        timer.cancel();
      },
    };
  }

  override async listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    const listener = await super.listen(options, (connection) => {
      if (this.#ended) connection.reset();
      else {
        this.#endings.add(() => connection.close());
        onConnection(connection);
      }
    });
    if (this.#ended) listener.close();
    this.#endings.add(() => listener.close());
    return listener;
  }

  override connect(options: ConnectOptions): Connection {
    const connection = super.connect(options);
    if (this.#ended) connection.reset();
    this.#endings.add(() => connection.reset());
    return connection;
  }

  ends(): void {
    this.#ended = true;
    for (const end of this.#endings) end();
    this.#endings.clear();
  }
}
