import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  connected,
  LEFT,
  type Recorded,
  RIGHT,
  record,
  type TwoHosts,
  twoHosts,
} from "../../labs/sim/two-hosts.fixture.ts";
import { isTcp, TCP_FLAG } from "../../pf/packet.ts";
import { duplicate } from "../faults/duplicate.ts";
import { loss } from "../faults/loss.ts";
import { reorder } from "../faults/reorder.ts";
import { dropMatching, jitter } from "../faults/test-faults.fixture.ts";
import { LINUX } from "./settings.ts";

const pattern = (length: number, salt: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) + salt) & 0xff);

/** Both sides send, half-close and wait for the other's end. */
async function exchange(
  { network, left, right }: TwoHosts,
  family: "inet" | "inet6",
  up: Uint8Array,
  down: Uint8Array,
): Promise<{ client: Recorded; server: Recorded }> {
  let server: Recorded | undefined;
  await right.listen({ port: 20 }, (connection) => {
    server = record(connection);
    connection.write(down);
    connection.end();
  });
  const client = record(left.connect({ address: RIGHT[family], port: 20 }));
  const own = up.slice();
  client.connection.write(own);
  // The writer may use its buffer again.
  own.fill(0);
  client.connection.end();
  await network.clock.run({ until: () => client.closed && server?.closed === true, limitMs: 3_600_000 });
  return { client, server: server! };
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

describe("a transfer", () => {
  it("arrives whole and in order in both directions, whatever the network loses, repeats, holds back", async () => {
    const conditions = fc.record({
      seed: fc.nat(),
      family: fc.constantFrom<"inet" | "inet6">("inet", "inet6"),
      loss: fc.double({ min: 0, max: 0.2, noNaN: true }),
      reorder: fc.double({ min: 0, max: 0.5, noNaN: true }),
      duplicate: fc.double({ min: 0, max: 0.3, noNaN: true }),
      jitterMs: fc.nat(20),
      latencyMs: fc.nat(50),
      mtu: fc.integer({ min: 1280, max: 9000 }),
      bandwidth: fc.constantFrom(undefined, 1_000_000, 100_000_000),
      receiveBuffer: fc.integer({ min: 3000, max: 300_000 }),
      delayedAckMs: fc.constantFrom(0, 40),
      windowScaling: fc.boolean(),
      up: fc.nat(120_000),
      down: fc.nat(60_000),
    });
    await fc.assert(
      fc.asyncProperty(conditions, async (given) => {
        const { receiveBuffer, delayedAckMs, windowScaling, latencyMs, mtu, bandwidth } = given;
        const tcp = { ...LINUX, receiveBuffer, delayedAckMs, windowScaling };
        const hosts = twoHosts({
          seed: given.seed,
          link: { latencyMs, mtu, ...(bandwidth !== undefined && { bandwidth }) },
          left: { tcp },
          right: { tcp: { ...tcp, delayedAckMs: 0 } },
        });
        hosts.link.install(loss({ probability: given.loss }));
        hosts.link.install(reorder({ probability: given.reorder, milliseconds: 30 }));
        hosts.link.install(duplicate({ probability: given.duplicate, milliseconds: 1 }));
        hosts.link.install(jitter({ milliseconds: given.jitterMs }));
        const up = pattern(given.up, 1);
        const down = pattern(given.down, 2);
        const { client, server } = await exchange(hosts, given.family, up, down);
        expect(same(server.bytes, up)).toBe(true);
        expect(same(client.bytes, down)).toBe(true);
        expect([client.error, server.error]).toEqual([undefined, undefined]);
      }),
      { numRuns: 60 },
    );
  });

  it("sends one segment per write when nothing is pending", async () => {
    const hosts = twoHosts();
    const { network, capture } = hosts;
    const { client, server } = await connected(hosts);
    client.connection.write(Buffer.from("PA"));
    client.connection.write(Buffer.from("SV\r\n"));
    await network.clock.run({ until: () => server.text === "PASV\r\n" });
    const payloads = capture.packets.flatMap(({ packet }) =>
      packet.payload.length > 0 ? [packet.payload.length] : [],
    );
    expect(payloads).toEqual([2, 4]);
  });

  it("cuts what is longer than the MSS, which follows from the MTU", async () => {
    const hosts = twoHosts({ link: { mtu: 1300 } });
    await exchange(hosts, "inet6", pattern(10_000, 0), new Uint8Array(0));
    const lengths = hosts.capture.packets.map(({ packet }) => packet.payload.length);
    expect(Math.max(...lengths)).toBe(1300 - 40 - 20);
  });

  it("begins with ten segments and doubles them with each round trip", async () => {
    const hosts = twoHosts({ link: { latencyMs: 50 } });
    const start = hosts.network.clock.microseconds();
    await exchange(hosts, "inet", pattern(100_000, 0), new Uint8Array(0));
    const sent: number[] = [];
    for (const { atMicroseconds, packet } of hosts.capture.packets) {
      const trip = Math.round((atMicroseconds - start) / 100_000);
      if (packet.source === LEFT.inet && packet.payload.length > 0) sent[trip] = (sent[trip] ?? 0) + 1;
    }
    expect(sent).toEqual([undefined, 10, 20, 39]);
  });

  it.each([1, 3])("resends %i lost segments after duplicate acknowledgements, before the timeout", async (times) => {
    const hosts = twoHosts({ link: { latencyMs: 5 } });
    hosts.link.install(dropMatching((packet) => packet.payload.length > 0, { skip: 2, times }));
    const start = hosts.network.clock.now();
    await exchange(hosts, "inet", pattern(20_000, 0), new Uint8Array(0));
    expect(hosts.network.clock.now() - start).toBeLessThan(LINUX.minimumRtoMs);
  });

  it("resends at doubled intervals when nothing comes back, and gives up in the end", async () => {
    const hosts = twoHosts({ left: { tcp: { ...LINUX, dataRetries: 4 } } });
    const { network, link, capture } = hosts;
    const { client } = await connected(hosts);
    link.install(dropMatching((packet) => packet.source === LEFT.inet));
    client.connection.write(Buffer.from("STOR a\r\n"));
    await network.clock.run({ until: () => client.closed });
    expect(client.error).toBe("ETIMEDOUT");
    const sent = capture.packets
      .filter(({ packet }) => packet.payload.length > 0)
      .map((one) => one.atMicroseconds / 1000);
    const first = sent[0]!;
    expect(sent.map((at) => Math.round(at - first))).toEqual([0, 200, 600, 1400, 3000]);
  });

  it("acknowledges every second segment, or after the delay, when acknowledgements are delayed", async () => {
    const hosts = twoHosts({ right: { tcp: { ...LINUX, delayedAckMs: 40 } } });
    const { network, capture } = hosts;
    const { client, server } = await connected(hosts);
    const acks = (): number[] =>
      capture.packets
        .filter(({ direction, packet }) => direction === "in" && isTcp(packet) && (packet.flags & TCP_FLAG.S) === 0)
        .map(({ atMicroseconds }) => Math.round((atMicroseconds - start) / 1000));
    const start = network.clock.microseconds();
    client.connection.write(Buffer.from("one"));
    await network.clock.advance(100);
    expect(acks()).toEqual([40]);
    client.connection.write(Buffer.from("two"));
    client.connection.write(Buffer.from("three"));
    await network.clock.advance(100);
    expect(acks()).toEqual([40, 100]);
    expect(server.text).toBe("onetwothree");
  });

  it("is as fast as the line: 1 MB at 8 Mbit/s takes a second and a bit", async () => {
    const hosts = twoHosts({ link: { bandwidth: 8_000_000, latencyMs: 1, queueBytes: 1_000_000 } });
    const start = hosts.network.clock.now();
    await exchange(hosts, "inet", pattern(1_000_000, 0), new Uint8Array(0));
    const seconds = (hosts.network.clock.now() - start) / 1000;
    expect(seconds).toBeGreaterThan(1);
    expect(seconds).toBeLessThan(1.1);
  });
});
