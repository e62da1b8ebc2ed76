import { describe, expect, it } from "vitest";
import { Network } from "../../labs/sim/network.ts";
import { type Recorded, record } from "../../labs/sim/two-hosts.fixture.ts";
import { isIcmp } from "../../pf/packet.ts";
import { someUdp } from "../wire/arbitrary-packet.fixture.ts";
import { fragment, Reassembly } from "./fragmentation.ts";
import { contains, parsePrefix } from "./prefix.ts";
import { RoutingTable } from "./routing-table.ts";

const defaultRoutes = (inet: string, inet6: string) => [
  { prefix: "0.0.0.0/0", interface: "em0", gateway: inet },
  { prefix: "::/0", interface: "em0", gateway: inet6 },
];

/** a — router — b, each side with its own MTU. */
function routed(mtuA = 1500, mtuB = 1500) {
  const network = new Network({ seed: 1 });
  const near = network.link("near", { mtu: mtuA });
  const far = network.link("far", { mtu: mtuB });
  const router = network.host("router", {
    forwarding: true,
    interfaces: [
      { name: "em0", link: near, addresses: ["192.0.2.1/25", "2001:db8:a::1/64"] },
      { name: "em1", link: far, addresses: ["192.0.2.129/25", "2001:db8:b::1/64"] },
    ],
  });
  const a = network.host("a", {
    interfaces: [{ name: "em0", link: near, addresses: ["192.0.2.2/25", "2001:db8:a::2/64", "fe80::2/64"] }],
    routes: defaultRoutes("192.0.2.1", "2001:db8:a::1"),
  });
  const b = network.host("b", {
    interfaces: [{ name: "em0", link: far, addresses: ["192.0.2.130/25", "2001:db8:b::2/64"] }],
    routes: defaultRoutes("192.0.2.129", "2001:db8:b::1"),
  });
  return { network, router, a, b };
}

/** a — router — second — c: only the link in the middle is narrow, so neither end offers a small MSS. */
function narrowMiddle(mtu: number) {
  const { network, router, a } = routed(1500, mtu);
  const far = network.links.get("far")!;
  const end = network.link("end");
  network.host("second", {
    forwarding: true,
    interfaces: [
      { name: "em0", link: far, addresses: ["192.0.2.131/25", "2001:db8:b::3/64"] },
      { name: "em1", link: end, addresses: ["203.0.113.1/24", "2001:db8:c::1/64"] },
    ],
    routes: defaultRoutes("192.0.2.129", "2001:db8:b::1"),
  });
  const c = network.host("c", {
    interfaces: [{ name: "em0", link: end, addresses: ["203.0.113.2/24", "2001:db8:c::2/64"] }],
    routes: defaultRoutes("203.0.113.1", "2001:db8:c::1"),
  });
  router.node.routes.add({ prefix: "203.0.113.0/24", interface: "em1", gateway: "192.0.2.131" });
  router.node.routes.add({ prefix: "2001:db8:c::/64", interface: "em1", gateway: "2001:db8:b::3" });
  return { network, a, c };
}

describe("prefixes and routes", () => {
  it("contain the addresses of their network", () => {
    expect(parsePrefix("10.0.0.129/25")).toEqual({ family: "inet", network: "10.0.0.128", length: 25 });
    expect(contains(parsePrefix("10.0.0.0/9"), "10.127.255.255")).toBe(true);
    expect(contains(parsePrefix("10.0.0.0/9"), "10.128.0.0")).toBe(false);
    expect(contains(parsePrefix("2001:db8:1::/49"), "2001:db8:1:7fff::1")).toBe(true);
    expect(contains(parsePrefix("2001:db8:1::/49"), "2001:db8:1:8000::1")).toBe(false);
    expect(contains(parsePrefix("0.0.0.0/0"), "2001:db8::1")).toBe(false);
    expect(() => parsePrefix("10.0.0.0/33")).toThrow(RangeError);
  });

  it("are chosen by the longest prefix", () => {
    const routes = new RoutingTable();
    routes.add({ prefix: "0.0.0.0/0", interface: "em0", gateway: "192.0.2.1" });
    routes.add({ prefix: "10.0.0.0/8", interface: "em1" });
    const host = { prefix: "10.1.1.1", interface: "em2", gateway: "192.0.2.9" };
    routes.add(host);
    expect(routes.lookup("198.51.100.1")).toEqual({ interface: "em0", nextHop: "192.0.2.1" });
    expect(routes.lookup("10.1.1.2")).toEqual({ interface: "em1", nextHop: "10.1.1.2" });
    expect(routes.lookup("10.1.1.1")).toEqual({ interface: "em2", nextHop: "192.0.2.9" });
    routes.remove(host);
    expect(routes.lookup("10.1.1.1")).toEqual({ interface: "em1", nextHop: "10.1.1.1" });
    expect(routes.lookup("2001:db8::1")).toBeUndefined();
  });
});

