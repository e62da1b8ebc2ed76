import { describe, expect, it } from "vitest";
import { RIGHT, twoHosts } from "../../labs/sim/two-hosts.fixture.ts";
import { duplicate } from "../faults/duplicate.ts";
import { loss } from "../faults/loss.ts";
import { reorder } from "../faults/reorder.ts";
import { dropMatching, jitter, partition } from "../faults/test-faults.fixture.ts";
import type { LinkOptions } from "./link.ts";

/** Sends numbered datagrams; answers which arrived, in order, and when. */
async function send(
  count: number,
  link: LinkOptions,
  faults: Parameters<ReturnType<typeof twoHosts>["link"]["install"]>[0][],
) {
  const hosts = twoHosts({ link });
  for (const fault of faults) hosts.link.install(fault);
  const arrived: number[] = [];
  const times: number[] = [];
  const start = hosts.network.clock.microseconds();
  hosts.right.udp.bind({ port: 7 }, (bytes) => {
    arrived.push(bytes[0]!);
    times.push((hosts.network.clock.microseconds() - start) / 1000);
  });
  const socket = hosts.left.udp.bind({ port: 7 }, () => {});
  // IPv4 and UDP headers make it 100 bytes.
  for (let number = 0; number < count; number++) {
    socket.send(new Uint8Array(72).fill(number), { address: RIGHT.inet, port: 7 });
  }
  await hosts.network.clock.advance(60_000);
  return { arrived, times, counters: hosts.link.counters };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("a link", () => {
  it("delivers in order after its latency", async () => {
    const { arrived, times } = await send(5, { latencyMs: 7 }, []);
    expect(arrived).toEqual(numbers(5));
    expect(times).toEqual([7, 7, 7, 7, 7]);
  });

  it("takes its time for every bit", async () => {
    const { times } = await send(3, { latencyMs: 1, bandwidth: 800_000 }, []);
    expect(times).toEqual([2, 3, 4]);
  });

  it("drops what its queue has no room for", async () => {
    const { arrived, counters } = await send(50, { bandwidth: 800_000, queueBytes: 500, mtu: 600 }, []);
    expect(arrived).toEqual(numbers(11));
    expect(counters).toMatchObject({ carried: 11, overflowed: 39, lost: 0 });
  });
});

describe("a fault", () => {
  it("loses, repeats, delays, each at its rate", async () => {
    const lossy = await send(200, {}, [loss({ probability: 0.25 })]);
    expect(lossy.arrived.length).toBeGreaterThan(120);
    expect(lossy.arrived.length).toBeLessThan(180);
    expect(lossy.counters.lost).toBe(200 - lossy.arrived.length);

    const repeated = await send(100, {}, [duplicate({ probability: 1, copies: 2, milliseconds: 3 })]);
    expect(repeated.arrived.length).toBe(300);

    const shuffled = await send(100, {}, [reorder({ probability: 0.3, milliseconds: 5 })]);
    expect(shuffled.arrived).not.toEqual(numbers(100));
    expect([...shuffled.arrived].sort((a, b) => a - b)).toEqual(numbers(100));

    const late = await send(100, { latencyMs: 1 }, [jitter({ milliseconds: 2 })]);
    expect(Math.min(...late.times)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...late.times)).toBeLessThanOrEqual(3);
  });

  it("drops exactly what it is told to", async () => {
    const { arrived } = await send(6, {}, [
      dropMatching(({ payload }) => payload[0]! % 2 === 0, { skip: 1, times: 1 }),
    ]);
    expect(arrived).toEqual([0, 1, 3, 4, 5]);
    expect((await send(3, {}, [partition({ from: "right.em0" })])).arrived.length).toBe(3);
    expect((await send(3, {}, [partition({ to: "right.em0" })])).arrived.length).toBe(0);
  });

  it("goes with its guard, and shifts nobody else's random numbers", async () => {
    const { network, link, left } = twoHosts();
    const guard = link.install(partition());
    const ping = () => network.clock.runUntilSettled(left.icmp.ping(RIGHT.inet, { limitMs: 100 }));
    expect(await ping()).toEqual({ outcome: "no-reply" });
    guard.remove();
    expect(await ping()).toMatchObject({ outcome: "reply" });

    const alone = await send(100, {}, [loss({ probability: 0.3 })]);
    const accompanied = await send(100, {}, [loss({ probability: 0.3 }), jitter({ milliseconds: 5 })]);
    expect([...accompanied.arrived].sort((a, b) => a - b)).toEqual(alone.arrived);
  });
});
