import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Packet, PROTOCOL, TCP_FLAG } from "../../pf/packet.ts";
import { addressBytes, addressText, canonicalAddress } from "./address.ts";
import { arbitraryAddress, arbitraryPacket, someTcp } from "./arbitrary-packet.fixture.ts";
import { adjust, changeOf, finish, sum } from "./checksum.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { packetLength } from "./length.ts";

const syn: Packet = { ...someTcp, dontFragment: true, flags: TCP_FLAG.S, tcpOptions: { mss: 1460, windowScale: 3 } };

describe("addresses", () => {
  it.each([
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["fe80:0:0:0:0:0:0:0", "fe80::"],
    ["::FFFF:192.0.2.1", "::ffff:192.0.2.1"],
    ["::c000:201", "::192.0.2.1"],
    ["192.0.2.1", "192.0.2.1"],
  ])("are written as inet_ntop(3) writes them: %s", (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  const wrong = ["", "1.2.3", "1.2.3.256", "01.2.3.4", "1::2::3", "1:2:3:4:5:6:7", "12345::", "1:2:3:4:5:6:7:8::"];
  it.each(wrong)("refuse %j", (text) => {
    expect(() => addressBytes(text)).toThrow(RangeError);
  });

  it("survive text and back", () => {
    for (const family of ["inet", "inet6"] as const) {
      fc.assert(fc.property(arbitraryAddress(family), (text) => addressText(addressBytes(text)) === text));
    }
  });
});

describe("the checksum", () => {
  it("of RFC 1071's example is ddf2, complemented", () => {
    expect(finish(sum(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7), 0, 8))).toBe(~0xddf2 & 0xffff);
  });

  it("adjusted for a changed part equals the one made anew", () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(bytes(20), bytes(4), (whole, part) => {
        // An all-zero sum has two spellings; real packets never sum to zero.
        whole[0] = 0x45;
        const changed = whole.slice();
        changed.set(part, 8);
        const expected = finish(sum(changed, 0, 20));
        const words = ({ buffer, byteOffset }: Uint8Array) => new DataView(buffer, byteOffset);
        const [before, after] = [words(whole.subarray(8)), words(part)];
        const change = [0, 2].map((at) => changeOf(before.getUint16(at), after.getUint16(at)));
        expect(adjust(finish(sum(whole, 0, 20)), change[0]! + change[1]!)).toBe(expected);
      }),
    );
  });
});

describe("a packet", () => {
  it("decodes to what was encoded, with checksums that hold and the foretold length", () => {
    fc.assert(
      fc.property(arbitraryPacket, (packet) => {
        const bytes = encode(packet);
        expect(bytes.length).toBe(packetLength(packet));
        expect(decode(bytes, { verify: true })).toEqual({ ok: true, packet });
      }),
      { numRuns: 1000 },
    );
  });

  it("with one changed byte fails its checksum", () => {
    const bytes = encode(syn);
    for (let at = 12; at < bytes.length; at++) {
      const broken = bytes.slice();
      broken[at] = broken[at]! ^ 0x41;
      expect(decode(broken, { verify: true })).toMatchObject({ ok: false, reason: "bad-checksum" });
    }
  });

  it("that is cut anywhere is refused, never a crash", () => {
    fc.assert(
      fc.property(arbitraryPacket, fc.nat(), (packet, cut) => {
        const bytes = encode(packet);
        expect(decode(bytes.subarray(0, cut % bytes.length)).ok).toBe(false);
      }),
    );
  });

  it("of random bytes is decoded or refused, never a crash", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => typeof decode(bytes).ok === "boolean"));
  });

  it("keeps padding out: Ethernet pads short frames", () => {
    const padded = new Uint8Array(64);
    padded.set(encode(syn));
    expect(decode(padded)).toEqual({ ok: true, packet: syn });
  });

  it("quoted with eight transport bytes still tells its ports", () => {
    const inner = encode(syn).subarray(0, 28);
    const { protocol: _, ...ip } = syn;
    const error = encode({ ...ip, protocol: 99, payload: new Uint8Array(8 + inner.length) });
    error[9] = PROTOCOL.icmp;
    error.set([3, 1], 20);
    error.set(inner, 28);
    expect(decode(error)).toMatchObject({
      ok: true,
      packet: { type: 3, code: 1, quoted: { sourcePort: 50000, destinationPort: 21, seq: 1 } },
    });
  });
});
