import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../net/time/clock.ts";
import { encode } from "../../net/wire/encode.ts";
import { someUdp } from "./arbitrary-packet.fixture.ts";
import { LiveRecording, type RecordedPacket, Recording } from "./recording.ts";

const INTERFACES = [{ name: "firewall.em0" }, { name: "firewall.em1" }];

function packet(port: number): RecordedPacket {
  const one = { ...someUdp, sourcePort: port };
  return { interface: "firewall.em1", direction: "in", atMicroseconds: port * 1000, bytes: encode(one), packet: one };
}

describe("a recording that is written as packets come", () => {
  test("is byte for byte what a recording in memory would be", () => {
    const clock = new VirtualClock();
    const pieces: Uint8Array[] = [];
    const live = new LiveRecording({ interfaces: INTERFACES, write: (bytes) => pieces.push(bytes), clock });
    const whole = new Recording(INTERFACES);
    const packets = Array.from({ length: 50 }, (_, port) => packet(port));
    for (const recording of [live, whole]) {
      for (const one of packets) {
        recording.add(one);
        if ((one.atMicroseconds / 1000) % 7 === 0) recording.comment("dropped", one.packet);
        if ((one.atMicroseconds / 1000) % 11 === 0) recording.comment("of the next");
      }
    }
    live.flush();
    expect(Buffer.concat(pieces).equals(whole.bytes())).toBe(true);
  });

  test("waits a moment for what is said about a packet, and no longer", async () => {
    const clock = new VirtualClock();
    let written = "";
    const live = new LiveRecording({
      interfaces: INTERFACES,
      write: (bytes) => (written += Buffer.from(bytes).toString("latin1")),
      clock,
    });
    const one = packet(1);
    live.add(one);
    live.comment("dropped in on em1", one.packet);
    expect(written).not.toContain("dropped");
    await clock.advance(250);
    expect(written).toContain("dropped in on em1");
  });
});

test("what is said after the last packet stands beside it", () => {
  const recording = new Recording(INTERFACES);
  recording.add(packet(1));
  recording.comment("ftp-proxy/4711.1 is empty");
  expect(Buffer.from(recording.bytes()).toString("latin1")).toContain("afterwards: ftp-proxy/4711.1 is empty");
});
