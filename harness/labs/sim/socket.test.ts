/** The promises of the Host contract, whatever two users do with a connection and whatever the network does to it. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { duplicate } from "../../net/faults/duplicate.ts";
import { loss } from "../../net/faults/loss.ts";
import { reorder } from "../../net/faults/reorder.ts";
import { LINUX } from "../../net/tcp/settings.ts";
import { connected, twoHosts } from "./two-hosts.fixture.ts";

type Peer = "client" | "server";
type Deed = { readonly peer: Peer; readonly afterMs: number } & (
  | { readonly kind: "write"; readonly length: number }
  | { readonly kind: "urgent" | "pause" | "resume" | "end" | "close" | "reset" }
);

const peer = fc.constantFrom<Peer>("client", "server");
const afterMs = fc.constantFrom(0, 0, 1, 50, 1000, 100_000);
const write = fc.record({ peer, afterMs, kind: fc.constant("write" as const), length: fc.nat(30_000) });
const other = fc.record({
  peer,
  afterMs,
  kind: fc.constantFrom("urgent", "pause", "resume", "pause", "resume", "end", "close", "reset"),
}) as fc.Arbitrary<Deed>;
const deeds: fc.Arbitrary<Deed[]> = fc.array(fc.oneof<fc.Arbitrary<Deed>[]>(write, write, other), { maxLength: 25 });

/** The bytes that each peer sends: a count that goes on, so that any loss or exchange shows. */
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
  it("keeps its promises whatever both peers do", async () => {
    const conditions = fc.record({
      seed: fc.nat(),
      deeds,
      receiveBuffer: fc.integer({ min: 3000, max: 100_000 }),
      bad: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(conditions, async ({ seed, deeds: script, receiveBuffer, bad }) => {
        const tcp = { ...LINUX, receiveBuffer };
        const hosts = twoHosts({ seed, left: { tcp }, right: { tcp } });
        const { network, link, left, right } = hosts;
        if (bad) {
          link.install(loss({ probability: 0.05 }));
          link.install(reorder({ probability: 0.1, milliseconds: 2 }));
          link.install(duplicate({ probability: 0.05 }));
        }
        const senders = { client: new Sender(), server: new Sender() };
        const peers = await connected(hosts);
        const leaving = { client: false, server: false };
        const finished = { client: false, server: false };
        for (const deed of script) {
          const { connection } = peers[deed.peer];
          const sender = senders[deed.peer];
          const gone = leaving[deed.peer] || peers[deed.peer].closed;
          switch (deed.kind) {
            case "write":
              if (!finished[deed.peer] && !gone) connection.write(sender.bytes(deed.length));
              break;
            case "urgent":
              // TCP has one urgent pointer: a second one could take the place of the first.
              if (finished[deed.peer] || gone || sender.urgent.length > 0) break;
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
              finished[deed.peer] = true;
              if (deed.kind !== "end") leaving[deed.peer] = true;
              connection[deed.kind]();
          }
          await network.clock.advance(deed.afterMs);
        }
        for (const one of ["client", "server"] as const) {
          peers[one].connection.resume();
          peers[one].connection.end();
        }
        await network.clock.advance(7_200_000);

        const quiet = !leaving.client && !leaving.server;
        for (const [one, far] of [
          ["client", "server"],
          ["server", "client"],
        ] as const) {
          const end = peers[one];
          const received = [...end.bytes];
          expect(received).toEqual(senders[far].sent.slice(0, received.length));
          expect(end.urgent.length).toBeLessThanOrEqual(senders[far].urgent.length);
          expect(end.events.map((event) => `${event} `).join("")).toMatch(SCRIPT);
          expect(end.connection.pending === 0 || end.closed || leaving[one]).toBe(true);
          if (!quiet) continue;
          expect([end.closed, end.error]).toEqual([true, undefined]);
          expect(received.length).toBe(senders[far].sent.length);
          expect(end.urgent.length).toBe(senders[far].urgent.length);
        }
        // A lost RST leaves the other peer waiting, as with real hosts.
        if (quiet || !bad) expect([...left.tcp.connections, ...right.tcp.connections]).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });
});
