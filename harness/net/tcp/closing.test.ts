import { describe, expect, it } from "vitest";
import { connected, type Recorded, RIGHT, record, type TwoHosts, twoHosts } from "../../labs/sim/two-hosts.fixture.ts";
import { isTcp, TCP_FLAG } from "../../pf/packet.ts";
import { dropMatching, partition } from "../faults/test-faults.fixture.ts";
import { someTcp } from "../wire/arbitrary-packet.fixture.ts";
import { LINUX } from "./settings.ts";

interface Pair extends TwoHosts {
  readonly client: Recorded;
  readonly server: Recorded;
}

async function pair(): Promise<Pair> {
  const hosts = twoHosts();
  return { ...hosts, ...(await connected(hosts)) };
}

const states = ({ left, right }: TwoHosts): string[] =>
  [left, right].map((host) => host.tcp.connections.map(({ state }) => state).join() || "none");
const text = (bytes: string): Uint8Array => Buffer.from(bytes);

describe("closing", () => {
  it("one direction leaves the other open", async () => {
    const one = await pair();
    const { network, client, server } = one;
    client.connection.write(text("last words"));
    client.connection.end();
    await network.clock.run({ until: () => server.ended });
    expect(server.text).toBe("last words");
    await network.clock.advance(1);
    expect(states(one)).toEqual(["FIN_WAIT_2", "CLOSE_WAIT"]);
    await network.clock.advance(3_600_000);
    server.connection.write(text("an hour later"));
    server.connection.end();
    await network.clock.run({ until: () => client.closed && server.closed });
    expect(client.events).toEqual(["connect", "data", "end", "close"]);
    expect([client.text, client.error, server.error]).toEqual(["an hour later", undefined, undefined]);
    expect(states(one)).toEqual(["TIME_WAIT", "none"]);
    await network.clock.advance(LINUX.timeWaitMs + 1000);
    expect(states(one)).toEqual(["none", "none"]);
  });

  it("both at once ends in TIME_WAIT on both sides", async () => {
    const one = await pair();
    one.client.connection.end();
    one.server.connection.end();
    await one.network.clock.run({ until: () => one.client.closed && one.server.closed });
    expect(states(one)).toEqual(["TIME_WAIT", "TIME_WAIT"]);
  });

  it("sends what is pending first", async () => {
    const { network, client, server } = await pair();
    const bulk = new Uint8Array(700_000).fill(7);
    client.connection.write(bulk);
    expect(client.connection.pending).toBeGreaterThan(0);
    client.connection.close();
    await network.clock.run({ until: () => server.ended });
    expect(server.bytes.length).toBe(bulk.length);
  });

  it("survives lost FINs", async () => {
    const one = await pair();
    one.link.install(dropMatching((packet) => isTcp(packet) && (packet.flags & TCP_FLAG.F) !== 0, { times: 3 }));
    one.client.connection.end();
    one.server.connection.end();
    await one.network.clock.run({ until: () => one.client.closed && one.server.closed, limitMs: 10_000 });
    expect([one.client.error, one.server.error]).toEqual([undefined, undefined]);
  });

  it("completely answers data that still arrives with RST", async () => {
    const { network, client, server } = await pair();
    client.connection.close();
    await network.clock.run({ until: () => server.ended });
    server.connection.write(text("226 too late\r\n"));
    await network.clock.run({ until: () => server.closed && client.closed });
    expect(server.error).toBe("ECONNRESET");
    expect(client.events).toEqual(["connect", "close"]);
    expect(client.error).toBeUndefined();
  });

  it("completely does not wait for ever for a peer that never ends", async () => {
    const one = await pair();
    one.client.connection.close();
    await one.network.clock.run({ until: () => one.client.closed, limitMs: LINUX.finWait2Ms + 1000 });
    expect(one.client.error).toBeUndefined();
    expect(states(one)).toEqual(["none", "CLOSE_WAIT"]);
  });

  it("by reset tells the peer ECONNRESET, and the own side nothing more", async () => {
    const one = await pair();
    one.client.connection.write(text("sent already"));
    one.client.connection.reset();
    await one.network.clock.run({ until: () => one.server.closed });
    await one.network.clock.advance(1000);
    expect([one.server.text, one.server.error]).toEqual(["sent already", "ECONNRESET"]);
    expect(one.client.events).toEqual(["connect"]);
    expect(states(one)).toEqual(["none", "none"]);
  });

  it("is not done by a reset that does not hit the exact position (RFC 5961)", async () => {
    const one = await pair();
    const { left, right, client, server, network } = one;
    const [connection] = right.tcp.connections;
    const forged = (offset: number) => ({
      ...someTcp,
      source: client.connection.local.address,
      destination: RIGHT.inet,
      sourcePort: client.connection.local.port,
      flags: TCP_FLAG.R,
      seq: (connection!.peerSequenceOf(0) + offset) >>> 0,
    });
    for (const offset of [-1, 1, 1000, 400_000]) left.node.send(forged(offset));
    await network.clock.advance(10);
    expect([client.closed, server.closed]).toEqual([false, false]);
    left.node.send(forged(0));
    await network.clock.advance(10);
    expect(server.error).toBe("ECONNRESET");
  });

  it("in TIME_WAIT makes room for a new connection from the same port", async () => {
    const one = await pair();
    const { network, left, right, client, server } = one;
    server.connection.end();
    await network.clock.run({ until: () => client.ended });
    client.connection.end();
    await network.clock.run({ until: () => client.closed && server.closed });
    expect(right.tcp.connections.map(({ state }) => state)).toEqual(["TIME_WAIT"]);
    const again = record(
      left.connect({ address: RIGHT.inet, port: 21, local: { port: client.connection.local.port } }),
    );
    await network.clock.run({ until: () => again.connected || again.closed, limitMs: 60_000 });
    expect(again.error).toBeUndefined();
  });
});

describe("an idle connection", () => {
  it("lives for a day without a packet, in a handful of events", async () => {
    const { network, client, server, capture } = await pair();
    const before = { packets: capture.packets.length, events: network.clock.events };
    await network.clock.advance(86_400_000);
    expect(capture.packets.length).toBe(before.packets);
    expect(network.clock.events - before.events).toBeLessThan(5);
    client.connection.write(text("NOOP\r\n"));
    await network.clock.run({ until: () => server.text === "NOOP\r\n" });
  });

  it("with keepalive asks after two hours, and lives on when it is answered", async () => {
    const { network, client, capture } = await pair();
    client.connection.setKeepAlive(true);
    const before = capture.packets.length;
    await network.clock.advance(86_400_000);
    // A probe and its answer, every two hours.
    expect(capture.packets.length - before).toBe(2 * 11);
    expect(client.closed).toBe(false);
  });

  it("with keepalive ends when the peer is gone", async () => {
    const { network, link, client } = await pair();
    client.connection.setKeepAlive(true);
    link.install(partition());
    const start = network.clock.now();
    await network.clock.run({ until: () => client.closed });
    expect(client.error).toBe("ETIMEDOUT");
    expect(network.clock.now() - start).toBe(7_200_000 + 9 * 75_000);
  });
});
