import { describe, expect, it } from "vitest";
import { topology } from "../model/topology.ts";
import { passAll, RIGHT, record, twoHosts } from "./two-hosts.fixture.ts";

describe("a capture", () => {
  it("holds what an interface sent and received, at its virtual times", async () => {
    const { network, left, right, capture } = twoHosts({ link: { latencyMs: 5 } });
    await right.listen({ port: 21 }, () => {});
    const client = record(left.connect({ address: RIGHT.inet, port: 21 }));
    const start = network.clock.microseconds();
    await network.clock.run({ until: () => client.connected });
    const seen = capture.packets.map((one) => [(one.atMicroseconds - start) / 1000, one.interface, one.direction]);
    expect(seen).toEqual([
      [0, "left.em0", "out"],
      [10, "left.em0", "in"],
      [10, "left.em0", "out"],
    ]);
    expect(capture.bytes().length).toBeGreaterThan(300);
  });

  it.each(["in", "out"])("says beside a packet that the firewall dropped it on its way %s", async (dropped) => {
    const { network, client, firewall } = topology({ seed: 1, side: "forward" });
    const capture = network.capture(firewall);
    firewall.node.setFilter({
      test: (direction, at, packet, notes) => {
        const decision = passAll.test(direction, at, packet, notes);
        return direction === dropped ? { ...decision, verdict: "drop", reason: "match" } : decision;
      },
    });
    firewall.node.onDrop(({ packet, decision }) => capture.comment(`dropped: ${decision.reason}`, packet));
    capture.comment("the play begins");
    await network.clock.runUntilSettled(client.icmp.ping("198.51.100.7"));
    const seen = capture.packets.map(({ interface: at, comments }) => [at, comments]);
    expect(seen).toEqual([["firewall.em1", ["the play begins", "dropped: match"]]]);
    const file = Buffer.from(capture.bytes());
    for (const words of ["the play begins", "dropped: match", "firewall.em1"]) expect(file.includes(words)).toBe(true);
  });
});
