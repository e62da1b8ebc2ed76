import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TCP_FLAG, type TcpPacket } from "../../pf/packet.ts";
import { digest, type Network, type ObservedConnection, ObservedConnections } from "./connections.ts";
import { TcpStream } from "./tcp-stream.ts";

const { F, S, R, A } = TCP_FLAG;
const EMPTY = new Uint8Array();

interface End {
  readonly address: string;
  readonly port: number;
}

/** The opener sits inside, its peer outside; the firewall translates no address, which makes no difference here. */
const OPENER: End = { address: "10.0.0.5", port: 40_000 };
const TARGET: End = { address: "198.51.100.7", port: 50_000 };

interface Segment {
  readonly from: End;
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly payload?: Uint8Array;
}

const packetOf = ({ from, flags, seq, ack, payload = EMPTY }: Segment): TcpPacket => {
  const to = from === OPENER ? TARGET : OPENER;
  return {
    ...{ family: "inet", source: from.address, destination: to.address, ttl: 64, tos: 0, protocol: 6 },
    ...{ sourcePort: from.port, destinationPort: to.port, flags, window: 65_535, payload },
    ...{ seq: seq >>> 0, ack: ack >>> 0 },
  };
};

/** A listener on both networks. */
class Wires {
  readonly connections = new ObservedConnections();
  #atMs = 0;

