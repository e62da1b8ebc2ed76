import { describe, expect, it } from "vitest";
import { connected, type Recorded, RIGHT, record, twoHosts } from "../../labs/sim/two-hosts.fixture.ts";
import { isTcp } from "../../pf/packet.ts";
import { dropMatching, partition } from "../faults/test-faults.fixture.ts";
import { LINUX } from "./settings.ts";

const BUFFER = 10_000;
const bulk = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) & 0xff);

async function pausedReader(dataRetries = LINUX.dataRetries) {
  const hosts = twoHosts({
    left: { tcp: { ...LINUX, dataRetries } },
    right: { tcp: { ...LINUX, receiveBuffer: BUFFER } },
  });
  const { client, server } = await connected(hosts, (connection) => connection.pause());
  const accepted = client.connection.write(bulk);
  await hosts.network.clock.advance(1000);
  return { ...hosts, client, server, accepted };
}

describe("flow control", () => {
  it("stops the sender when the reader pauses, and goes on when it reads again", async () => {
    const { network, client, server, accepted } = await pausedReader();
    expect(accepted).toBe(false);
    expect(server.bytes.length).toBe(0);
    expect(client.connection.pending).toBe(bulk.length - BUFFER);
    server.connection.resume();
    await network.clock.run({ until: () => server.bytes.length === bulk.length, limitMs: 10_000 });
    expect(Buffer.compare(server.bytes, bulk)).toBe(0);
    expect(client.events).toEqual(["connect", "drain"]);
  });

  it("asks about a closed window at growing intervals, for as long as it is answered", async () => {
    const { network, client, server, capture } = await pausedReader();
    const before = capture.packets.length;
    await network.clock.advance(86_400_000);
    expect(client.closed).toBe(false);
    const probes = capture.packets.slice(before).filter(({ direction }) => direction === "out");
    // Once in two minutes at last.
    expect(probes.length).toBeGreaterThan(700);
    expect(probes.length).toBeLessThan(740);
    server.connection.resume();
    await network.clock.run({ until: () => server.bytes.length === bulk.length, limitMs: 200_000 });
  });

  it("survives the loss of the window update", async () => {
    const { network, link, server } = await pausedReader();
    link.install(dropMatching((packet) => isTcp(packet) && packet.sourcePort === 21, { times: 2 }));
    server.connection.resume();
    await network.clock.run({ until: () => server.bytes.length === bulk.length, limitMs: 60_000 });
  });

  it("gives up when the probes are not answered", async () => {
    const { network, link, client } = await pausedReader(5);
    link.install(partition());
    await network.clock.run({ until: () => client.closed, limitMs: 3_600_000 });
    expect(client.error).toBe("ETIMEDOUT");
  });

  it("lets the end of the stream through a closed window", async () => {
    const { network, left, right } = twoHosts({ right: { tcp: { ...LINUX, receiveBuffer: BUFFER } } });
    let server: Recorded | undefined;
    await right.listen({ port: 20 }, (connection) => {
      server = record(connection);
      connection.pause();
    });
    const client = record(left.connect({ address: RIGHT.inet, port: 20 }));
    client.connection.write(bulk.subarray(0, BUFFER));
    client.connection.end();
    await network.clock.advance(86_400_000);
    expect(client.closed).toBe(false);
    server?.connection.resume();
    await network.clock.run({ until: () => server?.ended === true, limitMs: 1000 });
    expect(server?.bytes.length).toBe(BUFFER);
  });

  it("keeps the end of the stream behind what is unread", async () => {
    const { network, client, server } = await pausedReader();
    client.connection.end();
    await network.clock.advance(1000);
    expect(server.events).toEqual([]);
    server.connection.resume();
    await network.clock.run({ until: () => server.ended, limitMs: 10_000 });
    expect(server.events).toEqual(["data", "end"]);
    expect(server.bytes.length).toBe(bulk.length);
  });
});

describe("urgent data", () => {
  it("is taken out of the stream, and told in its place", async () => {
    const hosts = twoHosts();
    const { network, capture } = hosts;
    const { client, server } = await connected(hosts);
    // A Telnet Synch before ABOR: IAC IP, then IAC DM with DM urgent (RFC 959, 4.1.3).
    client.connection.writeUrgent(Uint8Array.of(0xff, 0xf4, 0xff, 0xf2));
    client.connection.write(Buffer.from("ABOR\r\n"));
    await network.clock.run({ until: () => server.text.endsWith("\r\n") });
    expect(server.text).toBe("\xff\xf4\xffABOR\r\n");
    expect(server.urgent).toEqual([0xf2]);
    const flagged = capture.packets.flatMap(({ packet }) => (isTcp(packet) && packet.urgent ? [packet.urgent] : []));
    expect(flagged).toEqual([4]);
  });
});
