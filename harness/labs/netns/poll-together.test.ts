import { expect, test } from "vitest";
import { pollTogether } from "./poll-together.ts";

const WAKER = 99;

/** A poll(2) whose calls end when the test makes a descriptor readable. */
function kernel() {
  const readable = new Set<number>();
  const calls: { asked: readonly number[]; settle: (ready: boolean[]) => void }[] = [];
  let mostAtOnce = 0;
  const look = () => {
    for (const call of [...calls]) {
      const ready = call.asked.map((one) => readable.has(one));
      if (!ready.includes(true)) continue;
      calls.splice(calls.indexOf(call), 1);
      call.settle(ready);
    }
  };
  const wait = pollTogether(
    (asked) =>
      new Promise((settle) => {
        calls.push({ asked, settle });
        mostAtOnce = Math.max(mostAtOnce, calls.length);
        look();
      }),
    {
      descriptor: WAKER,
      wake: () => {
        readable.add(WAKER);
        look();
      },
      rest: () => void readable.delete(WAKER),
    },
  );
  const become = (descriptor: number) => {
    readable.add(descriptor);
    look();
  };
  return { wait, become, readable, mostAtOnce: () => mostAtOnce };
}

test("each of several waits is told of its own descriptors, and one call is under way at most", async () => {
  const { wait, become, readable, mostAtOnce } = kernel();
  const first = wait([3, 4]);
  const second = wait([5]);
  become(4);
  expect(await first).toEqual([false, true]);
  readable.delete(4);
  const third = wait([3, 4]);
  become(5);
  expect(await second).toEqual([true]);
  readable.delete(5);
  become(3);
  expect(await third).toEqual([true, false]);
  expect(mostAtOnce()).toBe(1);
});

test("a wait goes on when the one that was served beside it does not come back", async () => {
  const { wait, become } = kernel();
  const served = wait([3]);
  const other = wait([4]);
  become(3);
  await served;
  become(4);
  expect(await other).toEqual([true]);
});
