import fc from "fast-check";
import { expect, it } from "vitest";
import { isTcp, isUdp } from "../../pf/packet.ts";
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

it("fragments, cut once or again, fit, lie side by side and make up the packet; the first one has the ports", () => {
  const mtu = fc.integer({ min: 100, max: 1_500 });
  fc.assert(
    fc.property(long, mtu, fc.option(mtu), (bytes, first, second) => {
      const once = fragments(bytes, first);
      if (bytes.length <= first) expect(once).toEqual([bytes]);
      const parts = second === null ? once : once.flatMap((part) => fragments(part, second));
      let next = 0;
      for (const [index, part] of parts.entries()) {
        expect(part.length).toBeLessThanOrEqual(Math.min(first, second ?? first));
        const seen = decode(part, { verify: true });
        if (!seen.ok) throw new Error(seen.reason);
        const { offset, more } = seen.packet.fragment ?? { offset: 0, more: false };
        expect([offset, more]).toEqual([next, index < parts.length - 1]);
        expect(isTcp(seen.packet) || isUdp(seen.packet)).toBe(index === 0);
        next += bodyOf(part).length;
      }
      expect(Buffer.compare(Buffer.concat(parts.map(bodyOf)), bodyOf(bytes))).toBe(0);
    }),
    { numRuns: 200 },
  );
});
