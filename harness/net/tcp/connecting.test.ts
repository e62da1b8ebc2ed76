import { describe, expect, it } from "vitest";
import type { SimHost } from "../../labs/sim/host.ts";
import { LEFT, type Recorded, RIGHT, record, twoHosts } from "../../labs/sim/two-hosts.fixture.ts";
import { isTcp, type Packet, TCP_FLAG } from "../../pf/packet.ts";
import { DROP, type Fault, PASS } from "../faults/fault.ts";
import { dropMatching, partition } from "../faults/test-faults.fixture.ts";
import { type IcmpErrorKind, icmpError } from "../ip/icmp-error.ts";
import { LINUX, OPENBSD } from "./settings.ts";

const isSyn = (packet: Packet): boolean => isTcp(packet) && (packet.flags & TCP_FLAG.S) !== 0;

/** Every SYN is dropped, and answered so. */
const unreachable = (by: SimHost, kind: IcmpErrorKind): Fault => ({
  name: "unreachable",
  judge: (packet) => {
    if (!isSyn(packet)) return PASS;
    by.node.send(icmpError(kind, packet, { source: RIGHT.inet }));
    return DROP;
  },
});

describe("connecting", () => {
  it("takes three segments, with options only in the SYNs", async () => {
    const { network, left, right, capture } = twoHosts();
    await right.listen({ port: 21 }, () => {});
    const client = record(left.connect({ address: RIGHT.inet6, port: 21 }));
    await network.clock.run({ until: () => client.connected });
    const { S, A } = TCP_FLAG;
    const seen = capture.packets.map(({ packet }) => (isTcp(packet) ? [packet.flags, packet.tcpOptions] : []));
    const options = { mss: 1440, windowScale: 3 };
    expect(seen).toEqual([
      [S, options],
      [S | A, options],
      [A, undefined],
    ]);
    expect(client.connection.local).toMatchObject({ address: LEFT.inet6 });
    expect(client.connection.remote).toEqual({ address: RIGHT.inet6, port: 21 });
  });

  it("offers a window scale only to a peer that did (RFC 7323, 2.2)", async () => {
    const { network, left, right, capture } = twoHosts({ left: { tcp: { ...LINUX, windowScaling: false } } });
    await right.listen({ port: 21 }, () => {});
    const client = record(left.connect({ address: RIGHT.inet, port: 21 }));
    await network.clock.run({ until: () => client.connected });
    const options = capture.packets.map(({ packet }) => (isTcp(packet) ? packet.tcpOptions : undefined));
    expect(options).toEqual([{ mss: 1460 }, { mss: 1460 }, undefined]);
  });

  it("to a port without a listener is refused", async () => {
    const { network, left } = twoHosts();
    const client = record(left.connect({ address: RIGHT.inet, port: 21 }));
    await network.clock.run({ until: () => client.closed });
    expect(client.events).toEqual(["close"]);
    expect(client.error).toBe("ECONNREFUSED");
  });

  it.each([
    ["Linux", LINUX, 127_000, [0, 1, 3, 7, 15, 31, 63]],
    ["OpenBSD", OPENBSD, 75_000, [0, 6, 18, 42]],
  ])("to a silent host repeats the SYN as %s does, and times out", async (_, tcp, limit, seconds) => {
    const { network, link, left, capture } = twoHosts({ left: { tcp } });
    link.install(partition({ to: "right.em0" }));
    const start = network.clock.now();
    const client = record(left.connect({ address: RIGHT.inet, port: 21 }));
    await network.clock.run({ until: () => client.closed });
    expect(client.error).toBe("ETIMEDOUT");
    expect(network.clock.now() - start).toBe(limit);
    expect(capture.packets.map(({ atMicroseconds }) => atMicroseconds / 1e6 - start / 1000)).toEqual(seconds);
  });

  it("survives the loss of the SYN, of the SYN+ACK and of the last ACK", async () => {
    for (const lost of [0, 1, 2]) {
      const { network, link, left, right } = twoHosts();
      link.install(dropMatching(() => true, { skip: lost, times: 1 }));
      let server: Recorded | undefined;
      await right.listen({ port: 21 }, (connection) => {
        server = record(connection);
        connection.write(Buffer.from("220 \r\n"));
      });
      const client = record(left.connect({ address: RIGHT.inet, port: 21 }));
      await network.clock.run({ until: () => client.text === "220 \r\n", limitMs: 5000 });
      expect(server?.closed).toBe(false);
    }
  });

  it("goes on after an ICMP unreachable, and names it when nothing else comes of it, as OpenBSD", async () => {
    const { network, link, left, right } = twoHosts({ left: { tcp: OPENBSD } });
    link.install(unreachable(right, "host-unreachable"));
    const client = record(left.connect({ address: RIGHT.inet, port: 21 }));
    await network.clock.advance(5000);
    expect(client.events).toEqual([]);
    await network.clock.run({ until: () => client.closed });
    expect(client.error).toBe("EHOSTUNREACH");
  });

  it("fails at once after an ICMP unreachable, as Linux", async () => {
    const { network, link, left, right } = twoHosts({ left: { tcp: LINUX } });
    link.install(unreachable(right, "port-unreachable"));
    const client = record(left.connect({ address: RIGHT.inet, port: 21 }));
    await network.clock.run({ until: () => client.closed, limitMs: 10 });
    expect(client.error).toBe("ECONNREFUSED");
  });

  it("from both sides at once makes one connection", async () => {
    const { network, left, right } = twoHosts({ link: { latencyMs: 10 } });
    const a = record(left.connect({ address: RIGHT.inet, port: 2000, local: { port: 1000 } }));
    const b = record(right.connect({ address: LEFT.inet, port: 1000, local: { port: 2000 } }));
    a.connection.write(Buffer.from("to the right"));
    b.connection.write(Buffer.from("to the left"));
    await network.clock.run({ until: () => a.text === "to the left" && b.text === "to the right" });
    expect([a.connected, b.connected]).toEqual([true, true]);
    expect(left.tcp.connections.map(({ state }) => state)).toEqual(["ESTABLISHED"]);
  });

  it("fails without a packet where there is no way: no route, foreign address, port in use", async () => {
    const { network, left, right } = twoHosts();
    await right.listen({ port: 21 }, () => {});
    const used = record(left.connect({ address: RIGHT.inet, port: 21, local: { port: 20 } }));
    await network.clock.run({ until: () => used.connected });
    const attempts = [
      left.connect({ address: "203.0.113.1", port: 21 }),
      left.connect({ address: RIGHT.inet, port: 21, local: { address: "10.9.9.9" } }),
      left.connect({ address: RIGHT.inet, port: 21, local: { port: 20 } }),
    ].map((connection) => record(connection));
    expect(attempts.map(({ closed }) => closed)).toEqual([false, false, false]);
    await network.clock.run({ until: () => attempts.every(({ closed }) => closed) });
    expect(attempts.map(({ error }) => error)).toEqual(["ENETUNREACH", "EADDRNOTAVAIL", "EADDRINUSE"]);
  });

  it("beyond the backlog waits: further SYNs are dropped and come again", async () => {
    const { network, link, left, right } = twoHosts();
    // The first client never completes its handshake.
    const stuck = link.install(
      dropMatching((packet) => isTcp(packet) && packet.sourcePort === 1001 && (packet.flags & TCP_FLAG.S) === 0),
    );
    await right.listen({ port: 21, backlog: 1 }, () => {});
    left.connect({ address: RIGHT.inet, port: 21, local: { port: 1001 } });
    await network.clock.advance(1);
    const second = record(left.connect({ address: RIGHT.inet, port: 21 }));
    await network.clock.advance(500);
    expect(second.connected).toBe(false);
    stuck.remove();
    await network.clock.run({ until: () => second.connected, limitMs: 10_000 });
  });
});

