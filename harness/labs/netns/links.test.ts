/** The links of a play: latency and faults, in a time that the test makes pass; and links narrower than a device. */

import { describe, expect, it } from "vitest";
import type { LinkOptions } from "../../contract/lab.ts";
import { VirtualClock } from "../../net/time/clock.ts";
import { decode } from "../../net/wire/decode.ts";
import { encode } from "../../net/wire/encode.ts";
import { isTcp, type Packet, PROTOCOL, TCP_FLAG } from "../../pf/packet.ts";
import type { Direction } from "../../pf/rule.ts";
import type { NetworkName } from "./layout.ts";
import { pieces } from "./link-mtu.ts";
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

const tcp = (text: string): Packet => ({
  ...packet,
  destination: "198.51.100.7",
  dontFragment: true,
  protocol: PROTOCOL.tcp,
  sourcePort: 40_000,
  destinationPort: 21,
  flags: TCP_FLAG.A | TCP_FLAG.P,
  seq: 0xffffffff,
  ack: 1,
  window: 100,
  payload: Buffer.from(text),
});

describe("a link of 68 bytes", () => {
  it("carries a PORT in pieces that say together what the command said", () => {
    const command = "PORT 10,0,0,5,200,201\r\n".repeat(3);
    const decoded = pieces(encode(tcp(command)), 68).map((bytes) => {
      expect(bytes.length).toBeLessThanOrEqual(68);
      const one = decode(bytes, { verify: true });
      if (!one.ok || !isTcp(one.packet)) throw new Error("not TCP any more");
      return one.packet;
    });
    expect(Buffer.concat(decoded.map(({ payload }) => payload)).toString()).toBe(command);
    expect(decoded.map(({ seq }) => seq)).toEqual([0xffffffff, 27, 55]);
    expect(decoded.map(({ flags }) => (flags & TCP_FLAG.P) !== 0)).toEqual([false, false, true]);
  });

  it("leaves alone what fits, what is not TCP, and every packet of a link that kernels know how to use", () => {
    const short = encode(tcp("QUIT\r\n"));
    expect(pieces(short, 68)).toEqual([short]);
    const { flags, seq, ack, window, ...rest } = tcp("x".repeat(100)) as Packet & Record<string, unknown>;
    const udp = encode({ ...rest, protocol: PROTOCOL.udp } as Packet);
    expect(pieces(udp, 68)).toEqual([udp]);
    const long = encode(tcp("x".repeat(1_460)));
    expect(pieces(long, 1_400)).toEqual([long]);
  });
});
