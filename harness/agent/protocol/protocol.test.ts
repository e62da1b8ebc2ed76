import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Outbox } from "./credit.ts";
import { DATA_LIMIT, FrameReader, frame, GreetingReader, ProtocolError } from "./frame.ts";

describe("frames", () => {
  test("are read as they were written, however the pipe cuts them", () => {
    const one = fc.record({ type: fc.nat(255), id: fc.nat(), body: fc.uint8Array({ maxLength: 300 }) });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 40 })), (frames, cuts) => {
        const line = Buffer.concat(frames.map(({ type, id, body }) => frame(type, id, body)));
        const reader = new FrameReader();
        const got = [];
        let at = 0;
        for (const cut of [...cuts, line.length]) {
          got.push(...reader.add(line.subarray(at, at + cut)));
          at += cut;
        }
        expect(got).toEqual(frames);
      }),
    );
  });

  test("of impossible length are refused", () => {
    expect(() => new FrameReader().add(Uint8Array.of(0, 0, 0, 4))).toThrow(ProtocolError);
    expect(() => new FrameReader().add(Uint8Array.of(0, 1, 0, 6))).toThrow(ProtocolError);
  });

  test("the greeting is found after anything that a login prints", () => {
    const reader = new GreetingReader("anchorage-agent");
    expect(reader.add(Buffer.from("Welcome to fw\r\nanchorage-ag"))).toBeUndefined();
    const found = reader.add(Buffer.from("ent 1 2\n\x00\x00"));
    expect(found?.versions).toEqual([1, 2]);
    expect(found?.rest).toEqual(Uint8Array.of(0, 0));
  });
});

test("an outbox never sends more than its credit, and loses nothing", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(80_000)), fc.array(fc.nat(50_000)), (pieces, credits) => {
      let sent = 0;
      let credit = 65_536;
      const outbox = new Outbox((bytes) => {
        sent += bytes.length;
        expect(bytes.length).toBeLessThanOrEqual(DATA_LIMIT);
        expect(sent).toBeLessThanOrEqual(credit);
      });
      for (const length of pieces) outbox.push(new Uint8Array(length));
      for (const more of credits) {
        credit += more;
        outbox.credit(more);
      }
      const total = pieces.reduce((sum, length) => sum + length, 0);
      expect(sent).toBe(Math.min(total, credit));
      expect(outbox.held).toBe(total - sent);
    }),
  );
});