  see(network: Network, segment: Segment): void {
    const direction = (segment.from === OPENER) === (network === "inside") ? "in" : "out";
    this.connections.add({ kind: "packet", atMs: this.#atMs++, network, direction, packet: packetOf(segment) });
  }

  /** It crosses its sender's network and, unless the firewall drops it, the other. */
  carry(segment: Segment, passes = true): void {
    const [near, far] = segment.from === OPENER ? (["inside", "outside"] as const) : (["outside", "inside"] as const);
    this.see(near, segment);
    if (passes) this.see(far, segment);
  }

  on(network: Network): ObservedConnection[] {
    return this.connections.all.filter((one) => one.network === network);
  }
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Both networks show one closed connection for each of these contents, sent towards the opener. */
function expectWhole(wires: Wires, contents: readonly Uint8Array[]): void {
  const seen = (network: Network) => wires.on(network).map((one) => [one.state, digest(one.toOpener)]);
  const whole = contents.map((bytes) => ["closed", sha256(bytes)]);
  expect(seen("inside")).toEqual(whole);
  expect(seen("outside").map(([, sum]) => sum)).toEqual(whole.map(([, sum]) => sum));
}

describe("a connection watched on both networks", () => {
  test("begins with the SYN+ACK that passed the firewall, not with one that it dropped", () => {
    // Seen with real kernels: PF drops the answer to a doubled SYN and resets its sender, who then answers with another number.
    const wires = new Wires();
    wires.carry({ from: OPENER, flags: S, seq: 1_000, ack: 0 });
    wires.carry({ from: TARGET, flags: S | A, seq: 70_000, ack: 1_001 }, false);
    wires.see("outside", { from: OPENER, flags: R, seq: 1_001, ack: 0 });
    wires.carry({ from: OPENER, flags: S, seq: 1_000, ack: 0 });
    wires.carry({ from: TARGET, flags: S | A, seq: 90_000, ack: 1_001 });
    wires.carry({ from: OPENER, flags: A, seq: 1_001, ack: 90_001 });
    wires.carry({ from: TARGET, flags: A | F, seq: 90_001, ack: 1_001, payload: Buffer.from("file") });
    wires.carry({ from: OPENER, flags: A | F, seq: 1_001, ack: 90_006 });
    expectWhole(wires, [Buffer.from("file")]);
  });

  test("is whole on both, with segments lost, reordered, doubled and cut differently, and with ports used again", () => {
    fc.assert(
      fc.property(fc.gen(), (draw) => {
        const chance = (percent: number) => draw(fc.nat, 99) < percent;
        const wires = new Wires();
        const contents: Uint8Array[] = [];
        /** Of connections that are over. */
        const old: Segment[] = [];
        let own: Segment[] = [];
        let openers = draw(fc.nat, 0xffff_ffff);
        let targets = draw(fc.nat, 0xffff_ffff);
        const straggle = () => {
          if (old.length === 0 || !chance(30)) return;
          const late = old[draw(fc.nat, old.length - 1)];
          if (late !== undefined) wires.carry(late, chance(50));
        };
        /** At least one copy passes. */
        const send = (segment: Segment) => {
          own.push(segment);
          for (const passes of [...(chance(20) ? [chance(50)] : []), true, ...(chance(20) ? [chance(50)] : [])]) {
            straggle();
            wires.carry(segment, passes);
          }
        };
        const drop = (segment: Segment) => {
          own.push(segment);
          wires.carry(segment, false);
        };
        for (let left = 1 + draw(fc.nat, 2); left > 0; left--) {
          // Kernels take later numbers for a pair of ports that has been used before (RFC 6528).
          openers += 100_000 + draw(fc.nat, 1_000_000);
          if (chance(20)) drop({ from: OPENER, flags: S, seq: openers, ack: 0 });
          send({ from: OPENER, flags: S, seq: openers, ack: 0 });
          for (let refused = draw(fc.nat, 2); refused > 0; refused--) {
            targets += 100_000 + draw(fc.nat, 1_000_000);
            drop({ from: TARGET, flags: S | A, seq: targets, ack: openers + 1 });
            if (chance(50)) wires.see("outside", { from: OPENER, flags: R, seq: openers + 1, ack: 0 });
          }
          targets += 100_000 + draw(fc.nat, 1_000_000);
          send({ from: TARGET, flags: S | A, seq: targets, ack: openers + 1 });
          send({ from: OPENER, flags: A, seq: openers + 1, ack: targets + 1 });
          const file = draw(fc.uint8Array, { minLength: 0, maxLength: 40 });
          const part = (from: number, to: number): Segment => ({
            ...{ from: TARGET, seq: targets + 1 + from, ack: openers + 1, payload: file.subarray(from, to) },
            flags: to === file.length ? A | F : A,
          });
          const cuts = draw(() => fc.uniqueArray(fc.nat(file.length), { maxLength: 8 })).toSorted((a, b) => a - b);
          const bounds = [0, ...cuts, file.length];
          const parts = bounds.slice(1).map((to, place) => part(bounds[place] ?? 0, to));
          for (const segment of draw(() => fc.shuffledSubarray(parts, { minLength: parts.length }))) {
            // Unacknowledged bytes are sent again, in a shorter or longer segment.
            const from = draw(fc.nat, file.length);
            const to = from + draw(fc.nat, file.length - from);
            if (chance(30)) drop(part(from, to));
            send(segment);
            if (chance(30)) drop(part(from, from + draw(fc.nat, to - from)));
          }
          send({ from: OPENER, flags: A | F, seq: openers + 1, ack: targets + file.length + 2 });
          if (chance(50)) send({ from: TARGET, flags: R, seq: targets + file.length + 2, ack: 0 });
          contents.push(file);
          old.push(...own);
          own = [];
          openers += 1;
          targets += file.length + 1;
        }
        expectWhole(wires, contents);
      }),
    );
  });
});

test("a TCP stream reports which byte was urgent, also when an earlier segment comes later", () => {
  const segment = (seq: number, flags: number, text = "") =>
    packetOf({ from: OPENER, flags, seq, ack: 0, payload: Buffer.from(text, "latin1") });
  const stream = new TcpStream();
  stream.add(segment(9, S));
  stream.add({ ...segment(13, A | TCP_FLAG.U, "\xff\xf2"), urgent: 1 });
  const [first, second] = stream.add(segment(10, A, "abc"));
  expect(first?.urgentAt).toEqual([]);
  expect(second?.urgentAt).toEqual([0]);
});
