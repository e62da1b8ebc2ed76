/**
 * PF and fragments, on a router with bytes as in the netns lab: seen on a kernel of OpenBSD 7.8 for IPv4, after RFC 8200
 * and RFC 5722 for IPv6.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Firewall } from "../../pf/engine/firewall.ts";
import type { Era } from "../../pf/language/eras.ts";
import { parseRuleset } from "../../pf/language/parse.ts";
import { type Family, type Packet, PROTOCOL, TCP_FLAG } from "../../pf/packet.ts";
import type { Interface } from "../../pf/ruleset.ts";
import { asDatagrams, type Datagram, datagramOf } from "../wire/datagram.ts";
import { encode } from "../wire/encode.ts";
import { fragments, inet6Fragments } from "../wire/fragments.ts";
import { Forwarder } from "./forwarder.ts";
import { Reassembly } from "./fragmentation.ts";

const INTERFACES: readonly Interface[] = [
  { name: "em0", groups: ["egress"], addresses: [{ address: "198.51.100.1", prefix: 24 }] },
  { name: "em1", groups: [], addresses: [{ address: "10.0.0.1", prefix: 24 }] },
];
const ENDS = {
  inet: { source: "10.0.0.5", destination: "198.51.100.7" },
  inet6: { source: "2001:db8:1::5", destination: "2001:db8:2::7" },
};
const RULES = "block\npass in on em1 proto udp to port 5000\npass in on em1 proto tcp to port 21\npass out on em0\n";

const udp = (family: Family, length: number, port = 5000): Packet => ({
  ...{ family, ...ENDS[family], ttl: 64, tos: 0, protocol: PROTOCOL.udp, sourcePort: 4000, destinationPort: port },
  payload: Uint8Array.from({ length }, (_, index) => index % 251),
});

/** Cut at these offsets of the transport part; each is a multiple of eight. */
function cut(packet: Packet, offsets: readonly number[], flags: { readonly df?: boolean } = {}): Uint8Array[] {
  const bytes = encode(packet);
  const header = packet.family === "inet" ? 20 : 40;
  const body = bytes.subarray(header);
  return offsets.map((offset, index) => {
    const end = offsets[index + 1] ?? body.length;
    const raw: Packet = {
      ...{ family: packet.family, source: packet.source, destination: packet.destination, ttl: 64, tos: 0 },
      protocol: packet.protocol,
      fragment: { id: 7, offset, more: end < body.length },
      ...(flags.df && { dontFragment: true }),
      payload: body.subarray(offset, end),
    };
    return encode(raw);
  });
}

class Router {
  nowMs = 1_000_000;
  readonly out: Uint8Array[] = [];
  readonly drops: string[] = [];
  readonly #forwarder: Forwarder<Datagram, { readonly name: string; readonly mtu: number }>;

  constructor(rules: string, { mtu = 1500, era = "divert-to" }: { readonly mtu?: number; readonly era?: Era } = {}) {
    const firewall = new Firewall({ interfaces: INTERFACES, now: () => this.nowMs, random: () => 0 });
    const { ruleset, stderr } = parseRuleset(rules, { interfaces: INTERFACES, era });
    expect(stderr).toEqual([]);
    firewall.load("", ruleset);
    this.#forwarder = new Forwarder({
      form: asDatagrams,
      filter: () => firewall,
      interface: (name) => ({ name, mtu }),
      forwards: () => true,
      isOwn: () => false,
      route: (destination) => ({ interface: "em0", nextHop: destination }),
      deliver: () => {},
      transmit: ({ bytes }) => this.out.push(bytes) > 0,
      errorSource: () => undefined,
      after: () => {},
      tested: (direction, at, _one, decision) => {
        if (decision.verdict === "drop") this.drops.push(`${direction} ${at.name}: ${decision.reason}`);
      },
    });
  }

  arrive(parts: readonly Uint8Array[]): this {
    for (const part of parts) this.#forwarder.receive(datagramOf(new Uint8Array(part))!, { name: "em1", mtu: 1500 });
    return this;
  }

  /** The datagrams that a receiver makes of what came out. */
  received(): Packet[] {
    const reassembly = new Reassembly();
    return this.out.flatMap((bytes) => {
      const { packet } = datagramOf(bytes)!;
      return packet.fragment === undefined ? [packet] : (reassembly.add(packet, 0) ?? []);
    });
  }
}

const arrives = (packet: Packet) => ({ ...packet, ttl: 63 });

