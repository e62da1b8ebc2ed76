/**
 * The speed of the simulated network: events of the clock, bytes through its TCP, connections, and packets between
 * record and wire form. All figures are real time on one core.
 */

import { interfacesOf, topology } from "../harness/labs/model/topology.ts";
import { record } from "../harness/labs/sim/two-hosts.fixture.ts";
import { loss } from "../harness/net/faults/loss.ts";
import { VirtualClock } from "../harness/net/time/clock.ts";
import { decode } from "../harness/net/wire/decode.ts";
import { encode } from "../harness/net/wire/encode.ts";
import { Firewall } from "../harness/pf/engine/firewall.ts";
import { parseRuleset } from "../harness/pf/language/parse.ts";
import { PROTOCOL, type TcpPacket } from "../harness/pf/packet.ts";
import { type Benchmark, rate } from "./measure.ts";

const MEGABYTE = 1_000_000;

/** One upload from client to server through the router. Answers megabytes. */
async function transfer(megabytes: number, probability: number): Promise<number> {
  const { network, client, server, inside } = topology({ seed: 1, side: "forward" });
  if (probability > 0) inside.install(loss({ probability }));
  let received = 0;
  await server.listen({ port: 20 }, (connection) => {
    connection.handle({ onData: (bytes) => (received += bytes.length) });
  });
  const connection = client.connect({ address: server.address("inet6"), port: 20 });
  connection.write(new Uint8Array(megabytes * MEGABYTE));
  await network.clock.run({ until: () => received === megabytes * MEGABYTE });
  return megabytes;
}

/** The same through PF: two states, translated on the way out. */
async function filteredTransfer(megabytes: number): Promise<number> {
  const { network, client, server, firewall } = topology({ seed: 1, side: "forward" });
  const interfaces = interfacesOf(firewall);
  const { ruleset } = parseRuleset("block all\npass in on em1\npass out on em0 inet nat-to 198.51.100.1\n", {
    interfaces,
  });
  const random = network.random.stream("pf");
  const pf = new Firewall({ interfaces, now: () => network.clock.now(), random: (below) => random.below(below) });
  pf.load("", ruleset);
  firewall.node.setFilter(pf);
  let received = 0;
  await server.listen({ port: 20 }, (connection) => {
    connection.handle({ onData: (bytes) => (received += bytes.length) });
  });
  const connection = client.connect({ address: server.address("inet"), port: 20 });
  connection.write(new Uint8Array(megabytes * MEGABYTE));
  await network.clock.run({ until: () => received === megabytes * MEGABYTE });
  return megabytes;
}

/** Connections one after the other, each with a line in both directions and an orderly end. */
async function connections(count: number): Promise<number> {
  const { network, client, server } = topology({ seed: 1, side: "forward" });
  await server.listen({ port: 21 }, (connection) => {
    const peer = record(connection, () => {
      connection.write(Buffer.from("200 \r\n"));
      peer.connection.end();
    });
  });
  for (let done = 0; done < count; done++) {
    const peer = record(client.connect({ address: server.address("inet6"), port: 21 }));
    peer.connection.write(Buffer.from("NOOP\r\n"));
    await network.clock.run({ until: () => peer.ended });
    peer.connection.end();
    await network.clock.run({ until: () => peer.closed });
  }
  return count;
}

/** Timers that set the next one. */
async function events(count: number): Promise<number> {
  const clock = new VirtualClock();
  let left = count;
  const next = (): void => {
    if (--left > 0) clock.schedule(1 + (left % 97), next);
  };
  for (let chain = 0; chain < 100; chain++) next();
  await clock.run({ until: () => left <= 0, limitEvents: count * 2 });
  return count;
}

const segment: TcpPacket = {
  family: "inet",
  source: "10.0.0.5",
  destination: "198.51.100.7",
  ttl: 64,
  tos: 0,
  dontFragment: true,
  protocol: PROTOCOL.tcp,
  sourcePort: 40_000,
  destinationPort: 21,
  flags: 0x18,
  seq: 1,
  ack: 2,
  window: 32_768,
  payload: new Uint8Array(1460),
};

const benchmark: Benchmark = async ({ quick }) => {
  const rounds = quick ? 3 : 9;
  const bytes = encode(segment);
  const packets = (count: number, one: () => unknown): number => {
    for (let index = 0; index < count; index++) one();
    return count;
  };
  return [
    await rate("events of the clock", "events/s", rounds, () => events(200_000)),
    await rate("upload through the router", "MB/s", rounds, () => transfer(10, 0)),
    await rate("upload through PF with nat-to", "MB/s", rounds, () => filteredTransfer(10)),
    await rate("upload with 1 % loss", "MB/s", rounds, () => transfer(10, 0.01)),
    await rate("connections with one exchange", "connections/s", rounds, () => connections(500)),
    await rate("encode a full segment", "packets/s", rounds, () => packets(20_000, () => encode(segment))),
    await rate("decode a full segment", "packets/s", rounds, () => packets(20_000, () => decode(bytes))),
  ];
};

export default benchmark;
