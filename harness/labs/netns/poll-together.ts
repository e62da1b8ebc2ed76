/**
 * Joins all waits for descriptors into one call of poll(2): each call occupies one of Node's few worker threads, and
 * the process needs those for its files too.
 *
 * @example
 * const wait = pollTogether(poll, { descriptor, wake, rest });
 * const [first] = await wait([3, 4]); // while others wait for theirs
 */

/** Settles when any of these is readable, with the readable ones. */
export type Wait = (descriptors: readonly number[]) => Promise<readonly boolean[]>;

/** Ends a call that is under way, so that a new one may ask for more. */
export interface Waker {
  readonly descriptor: number;
  wake(): void;
  /** Makes it unreadable until the next `wake`. */
  rest(): void;
}

interface Waiting {
  readonly descriptors: readonly number[];
  readonly settle: (ready: readonly boolean[]) => void;
}

export function pollTogether(poll: Wait, waker: Waker): Wait {
  const waiting = new Set<Waiting>();
  let calling = false;

  const call = async () => {
    if (calling || waiting.size === 0) return;
    calling = true;
    const asked = [...waiting];
    const [woken, ...ready] = await poll([waker.descriptor, ...asked.flatMap(({ descriptors }) => descriptors)]);
    calling = false;
    if (woken === true) waker.rest();
    let place = 0;
    for (const one of asked) {
      const own = ready.slice(place, place + one.descriptors.length);
      place += own.length;
      if (!own.includes(true)) continue;
      waiting.delete(one);
      one.settle(own);
    }
    // Before that, a caller that was served usually waits again, which begins the next call.
    setImmediate(call);
  };

  return (descriptors) =>
    new Promise((settle) => {
      waiting.add({ descriptors, settle });
      if (calling) waker.wake();
      else void call();
    });
}
