import { describe, expect, it } from "vitest";
import type { Filter } from "../../net/ip/forwarder.ts";
import type { PacketDrop } from "../../net/ip/node.ts";
import { refusal } from "../../net/tcp/refusal.ts";
import type { Decision } from "../../pf/decision.ts";
import { isTcp, type Packet, PROTOCOL, type TcpPacket } from "../../pf/packet.ts";
import { FIREWALL, interfacesOf, topology } from "../model/topology.ts";
import { passAll, type Recorded, record } from "./two-hosts.fixture.ts";

type Test = Parameters<Filter["test"]>;
type Choice = (direction: Test[0], at: string, packet: Packet, notes: Test[3]) => Partial<Decision> | undefined;

/** A filter that passes everything except what the function has an answer for. */
const filter = (choose: Choice): Filter => ({
  test: (direction, at, packet, notes) =>
    ({ ...passAll.test(direction, at, packet, notes), ...choose(direction, at, packet, notes) }) as Decision,
});

const DROP: Partial<Decision> = { verdict: "drop", reason: "match" };
const toPort = (packet: Packet, port: number): packet is TcpPacket => isTcp(packet) && packet.destinationPort === port;
const fromPort = (packet: Packet, port: number): packet is TcpPacket => isTcp(packet) && packet.sourcePort === port;

function play(choose: Choice) {
  const place = topology({ seed: 1, side: "forward" });
  // Without nat the server needs a way back.
  place.server.node.routes.add({ prefix: "10.0.0.0/24", interface: "em0", gateway: FIREWALL.outside.inet });
  place.firewall.node.setFilter(filter(choose));
  const drops: PacketDrop[] = [];
  place.firewall.node.onDrop((drop) => drops.push(drop));
  const { clock } = place.network;
  /** How a connection to the server ends. */
  const outcome = async (from: "client" | "firewall") => {
    const connection = record(place[from].connect({ address: "198.51.100.7", port: 21 }));
    await clock.run({ until: () => connection.closed });
    return connection.error;
  };
  return { ...place, clock, outcome, drops };
}

