import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Family, isIcmp, isTcp, isUdp, type Packet, PROTOCOL, type TcpPacket } from "../../pf/packet.ts";
import {
  arbitraryAddress,
  arbitraryIcmp,
  arbitraryTcp,
  arbitraryUdp,
  someTcp,
  someUdp,
} from "./arbitrary-packet.fixture.ts";
import { finish, sum } from "./checksum.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { rewrite } from "./rewrite.ts";

const number = (bits: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: 2 ** bits - 1 });

/** A packet, and the same after translation. */
const translation = fc.constantFrom<Family>("inet", "inet6").chain((family) =>
  fc
    .record({
      packet: fc.oneof<fc.Arbitrary<Packet>[]>(arbitraryTcp(family), arbitraryUdp(family), arbitraryIcmp(family)),
      source: arbitraryAddress(family),
      destination: arbitraryAddress(family),
      ttl: number(8),
      tos: number(8),
      ports: fc.tuple(number(16), number(16)),
      sequences: fc.tuple(number(32), number(32)),
      mss: number(16),
    })
    .map(({ packet, source, destination, ttl, tos, ports, sequences, mss }): [Packet, Packet] => {
      const moved = { ...packet, source, destination, ttl, tos };
      if (isTcp(moved)) {
        const tcpOptions = moved.tcpOptions?.mss === undefined ? moved.tcpOptions : { ...moved.tcpOptions, mss };
        const [sourcePort, destinationPort] = ports;
        const [seq, ack] = sequences;
        const options = tcpOptions !== undefined && { tcpOptions };
        return [packet, { ...moved, sourcePort, destinationPort, seq, ack, ...options }];
      }
      if (isUdp(moved)) return [packet, { ...moved, sourcePort: ports[0], destinationPort: ports[1] }];
      return [packet, moved];
    }),
);

describe("a rewritten packet", () => {
  it("is what the translated record encodes to", () => {
    fc.assert(
      fc.property(translation, ([before, after]) => {
        const bytes = rewrite(encode(before), after);
        expect(decode(bytes, { verify: true })).toEqual({ ok: true, packet: after });
        expect(Buffer.compare(bytes, encode(after))).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps what a record cannot say: SACK blocks, identification", () => {
    const packet: Packet = { ...someTcp, tcpOptions: { timestamps: { value: 1, echo: 2 } } };
    const bytes = encode(packet);
    // The timestamps become a SACK block, the identification 4711; both checksums with them.
    bytes.set([5, 10], 40);
    bytes.set([0x12, 0x67], 4);
    const seen = decode(bytes);
    if (!seen.ok) throw new Error(seen.reason);
    const rewritten = rewrite(bytes, { ...seen.packet, source: "198.51.100.1" });
    expect([...rewritten.subarray(40, 50)]).toEqual([...bytes.subarray(40, 50)]);
    expect([...rewritten.subarray(4, 6)]).toEqual([0x12, 0x67]);
  });

  it("is the very same bytes when nothing was translated, damaged ones too", () => {
    fc.assert(
      fc.property(translation, number(8), ([packet], damage) => {
        const bytes = encode(packet);
        bytes[bytes.length - 1]! ^= damage;
        const seen = decode(bytes);
        fc.pre(seen.ok && !isIcmp(seen.packet));
        if (seen.ok) expect(Buffer.compare(rewrite(bytes, seen.packet), bytes)).toBe(0);
      }),
    );
  });

  it("has its MSS changed at an odd place too", () => {
    const packet: TcpPacket = { ...someTcp, tcpOptions: { mss: 1460 } };
    const options = encode({ ...packet, tcpOptions: { timestamps: { value: 0, echo: 0 } } });
    // No-operation, MSS of 1460, end of options; with the checksum of what stands there.
    options.set([1, 2, 4, 1460 >> 8, 1460 & 0xff, 0, 0, 0, 0, 0, 0, 0], 40);
    options.set([0, 0], 36);
    const checksum = finish(sum(options, 20, 52, sum(options, 12, 20) + PROTOCOL.tcp + 32));
    options.set([checksum >> 8, checksum & 0xff], 36);
    const rewritten = rewrite(options, { ...packet, tcpOptions: { mss: 1234 } });
    expect(decode(rewritten, { verify: true })).toMatchObject({ ok: true, packet: { tcpOptions: { mss: 1234 } } });
  });

  it("keeps the checksum of a first fragment right for the whole datagram", () => {
    const udp = { ...someUdp, payload: Uint8Array.from({ length: 40 }, (_, index) => index) };
    const [before, after] = [encode(udp), encode({ ...udp, source: "198.51.100.1", sourcePort: 50001 })];
    // The first 16 bytes of payload as a fragment: length 44, more fragments to come.
    const cut = before.slice(0, 44);
    cut.set([0, 44], 2);
    cut.set([0x20, 0], 6);
    const seen = decode(cut);
    if (!seen.ok) throw new Error(seen.reason);
    const rewritten = rewrite(cut, { ...seen.packet, source: "198.51.100.1", sourcePort: 50001 } as Packet);
    expect([...rewritten.subarray(20, 28)].join()).toBe([...after.subarray(20, 28)].join());
  });
});
