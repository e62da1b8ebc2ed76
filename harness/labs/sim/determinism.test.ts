import { describe, expect, it } from "vitest";
import { duplicate } from "../../net/faults/duplicate.ts";
import { loss } from "../../net/faults/loss.ts";
import { reorder } from "../../net/faults/reorder.ts";
import { jitter } from "../../net/faults/test-faults.fixture.ts";
import { FIREWALL, topology } from "../model/topology.ts";
import { record } from "./two-hosts.fixture.ts";

/** A control connection that answers in promises, and three transfers at once over a bad network. */
async function play(seed: number): Promise<{ capture: Uint8Array; endMs: number; events: number }> {
  const { network, inside, outside, client, firewall, server } = topology({ seed, side: "forward" });
  server.node.routes.add({ prefix: "10.0.0.0/24", interface: "em0", gateway: FIREWALL.outside.inet });
  for (const link of [inside, outside]) {
    link.install(loss({ probability: 0.03 }));
    link.install(reorder({ probability: 0.1, milliseconds: 3 }));
    link.install(duplicate({ probability: 0.05 }));
    link.install(jitter({ milliseconds: 0.2 }));
  }
  const capture = network.capture(firewall, client, server);
  await server.listen({ port: 21 }, (connection) => {
    record(connection, async (bytes) => {
      await Promise.resolve();
      const { stdout } = await server.run("answer", [Buffer.from(bytes).toString()]);
      connection.write(Buffer.from(stdout));
    });
  });
  server.install("answer", ({ args, write }) => {
    write("stdout", `200 ${server.random.below(1000)} ${args[0]}`);
    return 0;
  });
  await server.listen({ port: 20 }, (connection) => {
    record(connection);
    connection.write(new Uint8Array(50_000).fill(1));
    connection.close();
  });
  const control = record(client.connect({ address: "2001:db8:2::7", port: 21 }));
  control.connection.write(Buffer.from("NOOP\r\n"));
  const data = [1, 2, 3].map(() => record(client.connect({ address: "198.51.100.7", port: 20 })));
  for (const { connection } of data) connection.end();
  const done = (): boolean => control.text.endsWith("\r\n") && data.every(({ closed }) => closed);
  await network.clock.run({ until: done, limitMs: 600_000, limitEvents: 100_000 });
  return { capture: capture.bytes(), endMs: network.clock.now(), events: network.clock.events };
}

describe("a run", () => {
  it("is the same byte for byte when the seed is the same, faults and all", async () => {
    const [first, second, other] = [await play(42), await play(42), await play(43)];
    expect(Buffer.compare(first.capture, second.capture)).toBe(0);
    expect([first.endMs, first.events]).toEqual([second.endMs, second.events]);
    expect(Buffer.compare(first.capture, other.capture)).not.toBe(0);
    expect(first.capture.length).toBeGreaterThan(200_000);
  });
});
