import fc from "fast-check";
import { expect, it } from "vitest";
import { isTcp } from "../../pf/packet.ts";
import { arbitraryTcp, arbitraryUdp } from "./arbitrary-packet.fixture.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { fragments } from "./fragments.ts";

/** With up to 3000 bytes of data. */
const long = fc
  .tuple(fc.oneof(arbitraryUdp("inet"), arbitraryTcp("inet")), fc.uint8Array({ maxLength: 3_000 }))
  .map(([packet, payload]) => encode({ ...packet, payload }));

/** What stands behind the IP header. */
const bodyOf = (bytes: Uint8Array): Uint8Array => bytes.subarray((bytes[0]! & 15) * 4);

/** Where each begins, and whether there are more; the headers must hold. */
function placed(parts: readonly Uint8Array[]) {
  return parts.map((bytes) => {
    const seen = decode(bytes, { verify: true });
    if (!seen.ok) throw new Error(seen.reason);
    return { offset: 0, more: false, ...seen.packet.fragment, body: bodyOf(bytes) };
  });
}

it("fragments fit, lie side by side and make up the packet", () => {
  fc.assert(
    fc.property(long, fc.integer({ min: 100, max: 1_500 }), (bytes, mtu) => {
      const parts = fragments(bytes, mtu);
      if (bytes.length <= mtu) {
        expect(parts).toEqual([bytes]);
        return;
      }
      let next = 0;
      for (const [index, { offset, more, body }] of placed(parts).entries()) {
        expect(parts[index]?.length).toBeLessThanOrEqual(mtu);
        expect(offset).toBe(next);
        expect(more).toBe(index < parts.length - 1);
        next += body.length;
      }
      expect(Buffer.compare(Buffer.concat(parts.map(bodyOf)), bodyOf(bytes))).toBe(0);
    }),
  );
});

it("a fragment that is cut again keeps its place", () => {
  fc.assert(
    fc.property(long, (bytes) => {
      const parts = fragments(bytes, 1_500).flatMap((part) => fragments(part, 576));
      let next = 0;
      for (const { offset, body } of placed(parts)) {
        expect(offset).toBe(next);
        next += body.length;
      }
      expect(placed(parts).at(-1)?.more).toBe(false);
      expect(Buffer.compare(Buffer.concat(parts.map(bodyOf)), bodyOf(bytes))).toBe(0);
    }),
  );
});

it("the first fragment has the ports, later ones are raw", () => {
  fc.assert(
    fc.property(arbitraryTcp("inet"), (packet) => {
      const [first, second] = fragments(encode({ ...packet, payload: new Uint8Array(3_000) }), 1_500);
      const [one, other] = [decode(first ?? new Uint8Array()), decode(second ?? new Uint8Array())];
      expect(one.ok && isTcp(one.packet)).toBe(true);
      expect(other.ok && isTcp(other.packet)).toBe(false);
    }),
  );
});
