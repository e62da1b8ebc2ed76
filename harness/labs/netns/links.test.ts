/** What a link of a play does to packets, in a time that the test makes pass. */

import { describe, expect, it } from "vitest";
import type { LinkOptions } from "../../contract/lab.ts";
import { VirtualClock } from "../../net/time/clock.ts";
import { type Packet, PROTOCOL } from "../../pf/packet.ts";
import type { Direction } from "../../pf/rule.ts";
import type { NetworkName } from "./layout.ts";
import { Links } from "./links.ts";

const packet: Packet = {
  family: "inet",
  source: "10.0.0.5",
  destination: "198.51.100.7",
  ttl: 64,
  tos: 0,
  protocol: PROTOCOL.udp,
  sourcePort: 7,
  destinationPort: 7,
  payload: new Uint8Array(1),
};

function wire(link: LinkOptions, seed = 1) {
  const clock = new VirtualClock();
  const begin = clock.now();
  const links = new Links({ link, seed, clock });
  const arrived: { readonly number: number; readonly atMs: number; readonly bytes: Uint8Array }[] = [];
  const send = (number: number, network: NetworkName = "inside", direction: Direction = "in") =>
    links.carry(network, direction, { packet, bytes: Uint8Array.of(number) }, ({ bytes }) =>
      arrived.push({ number: bytes[0]!, atMs: clock.now() - begin, bytes }),
    );
  return { clock, links, send, arrived, numbers: () => arrived.map(({ number }) => number) };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("a wire of netns", () => {
  it("hands packets over at once when nothing was asked of it", () => {
    const { send, numbers: seen } = wire({});
    send(1);
    expect(seen()).toEqual([1]);
  });

  it("delivers in order after its latency", async () => {
    const { clock, send, arrived } = wire({ latencyMs: 30 });
    for (const number of numbers(3)) send(number);
    expect(arrived).toEqual([]);
    await clock.advance(100);
    expect(arrived.map(({ number, atMs }) => [number, atMs])).toEqual([
      [0, 30],
      [1, 30],
      [2, 30],
    ]);
  });

  it("loses, overtakes and doubles, the same for the same seed", async () => {
    const play = async (seed: number) => {
      const { clock, send, numbers: seen } = wire({ loss: 0.2, reorder: 0.2, duplicate: 0.2 }, seed);
      for (const number of numbers(200)) {
        send(number);
        await clock.advance(1);
      }
      await clock.advance(100);
      return seen();
    };
    const first = await play(1);
    expect(new Set(first).size).toBeLessThan(200);
    expect(first.length).toBeGreaterThan(new Set(first).size);
    expect(first).not.toEqual([...first].sort((a, b) => a - b));
    expect(await play(1)).toEqual(first);
    expect(await play(2)).not.toEqual(first);
  });

  it("gives each copy bytes of its own, which the firewall may translate in their place", () => {
    const { send, arrived } = wire({ duplicate: 1 });
    send(1);
    expect(arrived.map(({ number }) => number)).toEqual([1, 1]);
    expect(arrived[0]?.bytes).not.toBe(arrived[1]?.bytes);
  });

  it("has a chance of its own for each direction: how much goes one way does not shift the other", () => {
    const outcome = (others: number) => {
      const { send, numbers: seen } = wire({ loss: 0.5 });
      for (const number of numbers(50)) {
        for (let count = 0; count < others; count++) send(255, "inside", "out");
        send(number, "inside", "in");
      }
      return seen().filter((number) => number < 255);
    };
    expect(outcome(3)).toEqual(outcome(0));
  });

  it("lets nothing arrive after the play", async () => {
    const { clock, links, send, arrived } = wire({ latencyMs: 30 });
    send(1);
    links.close();
    await clock.advance(100);
    expect(arrived).toEqual([]);
  });
});
