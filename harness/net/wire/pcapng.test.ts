import { describe, expect, it } from "vitest";
import { someUdp } from "./arbitrary-packet.fixture.ts";
import { encode } from "./encode.ts";
import { pcapng } from "./pcapng.ts";

const bytes = encode(someUdp);

/** Type and body of each block; both lengths of a block must agree. */
function blocks(file: Uint8Array): { readonly type: number; readonly body: DataView }[] {
  const view = new DataView(file.buffer);
  const out = [];
  for (let at = 0; at < file.length; ) {
    const length = view.getUint32(at + 4, true);
    expect(length % 4).toBe(0);
    expect(view.getUint32(at + length - 4, true)).toBe(length);
    out.push({ type: view.getUint32(at, true), body: new DataView(file.buffer, at + 8, length - 12) });
    at += length;
  }
  return out;
}

describe("a pcapng file", () => {
  it("is a section, its interfaces, its packets", () => {
    const file = pcapng({
      interfaces: [{ name: "firewall.em0" }, { name: "firewall.em1", description: "10.0.0.1/24" }],
      packets: [{ interface: 1, atMicroseconds: 1_767_225_600_000_001, bytes, direction: "in", comments: ["dropped"] }],
    });
    const [section, em0, em1, packet, ...rest] = blocks(file);
    expect([section, em0, em1, packet].map((block) => block?.type)).toEqual([0x0a0d0d0a, 1, 1, 6]);
    expect(rest).toEqual([]);
    const body = packet!.body;
    expect(body.getUint32(0, true)).toBe(1);
    const stamp = (BigInt(body.getUint32(4, true)) << 32n) | BigInt(body.getUint32(8, true));
    expect(stamp).toBe(1_767_225_600_000_001_000n);
    // Length as captured, as on the wire; then the address family and the packet.
    expect([body.getUint32(12, true), body.getUint32(16, true), body.getUint32(20, true)]).toEqual([35, 35, 2]);
    expect(Buffer.from(body.buffer, body.byteOffset + 24, 31).equals(bytes)).toBe(true);
    expect(Buffer.from(file).includes("dropped")).toBe(true);
  });

  it("without packets is still a file", () => {
    expect(blocks(pcapng({ interfaces: [], packets: [] })).length).toBe(1);
  });
});
