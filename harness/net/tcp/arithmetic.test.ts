/** The arithmetic of retransmission and congestion control, and urgent bytes in the stream, apart from any network. */

import { describe, expect, it } from "vitest";
import { Congestion } from "./congestion.ts";
import { ReceiveQueue } from "./receive-queue.ts";
import { RetransmissionTimeout } from "./retransmission-timeout.ts";

describe("the receive queue", () => {
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