describe("the firewall", () => {
  it("asks about a forwarded packet in and out, with the same notes", async () => {
    const asked: string[] = [];
    const seen = new Set<unknown>();
    const { clock, client } = play((direction, at, packet, notes) => {
      asked.push(`${direction} ${at} ${packet.source}`);
      seen.add(notes);
      return undefined;
    });
    await clock.runUntilSettled(client.icmp.ping("198.51.100.7"));
    expect(asked).toEqual(["in em1 10.0.0.5", "out em0 10.0.0.5", "in em0 198.51.100.7", "out em1 198.51.100.7"]);
    expect(seen.size).toBe(2);
  });

  it("drops what the filter drops, and tells why", async () => {
    for (const [direction, at] of [
      ["in", "em1"],
      ["out", "em0"],
    ] as const) {
      const { clock, client, drops } = play((way, where, packet) =>
        way === direction && where === at && packet.source === "10.0.0.5" ? DROP : undefined,
      );
      expect(await clock.runUntilSettled(client.icmp.ping("198.51.100.7"))).toEqual({ outcome: "no-reply" });
      expect(drops).toMatchObject([{ node: "firewall", interface: at, direction, decision: { reason: "match" } }]);
    }
  });

  it("sends the filter's answers without asking about them", async () => {
    const { outcome, drops } = play((_way, _at, packet) => {
      if (fromPort(packet, 21)) throw new Error("an answer was tested");
      return toPort(packet, 21) ? { ...DROP, answers: [refusal(packet)] } : undefined;
    });
    expect(await outcome("client")).toBe("ECONNREFUSED");
    expect(drops.length).toBe(1);
  });

  it("delivers a diverted connection to the listener; its local end is what the peer dialled", async () => {
    for (const [dialled, proxy] of [
      ["198.51.100.7", "127.0.0.1"],
      ["2001:db8:2::7", "::1"],
    ] as const) {
      const { clock, client, firewall, server } = play((way, at, packet) => {
        if (way === "in" && at === "em1" && toPort(packet, 21)) return { divert: { address: proxy, port: 8021 } };
        return undefined;
      });
      let proxied: Recorded | undefined;
      await firewall.listen({ address: proxy, port: 8021, transparent: true }, (connection) => {
        proxied = record(connection);
        connection.write(Buffer.from("220 proxied\r\n"));
      });
      await server.listen({ port: 21 }, () => {
        throw new Error("the server was reached");
      });
      const connection = record(client.connect({ address: dialled, port: 21 }));
      connection.connection.write(Buffer.from("USER a\r\n"));
      await clock.run({ until: () => connection.text === "220 proxied\r\n" && proxied?.text === "USER a\r\n" });
      expect(proxied?.connection.local).toEqual({ address: dialled, port: 21 });
      expect(proxied?.connection.remote).toEqual(connection.connection.local);
    }
  });

  it("refuses a diverted connection when nothing listens there", async () => {
    const { outcome } = play((way, _at, packet) =>
      way === "in" && toPort(packet, 21) ? { divert: { address: "127.0.0.1", port: 8021 } } : undefined,
    );
    expect(await outcome("client")).toBe("ECONNREFUSED");
  });

  it("delivers what is redirected to itself (rdr-to)", async () => {
    const { clock, client, firewall } = play((way, at, packet) => {
      if (at !== "em1") return undefined;
      if (way === "in" && toPort(packet, 21)) {
        return { packet: { ...packet, destination: "127.0.0.1", destinationPort: 8021 } };
      }
      if (way === "out" && fromPort(packet, 8021)) {
        return { packet: { ...packet, source: "198.51.100.7", sourcePort: 21 } };
      }
      return undefined;
    });
    let local: unknown;
    await firewall.listen({ address: "127.0.0.1", port: 8021 }, (connection) => {
      local = connection.local;
      connection.write(Buffer.from("220 \r\n"));
    });
    const connection = record(client.connect({ address: "198.51.100.7", port: 21 }));
    await clock.run({ until: () => connection.text === "220 \r\n", limitMs: 100 });
    expect(local).toEqual({ address: "127.0.0.1", port: 8021 });
  });

  it("translates on the way out, and routes anew when the destination changes", async () => {
    // nat-to for what leaves, rdr-to a host inside for what comes back: 198.51.100.1 is the firewall itself.
    const { clock, client, insideIntruder } = play((way, at, packet) => {
      if (way === "out" && at === "em0" && packet.destination === "198.51.100.99") {
        return { packet: { ...packet, destination: "10.0.0.66" } };
      }
      if (way === "out" && at === "em0" && packet.source === "10.0.0.5") {
        return { packet: { ...packet, source: "198.51.100.1" } };
      }
      if (way === "in" && at === "em0" && packet.destination === "198.51.100.1") {
        return { packet: { ...packet, destination: "10.0.0.5" } };
      }
      return undefined;
    });
    expect(await clock.runUntilSettled(client.icmp.ping("198.51.100.7"))).toMatchObject({ outcome: "reply" });
    const hits: unknown[] = [];
    insideIntruder.udp.bind({ port: 7 }, (_bytes, from) => hits.push(from.address));
    client.udp.bind({}, () => {}).send(Uint8Array.of(1), { address: "198.51.100.99", port: 7 });
    await clock.advance(10);
    expect(hits).toEqual(["10.0.0.5"]);
  });

  it("gives the proxy EACCES at once when its own SYN may not leave", async () => {
    const { clock, outcome, drops } = play((way, at, packet) =>
      way === "out" && at === "em0" && toPort(packet, 21) ? DROP : undefined,
    );
    const start = clock.now();
    expect([await outcome("firewall"), clock.now() - start]).toEqual(["EACCES", 0]);
    expect(drops.length).toBe(1);
  });

  it("gives EACCES to a later write that may not leave", async () => {
    let closed = false;
    const { clock, firewall, server } = play((way, at) => (closed && way === "out" && at === "em0" ? DROP : undefined));
    await server.listen({ port: 21 }, () => {});
    const connection = record(firewall.connect({ address: "198.51.100.7", port: 21 }));
    await clock.run({ until: () => connection.connected });
    closed = true;
    connection.connection.write(Buffer.from("PASV\r\n"));
    await clock.run({ until: () => connection.closed });
    expect(connection.error).toBe("EACCES");
  });

  it("tests what comes for its own sockets", async () => {
    const { outcome, server, drops } = play((way, at, packet) =>
      way === "in" && at === "em0" && fromPort(packet, 21) ? DROP : undefined,
    );
    await server.listen({ port: 21 }, () => {});
    expect(await outcome("firewall")).toBe("ETIMEDOUT");
    // The SYN+ACK, again for every SYN and of the server's own accord.
    expect(drops.length).toBeGreaterThan(6);
    expect(drops.every(({ direction }) => direction === "in")).toBe(true);
  });

  it("tests loopback packets on lo0, out and in", async () => {
    const asked: string[] = [];
    const { clock, firewall } = play((way, at) => {
      asked.push(`${way} ${at}`);
      return undefined;
    });
    await clock.runUntilSettled(firewall.icmp.ping("127.0.0.1"));
    expect(asked).toEqual(["out lo0", "in lo0", "out lo0", "in lo0"]);
  });

  it("leaves by another way when the filter says so (route-to), and asks again for that interface", async () => {
    const asked: string[] = [];
    const { clock, client, insideIntruder } = play((way, at, packet) => {
      if (packet.protocol !== PROTOCOL.udp) return undefined;
      asked.push(`${way} ${at}`);
      return way === "out" && at === "em0" ? { route: { interface: "em1", nextHop: "10.0.0.66" } } : undefined;
    });
    const arrived: string[] = [];
    insideIntruder.node.interfaces.get("em0")!.tap((_way, packet) => arrived.push(packet.destination));
    client.udp.bind({}, () => {}).send(Uint8Array.of(1), { address: "198.51.100.7", port: 7 });
    await clock.advance(10);
    expect(asked).toEqual(["in em1", "out em0", "out em1"]);
    expect(arrived).toEqual(["198.51.100.7"]);
  });

  it("sends a copy elsewhere when the filter says so (dup-to)", async () => {
    const { clock, client, insideIntruder } = play((way, at) =>
      way === "in" && at === "em1" ? { duplicate: { interface: "em1", nextHop: "10.0.0.66" } } : undefined,
    );
    const arrived: Packet[] = [];
    insideIntruder.node.interfaces.get("em0")!.tap((_way, packet) => arrived.push(packet));
    expect(await clock.runUntilSettled(client.icmp.ping("198.51.100.7"))).toMatchObject({ outcome: "reply" });
    expect(arrived).toMatchObject([{ destination: "198.51.100.7" }]);
  });
});

describe("the topology", () => {
  it("puts client and server on their sides", async () => {
    for (const side of ["forward", "reverse"] as const) {
      const { network, client, server, firewall } = topology({ seed: 1, side });
      const inside = side === "forward" ? client : server;
      const outside = side === "forward" ? server : client;
      expect(inside.address("inet").startsWith("10.0.0.")).toBe(true);
      expect(outside.address("inet").startsWith("198.51.100.")).toBe(true);
      expect(firewall.address("inet")).toBe("198.51.100.1");
      const ping = (address: string) => network.clock.runUntilSettled(inside.icmp.ping(address));
      expect(await ping(outside.address("inet6"))).toMatchObject({ outcome: "reply" });
      // 10/8 is private: nobody outside knows the way back.
      expect(await ping(outside.address("inet"))).toEqual({ outcome: "no-reply" });
    }
  });

  it("gives PF the firewall's interfaces with their groups", () => {
    const { firewall } = topology({ seed: 1, side: "forward" });
    expect(interfacesOf(firewall).map(({ name, groups }) => [name, ...groups])).toEqual([
      ["lo0", "lo"],
      ["em0", "em", "egress"],
      ["em1", "em"],
    ]);
  });
});
