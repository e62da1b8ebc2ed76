/**
 * A connection that serves all plays of a run: checked before each play, and replaced once when it is lost. A second
 * loss is the lab's.
 *
 * @example
 * const guest = new Reconnecting(() => Guest.connect(options, "forward"));
 * const connected = await guest.checked((text) => console.error(text));
 */

import { LabLost } from "../../contract/lab.ts";

export interface Losable {
  /** Why it is lost; undefined: not as far as is known. */
  readonly lost: string | undefined;
  /** Settles when `lost` is up to date. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export class Reconnecting<T extends Losable> {
  readonly #connect: () => Promise<T>;
  #connecting: Promise<T> | undefined;
  #current: T | undefined;
  #hasReconnected = false;
  #failure: string | undefined;

  constructor(connect: () => Promise<T>) {
    this.#connect = connect;
  }

  /** Connects at the first call; after a failure the next call tries again. */
  connected(): Promise<T> {
    this.#connecting ??= this.#connect().then(
      (made) => {
        this.#current = made;
        return made;
      },
      (error) => {
        this.#connecting = undefined;
        throw error;
      },
    );
    return this.#connecting;
  }

  /** Checks the connection and replaces it if need be, with a note. Throws LabLost. */
  async checked(note: (text: string) => void = () => {}): Promise<T> {
    const current = await this.connected();
    await current.check();
    const why = current.lost;
    if (why === undefined) return current;
    if (this.#hasReconnected) throw new LabLost(why);
    this.#hasReconnected = true;
    note(`${why}; connecting again`);
    await current.close();
    this.#connecting = undefined;
    try {
      return await this.connected();
    } catch (error) {
      this.#failure = `${why}; connecting again failed: ${error instanceof Error ? error.message : error}`;
      throw new LabLost(this.#failure);
    }
  }

  /** Why the connection is lost for good. */
  get lost(): string | undefined {
    return this.#failure ?? (this.#hasReconnected ? this.#current?.lost : undefined);
  }

  async close(): Promise<void> {
    const closing = this.#connecting;
    this.#connecting = undefined;
    this.#current = undefined;
    await (await closing?.catch(() => undefined))?.close();
  }
}
