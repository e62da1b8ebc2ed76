/** Links that are narrower than a kernel's segments: what comes off the device is cut. */

import { describe, expect, it } from "vitest";
import { decode } from "../../net/wire/decode.ts";
import { encode } from "../../net/wire/encode.ts";
import { isTcp, type Packet, PROTOCOL, TCP_FLAG } from "../../pf/packet.ts";
import { pieces } from "./link-mtu.ts";

const tcp = (text: string): Packet => ({
  family: "inet",
  source: "10.0.0.5",
  destination: "198.51.100.7",
  ttl: 64,
  tos: 0,
  dontFragment: true,
  protocol: PROTOCOL.tcp,
  sourcePort: 40_000,
  destinationPort: 21,
  flags: TCP_FLAG.A | TCP_FLAG.P,
  seq: 0xffffffff,
  ack: 1,
  window: 100,
  payload: Buffer.from(text),
});

describe("a link of 68 bytes", () => {
  it("carries a PORT in pieces that say together what the command said", () => {
    const command = "PORT 10,0,0,5,200,201\r\n".repeat(3);
    const decoded = pieces(encode(tcp(command)), 68).map((bytes) => {
      expect(bytes.length).toBeLessThanOrEqual(68);
      const one = decode(bytes, { verify: true });
      if (!one.ok || !isTcp(one.packet)) throw new Error("not TCP any more");
      return one.packet;
    });
    expect(Buffer.concat(decoded.map(({ payload }) => payload)).toString()).toBe(command);
    expect(decoded.map(({ seq }) => seq)).toEqual([0xffffffff, 27, 55]);
    expect(decoded.map(({ flags }) => (flags & TCP_FLAG.P) !== 0)).toEqual([false, false, true]);
  });

  it("leaves alone what fits, what is not TCP, and every packet of a link that kernels know how to use", () => {
    const short = encode(tcp("QUIT\r\n"));
    expect(pieces(short, 68)).toEqual([short]);
    const { flags, seq, ack, window, ...rest } = tcp("x".repeat(100)) as Packet & Record<string, unknown>;
    const udp = encode({ ...rest, protocol: PROTOCOL.udp } as Packet);
    expect(pieces(udp, 68)).toEqual([udp]);
    const long = encode(tcp("x".repeat(1_460)));
    expect(pieces(long, 1_400)).toEqual([long]);
  });
});
