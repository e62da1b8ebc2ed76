/** The promises of the Host contract, whatever two users do with a connection and whatever the network does to it. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { duplicate } from "../../net/faults/duplicate.ts";
import { loss } from "../../net/faults/loss.ts";
import { reorder } from "../../net/faults/reorder.ts";
import { LINUX } from "../../net/tcp/settings.ts";
import { type Recorded, RIGHT, record, twoHosts } from "./two-hosts.fixture.ts";

type Side = "client" | "server";
type Deed = { readonly side: Side; readonly afterMs: number } & (
  | { readonly kind: "write"; readonly length: number }
  | { readonly kind: "urgent" | "pause" | "resume" | "end" | "close" | "reset" }
);

const side = fc.constantFrom<Side>("client", "server");
const afterMs = fc.constantFrom(0, 0, 1, 50, 1000, 100_000);
const write = fc.record({ side, afterMs, kind: fc.constant("write" as const), length: fc.nat(30_000) });
const other = fc.record({
  side,
  afterMs,
  kind: fc.constantFrom("urgent", "pause", "resume", "pause", "resume", "end", "close", "reset"),
}) as fc.Arbitrary<Deed>;
const deeds: fc.Arbitrary<Deed[]> = fc.array(fc.oneof<fc.Arbitrary<Deed>[]>(write, write, other), { maxLength: 25 });

/** What each side has sent: a count that goes on, so that any loss or exchange shows. */
class Sender {
  sent: number[] = [];
  urgent: number[] = [];
  #next = 0;

  bytes(length: number): Uint8Array {
    const bytes = Uint8Array.from({ length }, () => (this.#next++ * 7) & 0xff);
    this.sent.push(...bytes);
    return bytes;
  }
}

const SCRIPT = /^(connect )?(data |drain |urgent )*(end )?(drain )*(close )?$/;

describe("a connection", () => {
  it("keeps its promises whatever both sides do", async () => {
    const conditions = fc.record({
      seed: fc.nat(),
      deeds,
      receiveBuffer: fc.integer({ min: 3000, max: 100_000 }),
      bad: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(conditions, async ({ seed, deeds: script, receiveBuffer, bad }) => {
        const tcp = { ...LINUX, receiveBuffer };
        const { network, link, left, right } = twoHosts({ seed, left: { tcp }, right: { tcp } });
        if (bad) {
          link.install(loss({ probability: 0.05 }));
          link.install(reorder({ probability: 0.1, milliseconds: 2 }));
          link.install(duplicate({ probability: 0.05 }));
        }
        const peers: Partial<Record<Side, Recorded>> = {};
        const senders = { client: new Sender(), server: new Sender() };
        await right.listen({ port: 21 }, (connection) => {
          peers.server = record(connection);
        });
        peers.client = record(left.connect({ address: RIGHT.inet, port: 21 }));
        await network.clock.run({ until: () => peers.server !== undefined && peers.client?.connected === true });
        const leaving = { client: false, server: false };
        const finished = { client: false, server: false };
        for (const deed of script) {
          const { connection } = peers[deed.side]!;
          const sender = senders[deed.side];
          const gone = leaving[deed.side] || peers[deed.side]!.closed;
          switch (deed.kind) {
            case "write":
              if (!finished[deed.side] && !gone) connection.write(sender.bytes(deed.length));
              break;
            case "urgent":
              // TCP has one urgent pointer: a second one could take the place of the first.
              if (finished[deed.side] || gone || sender.urgent.length > 0) break;
              connection.writeUrgent(Uint8Array.of(1));
              sender.urgent.push(1);
              break;
            case "pause":
              connection.pause();
              break;
            case "resume":
              connection.resume();
              break;
            default:
              finished[deed.side] = true;
              if (deed.kind !== "end") leaving[deed.side] = true;
              connection[deed.kind]();
          }
          await network.clock.advance(deed.afterMs);
        }
        for (const one of ["client", "server"] as const) {
          peers[one]!.connection.resume();
          peers[one]!.connection.end();
        }
        await network.clock.advance(7_200_000);

        const quiet = !leaving.client && !leaving.server;
        for (const [one, far] of [
          ["client", "server"],
          ["server", "client"],
        ] as const) {
          const peer = peers[one]!;
          const received = [...peer.bytes];
          expect(received).toEqual(senders[far].sent.slice(0, received.length));
          expect(peer.urgent.length).toBeLessThanOrEqual(senders[far].urgent.length);
          expect(peer.events.map((event) => `${event} `).join("")).toMatch(SCRIPT);
          expect(peer.connection.pending === 0 || peer.closed || leaving[one]).toBe(true);
          if (!quiet) continue;
          expect([peer.closed, peer.error]).toEqual([true, undefined]);
          expect(received.length).toBe(senders[far].sent.length);
          expect(peer.urgent.length).toBe(senders[far].urgent.length);
        }
        // A lost RST leaves the other side waiting, as it does in life.
        if (quiet || !bad) expect([...left.tcp.connections, ...right.tcp.connections]).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });
});
