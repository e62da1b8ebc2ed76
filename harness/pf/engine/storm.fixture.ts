/**
 * Random rulesets and packets for property tests: with so many matches that rules, states and
 * translations meet.
 */

import fc from "fast-check";
import { type Packet, PROTOCOL, TCP_FLAG } from "../packet.ts";
import type { Interface } from "../ruleset.ts";

export const INTERFACES: readonly Interface[] = [
  { name: "lo0", groups: ["lo"], loopback: true, addresses: [{ address: "127.0.0.1", prefix: 8 }] },
  {
    name: "em0",
    groups: ["lan"],
    addresses: [
      { address: "10.0.0.1", prefix: 24 },
      { address: "2001:db8:a::1", prefix: 64 },
    ],
  },
  {
    name: "em1",
    groups: ["egress"],
    addresses: [
      { address: "198.51.100.1", prefix: 24 },
      { address: "2001:db8:b::1", prefix: 64 },
    ],
  },
];

const hosts = ["10.0.0.2", "10.0.0.3", "198.51.100.9", "203.0.113.5", "198.51.100.1"];
const hosts6 = ["2001:db8:a::2", "2001:db8:b::9", "2001:db8:b::1"];
const ports = [20, 21, 80, 1024, 50001];

const end = fc.constantFrom("any", "10.0.0.0/24", "! 10.0.0.2", "<t>", "(egress)", "198.51.100.9", "<unknown>");
const port = fc.constantFrom("", "", " port 80", " port 20:80", " port > 1023", " port != 21");
const on = fc.constantFrom("", "", " on em0", " on egress", " on ! em1", " on any");
const tag = fc.constantFrom("", "", " tag A", " tagged A", " ! tagged A");

/** One line that always parses. */
const rule = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("pass", "match", "block", "block return"),
      fc.constantFrom("", " in", " out"),
      fc.constantFrom("", "", "", " quick"),
      on,
      fc.constantFrom(" proto tcp", " proto udp"),
      end,
      port,
      end,
      port,
      tag,
    )
    .map(
      ([action, direction, quick, where, proto, from, fromPort, to, toPort, tags]) =>
        `${action}${direction}${quick}${where}${proto} from ${from}${fromPort} to ${to}${toPort}${tags}`,
    ),
  fc.constantFrom(
    "pass",
    "block",
    "pass inet proto icmp",
    "pass in proto tcp keep state (max 2)",
    "pass proto tcp keep state (sloppy)",
    "pass no state",
    "pass in proto udp keep state (if-bound)",
    "pass in proto tcp modulate state",
    "pass in proto tcp synproxy state",
    "pass in proto tcp keep state (source-track rule, max-src-states 2)",
    "block in once",
  ),
  fc.constantFrom(
    "match out on egress inet from 10.0.0.0/24 nat-to 198.51.100.1",
    "match out on egress inet nat-to (egress)",
    "pass out inet proto tcp nat-to 198.51.100.1 port 50001:50003",
    "pass out inet proto tcp to port 80 nat-to 198.51.100.1 static-port",
    "match in inet proto tcp to port 21 rdr-to 10.0.0.3 port 20:80",
    "pass in inet proto tcp to port 80 rdr-to { 10.0.0.2 10.0.0.3 }",
    "pass in quick inet proto tcp to port 21 divert-to 127.0.0.1 port 8021",
  ),
);

const block = fc
  .tuple(fc.constantFrom("anchor", 'anchor "x"', "anchor quick", "anchor out"), fc.array(rule, { maxLength: 4 }))
  .map(([head, rules]) => `${head} {\n${rules.join("\n")}\n}`);

/** A text that always loads; children of "y" may be loaded besides. */
export const rulesetText: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 6, arbitrary: rule }, { weight: 1, arbitrary: block }, fc.constant('anchor "y/*"')), {
    minLength: 1,
    maxLength: 12,
  })
  .map((lines) => lines.map((line, index) => line.replace('anchor "x"', `anchor "x${index}"`)))
  .map((lines) => `table <t> persist { 10.0.0.0/24 !10.0.0.3 198.51.100.9 }\n${lines.join("\n")}\n`);

const { F, S, R, A, P } = TCP_FLAG;
const byte = fc.integer({ min: 0, max: 255 });

const ends = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constant("inet" as const), fc.constantFrom(...hosts), fc.constantFrom(...hosts)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant("inet6" as const), fc.constantFrom(...hosts6), fc.constantFrom(...hosts6)),
  },
);

const base = ends.map(([family, source, destination]) => ({
  family,
  source,
  destination,
  ttl: 64,
  tos: 0,
  payload: new Uint8Array(0),
}));

const tcp: fc.Arbitrary<Packet> = fc
  .tuple(
    base,
    fc.constantFrom(...ports),
    fc.constantFrom(...ports),
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(S, S | A, A, P | A, F | A, R, R | A) },
      { weight: 1, arbitrary: byte },
    ),
    fc.constantFrom(0, 1000, 1001, 5000, 5001, 0xfffffff0),
    fc.constantFrom(0, 1000, 1001, 5000, 5001, 0xfffffff0),
    fc.constantFrom(0, 1, 16384, 65535),
  )
  .map(([ip, sourcePort, destinationPort, flags, seq, ack, window]) => ({
    ...ip,
    protocol: PROTOCOL.tcp,
    sourcePort,
    destinationPort,
    flags,
    seq,
    ack,
    window,
  }));

const udp: fc.Arbitrary<Packet> = fc
  .tuple(base, fc.constantFrom(...ports), fc.constantFrom(...ports))
  .map(([ip, sourcePort, destinationPort]) => ({ ...ip, protocol: PROTOCOL.udp, sourcePort, destinationPort }));

const icmp = fc.tuple(base, byte, byte, fc.constantFrom(1, 2), fc.option(fc.oneof(tcp, udp), { nil: undefined })).map(
  ([ip, type, code, id, quoted]): Packet => ({
    ...ip,
    protocol: ip.family === "inet" ? PROTOCOL.icmp : PROTOCOL.icmp6,
    type,
    code,
    id,
    ...(quoted !== undefined && { quoted, destination: quoted.source, family: quoted.family }),
  }),
);

const odd: fc.Arbitrary<Packet> = fc
  .tuple(base, fc.constantFrom(2, 47, 50), fc.boolean())
  .map(([ip, protocol, options]) => ({
    ...ip,
    protocol,
    options,
  }));

const fragment: fc.Arbitrary<Packet> = fc
  .tuple(tcp, fc.constantFrom(0, 1480), fc.boolean())
  .map(([packet, offset, more]) => ({ ...packet, fragment: { id: 1, offset, more } }));

export interface Arrival {
  readonly direction: "in" | "out";
  readonly interface: string;
  readonly packet: Packet;
  /** Milliseconds since the one before. */
  readonly after: number;
}

export const storm: fc.Arbitrary<readonly Arrival[]> = fc.array(
  fc.record({
    direction: fc.constantFrom("in" as const, "out" as const),
    interface: fc.constantFrom("em0", "em1", "lo0"),
    packet: fc.oneof({ weight: 6, arbitrary: tcp }, { weight: 2, arbitrary: udp }, icmp, odd, fragment),
    after: fc.constantFrom(0, 0, 0, 1500, 40_000),
  }),
  { minLength: 1, maxLength: 40 },
);