describe.each(["inet", "inet6"] as const)("fragments, %s", (family) => {
  const datagram = udp(family, 100);
  const [first, second] = cut(datagram, [0, 48]) as [Uint8Array, Uint8Array];

  it.each([
    ["in order", [first, second]],
    ["in reverse", [second, first]],
  ])("%s are tested as one datagram", (_, parts) => {
    expect(new Router(RULES).arrive(parts).received()).toMatchObject([arrives(datagram)]);
  });

  it("of a datagram that no rule passes: one drop, and nothing comes out", () => {
    const router = new Router(RULES).arrive(cut(udp(family, 100, 5001), [0, 48]));
    expect(router.out).toEqual([]);
    expect(router.drops).toEqual(["in em1: match"]);
  });

  it("wait for each other, a minute by default and as `set timeout frag` says", () => {
    const late = (rules: string, ms: number) => {
      const router = new Router(rules).arrive([first]);
      router.nowMs += ms;
      return router.arrive([second]).received().length;
    };
    expect(late(RULES, 59_000)).toBe(1);
    expect(late(RULES, 61_000)).toBe(0);
    expect(late(`set timeout frag 5\n${RULES}`, 6_000)).toBe(0);
  });

  it("of too many datagrams: the oldest go, as `set limit frags` says", () => {
    const other = cut({ ...datagram, source: family === "inet" ? "10.0.0.6" : "2001:db8:1::6" }, [0, 48]);
    expect(new Router(`set limit frags 1\n${RULES}`).arrive([first, other[0]!, second]).received()).toEqual([]);
    expect(new Router(RULES).arrive([first, other[0]!, second]).received()).toHaveLength(1);
  });

  it("a header cut in two is read when it is whole", () => {
    const syn = (destinationPort: number): Packet => ({
      ...{ family, ...ENDS[family], ttl: 64, tos: 0, protocol: PROTOCOL.tcp, sourcePort: 4000, destinationPort },
      ...{ flags: TCP_FLAG.S, seq: 1, ack: 0, window: 65_535, payload: new Uint8Array(0) },
    });
    expect(new Router(RULES).arrive(cut(syn(21), [0, 8])).received()).toMatchObject([arrives(syn(21))]);
    expect(new Router(RULES).arrive(cut(syn(22), [0, 8])).received()).toEqual([]);
  });

  it("whatever their cuts and their order: the datagram comes out as it went in", () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 370 }), { maxLength: 6 });
    fc.assert(
      fc.property(cuts, fc.infiniteStream(fc.nat()), (places, order) => {
        const whole = udp(family, 3_000);
        const parts = cut(whole, [0, ...places.sort((a, b) => a - b).map((place) => place * 8)]);
        const keys = new Map(parts.map((part) => [part, order.next().value ?? 0]));
        parts.sort((a, b) => keys.get(a)! - keys.get(b)!);
        expect(new Router(RULES, { mtu: 4_000 }).arrive(parts).received()).toMatchObject([arrives(whole)]);
      }),
    );
  });
});

describe("IPv4", () => {
  const datagram = udp("inet", 100);
  const [first, second] = cut(datagram, [0, 48]) as [Uint8Array, Uint8Array];

  it.each([
    ["sent twice", [first, first, second]],
    ["overlapping", [first, ...cut(datagram, [0, 32]).slice(1)]],
  ])("fragments %s: one datagram comes out", (_, parts) => {
    expect(new Router(RULES).arrive(parts).received()).toMatchObject([arrives(datagram)]);
  });

  it("a long datagram is cut again on its way out", () => {
    const router = new Router(RULES).arrive(fragments(encode(udp("inet", 3_000)), 1_200));
    expect(router.out.map(({ length }) => length)).toEqual([1_500, 1_500, 68]);
    expect(router.received()).toMatchObject([arrives(udp("inet", 3_000))]);
  });

  it("fragments that must not be fragmented are dropped, but with `set reassemble yes no-df`", () => {
    const parts = cut(datagram, [0, 48], { df: true });
    expect(new Router(RULES).arrive(parts).drops).toEqual(["in em1: fragment", "in em1: fragment"]);
    const cleared = new Router(`set reassemble yes no-df\n${RULES}`).arrive(parts).received();
    expect(cleared).toMatchObject([arrives(datagram)]);
    expect(cleared[0]).not.toHaveProperty("dontFragment");
  });

  it("with `set reassemble no` rules with ports match no fragment", () => {
    const router = new Router(`set reassemble no\n${RULES}`).arrive([first, second]);
    expect(router.drops).toEqual(["in em1: match", "in em1: match"]);
  });

  it("before 4.7 and on FreeBSD a scrub rule asks for reassembly", () => {
    const received = (scrub: string) =>
      new Router(`${scrub}${RULES}`, { era: "rdr-anchor" }).arrive([first, second]).received();
    expect(received("")).toEqual([]);
    expect(received("scrub in all\n")).toMatchObject([arrives(datagram)]);
  });
});

describe("IPv6", () => {
  const datagram = udp("inet6", 100);
  const parts = cut(datagram, [0, 48]);

  it("overlapping fragments take their datagram with them (RFC 5722)", () => {
    const overlapping = cut(datagram, [0, 32])[1]!;
    expect(new Router(RULES).arrive([parts[0]!, overlapping, parts[1]!]).received()).toEqual([]);
  });

  it("leaves in fragments no larger than they came, since routers do not cut", () => {
    const whole = udp("inet6", 3_000);
    const router = new Router(RULES).arrive(inet6Fragments(encode(whole), 1_280, 9));
    expect(Math.max(...router.out.map(({ length }) => length))).toBeLessThanOrEqual(1_280);
    expect(router.received()).toMatchObject([arrives(whole)]);
  });
});
