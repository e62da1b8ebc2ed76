import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Congestion } from "./congestion.ts";
import { ReceiveQueue } from "./receive-queue.ts";
import { RetransmissionTimeout } from "./retransmission-timeout.ts";
import { SendQueue } from "./send-queue.ts";

const stream = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff);

describe("the send queue", () => {
  it("gives any slice that is not acknowledged, however it was written", () => {
    const chunks = fc.array(fc.nat(40), { maxLength: 80 });
    fc.assert(
      fc.property(chunks, fc.nat(), fc.nat(), fc.nat(), (lengths, drop, at, length) => {
        const whole = stream(lengths.reduce((sum, one) => sum + one, 0));
        const queue = new SendQueue();
        for (const one of lengths) queue.append(whole.subarray(queue.end, queue.end + one));
        queue.dropBefore(drop % (whole.length + 1));
        const from = queue.start + (at % (whole.length - queue.start + 1));
        const wanted = length % 100;
        expect(Buffer.compare(queue.slice(from, wanted), whole.subarray(from, from + wanted))).toBe(0);
      }),
    );
  });

  it("keeps a copy: the writer may use its buffer again", () => {
    const queue = new SendQueue();
    const bytes = Uint8Array.of(1, 2, 3);
    queue.append(bytes);
    bytes.fill(0);
    expect([...queue.slice(0, 3)]).toEqual([1, 2, 3]);
  });
});

describe("the receive queue", () => {
  it("puts any overlapping, repeated, shuffled segments in order", () => {
    const whole = stream(500);
    const segment = fc.record({ start: fc.nat(499), length: fc.integer({ min: 1, max: 80 }) });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 60 }), (segments) => {
        const queue = new ReceiveQueue();
        const arrived = new Set<number>();
        const read: number[] = [];
        for (const { start, length } of segments) {
          const end = Math.min(start + length, whole.length);
          queue.insert(start, whole.subarray(start, end));
          for (let at = start; at < end; at++) arrived.add(at);
          if (start % 3 === 0) {
            for (let piece = queue.read(); piece !== undefined; piece = queue.read()) {
              if (piece.kind === "data") read.push(...piece.bytes);
            }
          }
        }
        let contiguous = 0;
        while (arrived.has(contiguous)) contiguous++;
        expect(queue.next).toBe(contiguous);
        expect(queue.unread).toBe(contiguous - read.length);
        for (let piece = queue.read(); piece !== undefined; piece = queue.read()) {
          if (piece.kind === "data") read.push(...piece.bytes);
        }
        expect(read).toEqual([...whole.subarray(0, contiguous)]);
        expect(queue.hasHoles).toBe(arrived.size > contiguous);
      }),
    );
  });

  it("takes urgent bytes out of the stream, in their place", () => {
    const queue = new ReceiveQueue();
    queue.markUrgent(2);
    queue.insert(0, Uint8Array.of(10, 11, 12, 13));
    queue.markUrgent(0 + 4);
    queue.insert(4, Uint8Array.of(14));
    const pieces = [];
    for (let piece = queue.read(); piece !== undefined; piece = queue.read()) pieces.push(piece);
    expect(pieces).toEqual([
      { kind: "data", bytes: Uint8Array.of(10, 11) },
      { kind: "urgent", byte: 12 },
      { kind: "data", bytes: Uint8Array.of(13) },
      { kind: "urgent", byte: 14 },
    ]);
  });
});

describe("the retransmission timeout", () => {
  const limits = { initialRtoMs: 1000, minimumRtoMs: 200, maximumRtoMs: 120_000 };

  it("begins as RFC 6298 says and follows the samples", () => {
    const rto = new RetransmissionTimeout(limits);
    expect(rto.milliseconds).toBe(1000);
    rto.sample(500);
    expect(rto.milliseconds).toBe(500 + 4 * 250);
    for (let i = 0; i < 100; i++) rto.sample(10);
    expect(rto.milliseconds).toBe(200);
  });

  it("doubles until its maximum, and relaxes", () => {
    const rto = new RetransmissionTimeout(limits);
    const seen = [];
    for (let i = 0; i < 9; i++) {
      seen.push(rto.milliseconds / 1000);
      rto.double();
    }
    expect(seen).toEqual([1, 2, 4, 8, 16, 32, 64, 120, 120]);
    rto.relax();
    expect(rto.milliseconds).toBe(1000);
  });
});

describe("congestion control", () => {
  it("doubles per round trip in slow start, then grows by a segment per round trip", () => {
    const reno = new Congestion(1000, 2);
    for (let acks = 0; acks < 2; acks++) reno.acknowledged(1000, 0);
    expect(reno.window).toBe(4000);
    reno.threshold = 4000;
    for (let acks = 0; acks < 4; acks++) reno.acknowledged(1000, 0);
    expect(reno.window).toBeGreaterThan(4700);
    expect(reno.window).toBeLessThanOrEqual(5000);
  });

  it("resends at the third duplicate, halves, and fills each hole that a partial acknowledgement shows", () => {
    const reno = new Congestion(1000, 10);
    expect([1, 2, 3, 4].map(() => reno.duplicate(0, 10_000))).toEqual(["go-on", "go-on", "retransmit", "go-on"]);
    expect(reno.threshold).toBe(5000);
    expect(reno.acknowledged(4000, 4000)).toBe("retransmit");
    expect(reno.acknowledged(6000, 10_000)).toBe("go-on");
    expect(reno.window).toBe(5000);
  });

  it("falls back to one segment after a timeout", () => {
    const reno = new Congestion(1000, 10);
    reno.timedOut(10_000);
    expect([reno.window, reno.threshold]).toEqual([1000, 5000]);
  });
});
