/**
 * Random packets for property tests (fast-check): everything that a Packet record can say and a
 * wire can carry; and one packet of TCP and of UDP. Not imported by anything but tests.
 *
 * @example
 * fc.assert(fc.property(arbitraryPacket, (packet) => { … }));
 */

import fc from "fast-check";
import {
  type Family,
  type IcmpPacket,
  type Packet,
  PROTOCOL,
  type TcpPacket,
  type UdpPacket,
} from "../../pf/packet.ts";
import { addressText } from "./address.ts";

const addressed = { family: "inet", source: "10.0.0.5", destination: "198.51.100.7", ttl: 64, tos: 0 } as const;

/** A datagram of three bytes. */
export const someUdp: UdpPacket = {
  ...addressed,
  protocol: PROTOCOL.udp,
  sourcePort: 1,
  destinationPort: 2,
  payload: Uint8Array.of(1, 2, 3),
};

/** An empty acknowledgement. */
export const someTcp: TcpPacket = {
  ...addressed,
  protocol: PROTOCOL.tcp,
  sourcePort: 50_000,
  destinationPort: 21,
  flags: 0x10,
  seq: 1,
  ack: 2,
  window: 3,
  payload: new Uint8Array(0),
};

const nat = (bits: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: 2 ** bits - 1 });
const payload = fc.uint8Array({ maxLength: 64 });

export const arbitraryAddress = (family: Family): fc.Arbitrary<string> => {
  const length = family === "inet" ? 4 : 16;
  // Zero words are frequent, so that `::` has something to do.
  const byte = fc.oneof(fc.constant(0), nat(8));
  return fc
    .uint8Array({ minLength: length, maxLength: length })
    .chain((bytes) =>
      fc
        .array(byte, { minLength: length, maxLength: length })
        .map((other) => addressText(Uint8Array.from(bytes, (value, index) => (other[index] === 0 ? 0 : value)))),
    );
};

/** Drops the absent ones, as `exactOptionalPropertyTypes` wants it. */
function present<T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });

const header = (family: Family) =>
  fc
    .record({
      source: arbitraryAddress(family),
      destination: arbitraryAddress(family),
      ttl: nat(8),
      tos: nat(8),
      options: maybe(fc.constant(true as const)),
      dontFragment: family === "inet" ? maybe(fc.constant(true as const)) : fc.constant(undefined),
    })
    .map((fields) => ({ family, ...present(fields) }));

export const arbitraryTcp = (family: Family): fc.Arbitrary<TcpPacket> =>
  fc
    .record({
      ip: header(family),
      sourcePort: nat(16),
      destinationPort: nat(16),
      flags: nat(8),
      seq: nat(32),
      ack: nat(32),
      window: nat(16),
      urgent: nat(16),
      payload,
      options: maybe(
        fc.record({
          mss: maybe(nat(16)),
          windowScale: maybe(fc.integer({ min: 0, max: 14 })),
          sackPermitted: maybe(fc.constant(true as const)),
          timestamps: maybe(fc.record({ value: nat(32), echo: nat(32) })),
        }),
      ),
    })
    .map(({ ip, options, urgent, ...tcp }) => {
      const tcpOptions = options === undefined ? {} : present(options);
      return {
        ...ip,
        ...tcp,
        protocol: 6 as const,
        ...((tcp.flags & 0x20) !== 0 && { urgent }),
        ...(Object.keys(tcpOptions).length > 0 && { tcpOptions }),
      } as TcpPacket;
    });

export const arbitraryUdp = (family: Family): fc.Arbitrary<UdpPacket> =>
  fc
    .record({ ip: header(family), sourcePort: nat(16), destinationPort: nat(16), payload })
    .map(({ ip, ...udp }) => ({ ...ip, ...udp, protocol: 17 as const }));

export const arbitraryIcmp = (family: Family): fc.Arbitrary<IcmpPacket> => {
  const protocol = family === "inet" ? (1 as const) : (58 as const);
  const echo = fc
    .record({ ip: header(family), reply: fc.boolean(), id: nat(16), sequence: nat(16), payload })
    .map(({ ip, reply, ...rest }) => ({
      ...ip,
      protocol,
      type: family === "inet" ? (reply ? 0 : 8) : reply ? 129 : 128,
      code: 0,
      ...rest,
    }));
  const quoted = fc
    .oneof(arbitraryTcp(family), arbitraryUdp(family))
    .map((one) => ({ ...one, payload: new Uint8Array(0) }));
  const error = fc
    .record({ ip: header(family), code: nat(4), mtu: fc.integer({ min: 1, max: 9000 }), big: fc.boolean(), quoted })
    .map(({ ip, code, mtu, big, quoted: about }) => ({
      ...ip,
      protocol,
      type: family === "inet" ? 3 : big ? 2 : 1,
      code: family === "inet" && big ? 4 : code,
      ...(big && { mtu }),
      quoted: about,
      payload: new Uint8Array(0),
    }));
  return fc.oneof<fc.Arbitrary<IcmpPacket>[]>(echo, error);
};

/** Protocols without ports, and later fragments of any. */
const arbitraryRaw = (family: Family): fc.Arbitrary<Packet> =>
  fc
    .record({
      ip: header(family),
      protocol: fc.constantFrom(2, 41, 47, 89, 132),
      payload,
      fragment: maybe(
        fc.record({
          id: nat(family === "inet" ? 16 : 32),
          offset: fc.integer({ min: 1, max: 8191 }),
          more: fc.boolean(),
        }),
      ),
    })
    .map(({ ip, protocol, payload: bytes, fragment }) => ({
      ...ip,
      protocol,
      payload: bytes,
      ...(fragment !== undefined && { fragment: { ...fragment, offset: fragment.offset * 8 } }),
    }));

export const arbitraryPacket: fc.Arbitrary<Packet> = fc
  .constantFrom<Family>("inet", "inet6")
  .chain((family) =>
    fc.oneof<fc.Arbitrary<Packet>[]>(
      arbitraryTcp(family),
      arbitraryUdp(family),
      arbitraryIcmp(family),
      arbitraryRaw(family),
    ),
  );
