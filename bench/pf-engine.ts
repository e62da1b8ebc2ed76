/**
 * The firewall model's speed: packets a second without and with states over few and many rules, and what a state costs
 * in memory.
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Firewall, newNotes } from "../harness/pf/engine/firewall.ts";
import { parseRuleset } from "../harness/pf/language/parse.ts";
import { PROTOCOL, TCP_FLAG, type TcpPacket } from "../harness/pf/packet.ts";
import type { Interface } from "../harness/pf/ruleset.ts";
import { type Benchmark, type Measurement, summarise } from "./measure.ts";

const INTERFACES: readonly Interface[] = [
  { name: "em0", groups: ["lan"], addresses: [{ address: "10.0.0.1", prefix: 8 }] },
  { name: "em1", groups: ["egress"], addresses: [{ address: "198.51.100.1", prefix: 24 }] },
];
const EMPTY = new Uint8Array(0);

const benchmark: Benchmark = ({ quick }) => {
  const rounds = quick ? 3 : 7;
  const results: Measurement[] = [];
  for (const rules of [100, 10_000]) {
    const packets = quick ? 2000 : Math.floor(20_000_000 / rules / 10);
    results.push(measure(`rules ${rules}, no state`, rounds, () => stateless(rules, packets)));
    results.push(measure(`rules ${rules}, every packet makes a state`, rounds, () => creating(rules, packets)));
  }
  const count = quick ? 50_000 : 500_000;
  results.push(measure("packets of one state", rounds, () => onState(count, 1, "pass")));
  results.push(measure("packets of 10 000 states", rounds, () => onState(count, 10_000, "pass")));
  results.push(
    measure("packets of 10 000 states, translated", rounds, () =>
      onState(count, 10_000, "pass out on egress from any nat-to 198.51.100.1"),
    ),
  );
  const sizes = Array.from({ length: rounds }, () => bytesPerState(quick ? 5000 : 20_000));
  results.push(summarise("memory of a state", "bytes", sizes, "heap, with its keys; less is better"));
  return results;
};

export default benchmark;

function measure(name: string, rounds: number, run: () => number): Measurement {
  run();
  return summarise(name, "packets/s", Array.from({ length: rounds }, run));
}

function firewall(text: string): Firewall {
  let seed = 1;
  const made = new Firewall({
    interfaces: INTERFACES,
    now: () => 1_000_000,
    random: (below) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    },
  });
  made.load("", parseRuleset(`set limit states 2000000\n${text}\n`, { interfaces: INTERFACES }).ruleset);
  return made;
}

/** Rules of which none but the last matches, and no two neighbours agree: nothing can be skipped. */
const wall = (rules: number, last: string): string =>
  [
    ...Array.from({ length: rules - 1 }, (_, i) => {
      const port = 1 + (i % 60000);
      return `block in proto ${i % 2 === 0 ? "tcp" : "udp"} from 192.0.2.${i % 250} to any port ${port}`;
    }),
    last,
  ].join("\n");

function syn(number: number): TcpPacket {
  return {
    family: "inet",
    source: `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
    destination: "203.0.113.9",
    ttl: 64,
    tos: 0,
    protocol: PROTOCOL.tcp,
    sourcePort: 1024 + (number % 50000),
    destinationPort: 80,
    flags: TCP_FLAG.S,
    seq: 1000,
    ack: 0,
    window: 16384,
    payload: EMPTY,
  };
}

function perSecond(count: number, run: () => void): number {
  const start = process.hrtime.bigint();
  run();
  return count / (Number(process.hrtime.bigint() - start) / 1e9);
}

function stateless(rules: number, packets: number): number {
  const made = firewall(wall(rules, "pass in no state"));
  const packet = syn(1);
  return perSecond(packets, () => {
    for (let i = 0; i < packets; i++) made.test("in", "em0", packet, newNotes());
  });
}

function creating(rules: number, packets: number): number {
  const made = firewall(wall(rules, "pass in"));
  const storm = Array.from({ length: packets }, (_, i) => syn(i + 1));
  return perSecond(packets, () => {
    for (const packet of storm) made.test("in", "em0", packet, newNotes());
  });
}

/** Data in both directions over established connections, tested as packets on their way out and back in. */
function onState(count: number, states: number, rule: string): number {
  const made = firewall(rule);
  const forward: TcpPacket[] = [];
  const backward: TcpPacket[] = [];
  for (let i = 0; i < states; i++) {
    const first = syn(i + 1);
    const decision = made.test("out", "em1", first, newNotes());
    if (decision.verdict !== "pass") throw new Error("the first packet was dropped");
    const sent = decision.packet as TcpPacket;
    const reply: TcpPacket = {
      ...sent,
      source: sent.destination,
      destination: sent.source,
      sourcePort: sent.destinationPort,
      destinationPort: sent.sourcePort,
      flags: TCP_FLAG.S | TCP_FLAG.A,
      seq: 5000,
      ack: 1001,
    };
    made.test("in", "em1", reply, newNotes());
    forward.push({ ...first, flags: TCP_FLAG.A, seq: 1001, ack: 5001 });
    backward.push({ ...reply, flags: TCP_FLAG.A, seq: 5001, ack: 1001 });
  }
  return perSecond(count, () => {
    for (let i = 0; i < count; i += 2) {
      const at = (i >> 1) % states;
      made.test("out", "em1", forward[at] as TcpPacket, newNotes());
      made.test("in", "em1", backward[at] as TcpPacket, newNotes());
    }
  });
}

function bytesPerState(states: number): number {
  const made = firewall("pass in");
  // Only a collected heap says what is held.
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < states; i++) made.test("in", "em0", syn(i + 1), newNotes());
  collect();
  const used = process.memoryUsage().heapUsed - before;
  if (made.states().length !== states) throw new Error("states are missing");
  return used / states;
}
