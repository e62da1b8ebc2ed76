import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TCP_FLAG, type TcpPacket } from "../../pf/packet.ts";
import { TcpStream } from "./tcp-stream.ts";

const segment = (seq: number, payload: Uint8Array, flags: number = TCP_FLAG.A): TcpPacket => ({
  family: "inet",
  source: "192.0.2.1",
  destination: "198.51.100.1",
  ttl: 64,
  tos: 0,
  protocol: 6,
  sourcePort: 1024,
  destinationPort: 21,
  flags,
  seq: seq >>> 0,
  ack: 0,
  window: 1000,
  payload,
});

const EMPTY = new Uint8Array();

describe("a TCP stream seen on the wire", () => {
  test("comes out whole and in order, with segments lost, repeated and reordered", () => {
    const segments = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(segments, fc.nat(0xffff_ffff), fc.infiniteStream(fc.nat(100)), (pieces, isn, choices) => {
        const sent = Buffer.concat(pieces);
        let at = isn + 1;
        const packets = pieces.map((piece) => {
          const packet = segment(at, piece);
          at += piece.length;
          return packet;
        });
        packets.push(segment(at, EMPTY, TCP_FLAG.A | TCP_FLAG.F));
        // Each is sent at least once, in any order, some twice.
        const order = packets
          .flatMap((packet) => (choices.next().value % 3 === 0 ? [packet, packet] : [packet]))
          .map((packet) => ({ packet, rank: choices.next().value }))
          .sort((a, b) => a.rank - b.rank);
        const stream = new TcpStream();
        const got: Uint8Array[] = stream.add(segment(isn, EMPTY, TCP_FLAG.S)).map(({ bytes }) => bytes);
        for (const { packet } of order) got.push(...stream.add(packet).map(({ bytes }) => bytes));
        expect(Buffer.concat(got)).toEqual(sent);
        expect(stream.finished).toBe(true);
      }),
    );
  });

  test("a retransmission that begins earlier and ends later gives only what is new", () => {
    const stream = new TcpStream();
    stream.add(segment(9, EMPTY, TCP_FLAG.S));
    stream.add(segment(10, Buffer.from("abc")));
    const fresh = stream.add(segment(10, Buffer.from("abcdef")));
    expect(fresh.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(["def"]);
  });

  test("reports which byte was urgent, also when an earlier segment comes later", () => {
    const stream = new TcpStream();
    stream.add(segment(9, EMPTY, TCP_FLAG.S));
    stream.add({ ...segment(13, Buffer.from("\xff\xf2", "latin1"), TCP_FLAG.A | TCP_FLAG.U), urgent: 1 });
    const [first, second] = stream.add(segment(10, Buffer.from("abc")));
    expect(first?.urgentAt).toEqual([]);
    expect(second?.urgentAt).toEqual([0]);
  });
});