describe("a router", () => {
  it("forwards in both families, one hop less to live", async () => {
    const { network, a } = routed();
    for (const address of ["192.0.2.130", "2001:db8:b::2"]) {
      const result = await network.clock.runUntilSettled(a.icmp.ping(address));
      expect(result).toMatchObject({ outcome: "reply", ttl: 63 });
    }
  });

  it("tells that the time to live is over, that there is no route, that nobody is there", async () => {
    const { network, router, a } = routed();
    const ping = (address: string, ttl = 64) => network.clock.runUntilSettled(a.icmp.ping(address, { ttl }));
    expect(await ping("192.0.2.130", 1)).toEqual({ outcome: "error", error: "time-exceeded", from: "192.0.2.1" });
    expect(await ping("2001:db8:b::2", 1)).toEqual({ outcome: "error", error: "time-exceeded", from: "2001:db8:a::1" });
    expect(await ping("203.0.113.1")).toEqual({ outcome: "error", error: "net-unreachable", from: "192.0.2.1" });
    expect(await ping("192.0.2.200")).toEqual({ outcome: "error", error: "host-unreachable", from: "192.0.2.1" });
    expect(await ping("2001:db8:b::99")).toMatchObject({ outcome: "error", error: "host-unreachable" });
    router.node.forwarding = false;
    expect(await ping("192.0.2.130")).toEqual({ outcome: "no-reply" });
  });

  it("forwards nothing that comes from a link-local address, and says so", async () => {
    const { network, router, a, b } = routed();
    router.node.routes.add({ prefix: "fe80::/10", interface: "em0" });
    await b.listen({ port: 21 }, () => {});
    const capture = network.capture(a);
    const from = { address: a.linkLocal ?? "none" };
    const beyond = record(a.connect({ address: "2001:db8:b::2", port: 21, local: from }));
    await network.clock.run({ until: () => beyond.closed, limitMs: 100 });
    expect(beyond.error).toBe("EHOSTUNREACH");
    // RFC 4443 §3.1: beyond scope of source address.
    expect(capture.packets.map(({ packet }) => packet).filter(isIcmp)).toMatchObject([{ type: 1, code: 2 }]);
  });

  it("fragments what may be fragmented, and the receiver puts it together", async () => {
    const { network, a } = routed(1500, 600);
    const result = await network.clock.runUntilSettled(a.icmp.ping("192.0.2.130", { bytes: 1400 }));
    expect(result).toMatchObject({ outcome: "reply" });
  });

  it("tells the MTU to those who forbid fragments, and TCP sends smaller segments from then on", async () => {
    for (const family of ["inet", "inet6"] as const) {
      const { network, a, c } = narrowMiddle(1300);
      const capture = network.capture(a);
      let server: Recorded | undefined;
      await c.listen({ port: 20 }, (connection) => {
        server = record(connection);
      });
      const client = record(a.connect({ address: c.address(family), port: 20 }));
      client.connection.write(new Uint8Array(20_000).fill(1));
      await network.clock.run({ until: () => server?.bytes.length === 20_000, limitMs: 60_000 });
      const tooBig = capture.packets.filter(({ packet }) => isIcmp(packet) && packet.mtu === 1300);
      expect(tooBig.length).toBeGreaterThan(0);
      expect(a.tcp.connections[0]?.segment).toBe(1300 - (family === "inet" ? 40 : 60));
    }
  });
});

describe("a host", () => {
  it("answers for a port that nobody listens on", async () => {
    const { network, a } = routed();
    const errors: string[] = [];
    a.icmp.onError((kind) => errors.push(kind));
    a.udp.bind({}, () => {}).send(Uint8Array.of(1), { address: "192.0.2.130", port: 7 });
    await network.clock.advance(10);
    expect(errors).toEqual(["port-unreachable"]);
  });

  it("exchanges datagrams", async () => {
    const { network, a, b } = routed();
    const seen: unknown[] = [];
    const echo = b.udp.bind({ port: 7 }, (bytes, from) => echo.send(bytes, from));
    const socket = a.udp.bind({ port: 7000 }, (bytes, from, to) => seen.push([[...bytes], from, to]));
    socket.send(Uint8Array.of(1, 2), { address: "2001:db8:b::2", port: 7 });
    await network.clock.advance(10);
    expect(seen).toEqual([[[1, 2], { address: "2001:db8:b::2", port: 7 }, { address: "2001:db8:a::2", port: 7000 }]]);
    expect(() => a.udp.bind({ port: 7000 }, () => {})).toThrow("in use");
  });

  it("reaches itself by its own addresses and by the loopback", async () => {
    const { network, a } = routed();
    for (const address of ["127.0.0.1", "::1", "192.0.2.2", "2001:db8:a::2"]) {
      const listener = await a.listen({ port: 21 }, (connection) => connection.write(Buffer.from("220 \r\n")));
      const client = record(a.connect({ address, port: 21 }));
      await network.clock.run({ until: () => client.text === "220 \r\n" });
      expect(client.connection.local.address).toBe(address);
      listener.close();
    }
  });
});

describe("fragments", () => {
  const datagram = { ...someUdp, payload: Uint8Array.from({ length: 3000 }, (_, index) => index & 0xff) };

  it("make the datagram again in any order, repeated or not", () => {
    const parts = fragment(datagram, 576, 7);
    const reassembly = new Reassembly();
    const shuffled = [...parts.slice(2), parts[2]!, parts[1]!, parts[0]!];
    const whole = shuffled.map((part) => reassembly.add(part, 0)).filter((one) => one !== undefined);
    expect(whole).toEqual([datagram]);
  });

  it("do not wait for each other for ever", () => {
    const [first, ...rest] = fragment(datagram, 1500, 7);
    const reassembly = new Reassembly();
    reassembly.add(first!, 0);
    expect(rest.map((part) => reassembly.add(part, 31_000))).toEqual(rest.map(() => undefined));
  });
});
