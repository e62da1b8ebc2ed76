import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "./clock.ts";
import { EventQueue } from "./event-queue.ts";
import { RunLimitError } from "./run-limit.ts";

describe("the event queue", () => {
  it("gives events by time, then by order of asking, without the cancelled ones", () => {
    const step = fc.record({ at: fc.nat(20), cancel: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const queue = new EventQueue();
        const seen: number[] = [];
        const events = steps.map(({ at }, index) => queue.add(at, () => seen.push(index)));
        for (const [index, { cancel }] of steps.entries()) if (cancel) queue.cancel(events[index]!);
        const expected = [...steps.entries()]
          .filter(([, { cancel }]) => !cancel)
          .sort(([i, a], [j, b]) => a.at - b.at || i - j)
          .map(([index]) => index);
        expect(queue.size).toBe(expected.length);
        for (let event = queue.take(); event !== undefined; event = queue.take()) event.action();
        expect(seen).toEqual(expected);
        expect(queue.size).toBe(0);
      }),
    );
  });
});

describe("the virtual clock", () => {
  it("plays a day in one step", async () => {
    const clock = new VirtualClock();
    const start = clock.now();
    let done = false;
    clock.after(86_400_000, () => {
      done = true;
    });
    await clock.run({ until: () => done });
    expect(clock.now() - start).toBe(86_400_000);
    expect(clock.events).toBe(1);
  });

  it("does not call what was cancelled", async () => {
    const clock = new VirtualClock();
    let called = false;
    clock
      .after(10, () => {
        called = true;
      })
      .cancel();
    await clock.advance(20);
    expect(called).toBe(false);
  });

  it("lets promises run dry before the next event, however long their chain", async () => {
    const clock = new VirtualClock();
    const order: string[] = [];
    clock.after(1, async () => {
      for (let turn = 0; turn < 100; turn++) await null;
      await new Promise<void>((resolve) => process.nextTick(resolve));
      order.push("promises");
    });
    clock.after(1, () => order.push("next event"));
    await clock.advance(2);
    expect(order).toEqual(["promises", "next event"]);
  });

  it("stands still while real work is under way", async () => {
    const clock = new VirtualClock();
    const start = clock.now();
    const seen: number[] = [];
    clock.after(5, async () => {
      const release = clock.hold("compression in the thread pool");
      const { promises } = await import("node:fs");
      await promises.readFile(new URL(import.meta.url));
      seen.push(clock.now() - start);
      release();
    });
    clock.after(6, () => seen.push(clock.now() - start));
    await clock.advance(10);
    expect(seen).toEqual([5, 6]);
  });

  it("answers what the awaited promise answers, and fails as it fails", async () => {
    const clock = new VirtualClock();
    const later = <T>(value: T): Promise<T> => new Promise((resolve) => clock.after(50, () => resolve(value)));
    expect(await clock.runUntilSettled(later("done"))).toBe("done");
    await expect(clock.runUntilSettled(later(0).then(() => Promise.reject(new Error("no"))))).rejects.toThrow("no");
  });

  it("ends a run that comes to nothing, and says why", async () => {
    const never = new Promise<void>(() => {});
    const idle = new VirtualClock();
    await expect(idle.runUntilSettled(never)).rejects.toMatchObject({ name: "RunLimitError", limit: "stalled" });

    const slow = new VirtualClock();
    slow.after(1000, () => {});
    await expect(slow.runUntilSettled(never, { limitMs: 999 })).rejects.toMatchObject({ limit: "time" });
    expect(slow.now() % 1000).toBe(999);

    const circle = new VirtualClock();
    const again = (): void => void circle.schedule(1, again);
    again();
    await expect(circle.runUntilSettled(never, { limitEvents: 1000 })).rejects.toMatchObject({ limit: "events" });

    const held = new VirtualClock();
    held.hold("a key exchange");
    const error = await held.runUntilSettled(never, { holdLimitMs: 1 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RunLimitError);
    expect(String(error)).toContain("a key exchange");
  });

  it("stops when it is told to from outside", async () => {
    const clock = new VirtualClock();
    const again = (): void => void clock.after(1, again);
    again();
    const controller = new AbortController();
    clock.after(100, () => controller.abort(new Error("enough")));
    await expect(clock.runUntilSettled(new Promise(() => {}), { signal: controller.signal })).rejects.toThrow("enough");
  });
});
