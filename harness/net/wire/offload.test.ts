import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Family, isTcp, type Packet, TCP_FLAG } from "../../pf/packet.ts";
import { arbitraryTcp, arbitraryUdp } from "./arbitrary-packet.fixture.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { giveOffload, OFFLOAD_HEADER, segmentLength, segments, takeOffload } from "./offload.ts";

const FAMILIES: readonly Family[] = ["inet", "inet6"];
const family = fc.constantFrom(...FAMILIES);

/** A TCP packet, its data, and how much of it a segment takes. */
const long = family.chain((one) =>
  fc.record({
    packet: arbitraryTcp(one),
    payload: fc.uint8Array({ minLength: 1, maxLength: 4_000 }),
    segmentSize: fc.integer({ min: 1, max: 1_460 }),
  }),
);

const decoded = (bytes: Uint8Array): Packet => {
  const result = decode(bytes, { verify: true });
  if (!result.ok) throw new Error(result.reason);
  return result.packet;
};

describe("a packet that stands for several segments", () => {
  it("is cut into whole ones, with all of its data in order", () => {
    fc.assert(
      fc.property(long, ({ packet, payload, segmentSize }) => {
        const whole = encode({ ...packet, payload });
        const cut = segments(whole, segmentSize);
        expect(cut).toHaveLength(Math.ceil(payload.length / segmentSize));
        let next = packet.seq;
        const data: Uint8Array[] = [];
        for (const [index, bytes] of cut.entries()) {
          expect(bytes.length).toBeLessThanOrEqual(segmentLength(whole, segmentSize));
          const one = decoded(bytes);
          if (!isTcp(one)) throw new Error("not TCP");
          expect(one.seq).toBe(next);
          next = (next + one.payload.length) % 2 ** 32;
          data.push(one.payload);
          const last = index === cut.length - 1;
          const ends = TCP_FLAG.F | TCP_FLAG.P;
          expect(one.flags & ends).toBe(last ? packet.flags & ends : 0);
          expect(one.tcpOptions).toEqual(packet.tcpOptions);
          expect([one.source, one.destination]).toEqual([packet.source, packet.destination]);
        }
        expect(Buffer.compare(Buffer.concat(data), payload)).toBe(0);
        expect(segments(whole, payload.length).map(decoded)).toEqual([decoded(whole)]);
      }),
    );
  });

  it("keeps its size and gets its checksum from whoever cuts it", () => {
    fc.assert(
      fc.property(long, ({ packet, payload, segmentSize }) => {
        const whole = encode({ ...packet, payload });
        const given = Uint8Array.from(whole);
        const header = new Uint8Array(OFFLOAD_HEADER);
        giveOffload(header, given, segmentSize);
        expect(takeOffload(header, given)).toBe(segmentSize);
        // The same without cutting: only the checksum is left to be made.
        header[1] = 0;
        expect(takeOffload(header, given)).toBeUndefined();
        expect(decoded(given)).toEqual(decoded(whole));
      }),
    );
  });
});

describe("an ordinary packet", () => {
  it("has its checksum completed where the kernel has left it", () => {
    fc.assert(
      fc.property(
        family.chain((one) => fc.oneof<fc.Arbitrary<Packet>[]>(arbitraryTcp(one), arbitraryUdp(one))),
        (packet) => {
          const whole = encode(packet);
          const start = whole.length - transportLength(packet);
          const at = isTcp(packet) ? 16 : 6;
          const bytes = Uint8Array.from(whole);
          // The pseudo header's sum is what completes to the whole checksum.
          const [high = 0, low = 0] = pseudoSum(whole, packet, whole.length - start);
          bytes.set([high, low], start + at);
          const header = new Uint8Array(OFFLOAD_HEADER);
          header[0] = 1;
          new Uint16Array(header.buffer).set([start, at], 3);
          expect(takeOffload(header, bytes)).toBeUndefined();
          expect(decode(bytes, { verify: true })).toEqual({ ok: true, packet });
        },
      ),
    );
  });

  it("goes out with nothing left to do", () => {
    const header = new Uint8Array(OFFLOAD_HEADER).fill(7);
    const bytes = Uint8Array.of(0x45, 0);
    giveOffload(header, bytes, undefined);
    expect([...header]).toEqual(new Array(OFFLOAD_HEADER).fill(0));
    expect([...bytes]).toEqual([0x45, 0]);
  });
});

function transportLength(packet: Packet): number {
  if (!isTcp(packet)) return 8 + packet.payload.length;
  return encode({ ...packet, options: false, family: "inet", source: "10.0.0.1", destination: "10.0.0.2" }).length - 20;
}

/** Two bytes, by adding them one by one: RFC 9293 §3.1. */
function pseudoSum(bytes: Uint8Array, { family: one, protocol }: Packet, length: number): readonly number[] {
  const addresses = one === "inet" ? bytes.subarray(12, 20) : bytes.subarray(8, 40);
  let total = protocol + length;
  for (const [index, byte] of addresses.entries()) total += index % 2 === 0 ? byte * 256 : byte;
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return [total >> 8, total & 0xff];
}
