/**
 * What stands for all plays of a run and may die: it is asked whether it lives before each play, and made anew once.
 * A second death is the lab's.
 *
 * @example
 * const guest = new OnceMore(() => StandingGuest.make(options, "forward"));
 * const standing = await guest.present((text) => console.error(text));
 */

import { LabLost } from "../../contract/lab.ts";

export interface Mortal {
  /** Why it is dead; undefined: it lives, as far as is known. */
  readonly lost: string | undefined;
  /** Settles when `lost` is true to life. */
  rouse(): Promise<void>;
  close(): Promise<void>;
}

export class OnceMore<T extends Mortal> {
  readonly #make: () => Promise<T>;
  #standing: Promise<T> | undefined;
  #current: T | undefined;
  #again = false;
  #notAgain: string | undefined;

  constructor(make: () => Promise<T>) {
    this.#make = make;
  }

  /** Made when first asked for; after a failure the next call tries again. */
  stand(): Promise<T> {
    this.#standing ??= this.#make().then(
      (made) => {
        this.#current = made;
        return made;
      },
      (error) => {
        this.#standing = undefined;
        throw error;
      },
    );
    return this.#standing;
  }

  /** Alive, made anew perhaps, which `note` is told. Throws LabLost. */
  async present(note: (text: string) => void = () => {}): Promise<T> {
    const standing = await this.stand();
    await standing.rouse();
    const why = standing.lost;
    if (why === undefined) return standing;
    if (this.#again) throw new LabLost(why);
    this.#again = true;
    note(`${why}; it is connected to once more`);
    await standing.close();
    this.#standing = undefined;
    try {
      return await this.stand();
    } catch (error) {
      this.#notAgain = `${why}; once more: ${error instanceof Error ? error.message : error}`;
      throw new LabLost(this.#notAgain);
    }
  }

  /** Why there is none any more, for good. */
  get lost(): string | undefined {
    return this.#notAgain ?? (this.#again ? this.#current?.lost : undefined);
  }

  async close(): Promise<void> {
    const closing = this.#standing;
    this.#standing = undefined;
    this.#current = undefined;
    await (await closing?.catch(() => undefined))?.close();
  }
}