describe("listening", () => {
  it("prefers the listener on the address to the one on all", async () => {
    const { network, left, right } = twoHosts();
    const hits: string[] = [];
    await right.listen({ port: 21 }, () => hits.push("all"));
    await right.listen({ port: 21, address: RIGHT.inet }, () => hits.push("one"));
    await right.listen({ port: 21, address: "::" }, () => hits.push("all of inet6"));
    for (const address of [RIGHT.inet, RIGHT.inet6]) {
      const client = record(left.connect({ address, port: 21 }));
      await network.clock.run({ until: () => client.connected });
      await network.clock.advance(1);
    }
    expect(hits).toEqual(["one", "all of inet6"]);
  });

  it("refuses a second listener in the same place and an address of another host", async () => {
    const { right } = twoHosts();
    const first = await right.listen({ port: 21 }, () => {});
    await expect(right.listen({ port: 21 }, () => {})).rejects.toMatchObject({ code: "EADDRINUSE" });
    await expect(right.listen({ port: 22, address: LEFT.inet }, () => {})).rejects.toMatchObject({
      code: "EADDRNOTAVAIL",
    });
    first.close();
    await right.listen({ port: 21 }, () => {});
  });

  it("may begin again while an old connection of the port still waits (SO_REUSEADDR)", async () => {
    const { network, left, right } = twoHosts();
    let server: Recorded | undefined;
    const listener = await right.listen({ port: 20 }, (connection) => {
      server = record(connection);
      connection.close();
    });
    const client = record(left.connect({ address: RIGHT.inet, port: 20 }));
    await network.clock.run({ until: () => client.ended });
    client.connection.close();
    await network.clock.run({ until: () => server?.closed === true });
    listener.close();
    expect(right.tcp.connections.map(({ state }) => state)).toEqual(["TIME_WAIT"]);
    await right.listen({ port: 20 }, () => {});
  });

  it("on port 0 gets a free one", async () => {
    const { right } = twoHosts();
    const listener = await right.listen({ port: 0 }, () => {});
    expect(listener.local.port).toBeGreaterThanOrEqual(LINUX.ephemeralPorts[0]);
  });
});
