/** The observation of a guest: pcap streams, link layers, pflog, logged rules, captures, syslog, states, directions. */

import { readFile } from "node:fs/promises";

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Process } from "../../../proxy/host.ts";
import type { AgentHost } from "../../agent/runner/agent-host.ts";
import { realClock } from "../../agent/runner/real-clock.ts";
import { arbitraryPacket } from "../../net/wire/arbitrary-packet.fixture.ts";
import { decode } from "../../net/wire/decode.ts";
import { encode } from "../../net/wire/encode.ts";
import { stateNames } from "./anchor-watch.ts";
import { sideOf, startCaptures } from "./captures.ts";
import { syslogLine } from "./guest.ts";
import { openbsdGuest } from "./guest-system.ts";
import { ipBytes, LINK_TYPE, type PflogEntry, pflogEntry, reasonName } from "./link-layer.ts";
import { numbered, positionOf } from "./logged-rule.ts";
import { PcapError, PcapStream } from "./pcap-stream.ts";

interface Made {
  readonly seconds: number;
  readonly fraction: number;
  readonly bytes: Uint8Array;
}

function pcap(records: readonly Made[], little: boolean, magic: number, linkType: number): Buffer {
  const u32 = (...values: number[]) => {
    const view = new DataView(new ArrayBuffer(4 * values.length));
    values.forEach((value, place) => {
      view.setUint32(4 * place, value, little);
    });
    return Buffer.from(view.buffer);
  };
  const pieces = records.flatMap(({ seconds, fraction, bytes }) => [
    u32(seconds, fraction, bytes.length, bytes.length),
    Buffer.from(bytes),
  ]);
  return Buffer.concat([u32(magic, 0x0002_0004, 0, 0, 2_048, linkType), ...pieces]);
}

const record = fc.record({
  seconds: fc.nat(2_000_000_000),
  fraction: fc.nat(999_999),
  bytes: fc.uint8Array({ maxLength: 200 }),
});

describe("a pcap stream", () => {
  test("gives its packets back, whatever its byte order and however the pipe cuts it", () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 60 }));
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 6 }),
        fc.boolean(),
        fc.boolean(),
        cuts,
        (records, little, nano, sizes) => {
          const file = pcap(records, little, nano ? 0xa1b23c4d : 0xa1b2c3d4, LINK_TYPE.ethernet);
          const stream = new PcapStream();
          const found = [];
          let at = 0;
          for (const size of [...sizes, file.length]) {
            found.push(...stream.add(file.subarray(at, at + size)));
            at += size;
          }
          expect(found).toEqual(
            records.map(({ seconds, fraction, bytes }) => ({
              atMicroseconds: seconds * 1_000_000 + fraction / (nano ? 1_000 : 1),
              linkType: LINK_TYPE.ethernet,
              bytes,
            })),
          );
        },
      ),
    );
  });

  test("is refused when it is none", () => {
    expect(() => new PcapStream().add(Buffer.from("tcpdump: vport1: Device not configured"))).toThrow(PcapError);
  });
});

/** struct pfloghdr as OpenBSD 7.8 writes it: 100 bytes. */
function pflogFrame(entry: { action: number; rule: number; subrule: number; ruleset: string; length: number }): Buffer {
  const header = Buffer.alloc(Math.ceil(entry.length / 4) * 4);
  header[0] = entry.length;
  header[1] = 2;
  header[2] = entry.action;
  header.write("vport1", 4);
  header.write(entry.ruleset, 20);
  header.writeUInt32BE(entry.rule, 36);
  header.writeUInt32BE(entry.subrule, 40);
  header[60] = 1;
  return header;
}

describe("a frame", () => {
  test("is read below any link layer that a BSD or a Linux gives it", () => {
    fc.assert(
      fc.property(arbitraryPacket, (packet) => {
        const ip = encode(packet);
        const type = packet.family === "inet" ? [0x08, 0x00] : [0x86, 0xdd];
        const ethernet = Uint8Array.from([...new Array(12).fill(2), ...type, ...ip]);
        const loop = Uint8Array.from([0, 0, 0, packet.family === "inet" ? 2 : 24, ...ip]);
        const frames: readonly (readonly [number, Uint8Array])[] = [
          [LINK_TYPE.ethernet, ethernet],
          [LINK_TYPE.raw, ip],
          [LINK_TYPE.openbsdRaw, ip],
          [LINK_TYPE.openbsdLoop, loop],
          [LINK_TYPE.null, loop],
          [LINK_TYPE.loop, loop],
        ];
        for (const [linkType, frame] of frames) expect([...(ipBytes(linkType, frame) ?? [])]).toEqual([...ip]);
      }),
    );
  });

  test("that carries no IP is none of ours", () => {
    const arp = Uint8Array.from([...new Array(12).fill(2), 0x08, 0x06, ...new Array(28).fill(0)]);
    expect(ipBytes(LINK_TYPE.ethernet, arp)).toBeUndefined();
    expect(ipBytes(LINK_TYPE.pflog, arp)).toBeUndefined();
    expect(ipBytes(LINK_TYPE.ethernet, new Uint8Array(3))).toBeUndefined();
  });

  test.each([
    ["OpenBSD's", 100],
    ["FreeBSD's", 61],
  ])("of pflog tells what %s PF did, and the packet behind it", (_, length) => {
    const ip = Buffer.from(
      "450000280001000040060000c6336407c6336401001400160000000000000000500210000000 0000".replace(" ", ""),
      "hex",
    );
    const frame = Buffer.concat([pflogFrame({ action: 1, rule: 7, subrule: 0xffff_ffff, ruleset: "", length }), ip]);
    const entry = pflogEntry(new Uint8Array(frame));
    expect(entry).toMatchObject({ action: "block", interface: "vport1", rule: 7, subrule: undefined, direction: "in" });
    expect(decode(entry?.packet ?? new Uint8Array(0))).toMatchObject({ ok: true, packet: { destinationPort: 22 } });
    const inner = pflogFrame({ action: 0, rule: 3, subrule: 1, ruleset: "4711.12", length });
    expect(pflogEntry(new Uint8Array(inner))).toMatchObject({
      action: "pass",
      rule: 3,
      subrule: 1,
      ruleset: "4711.12",
    });
    expect(pflogEntry(new Uint8Array(inner.subarray(0, 40)))).toBeUndefined();
  });

  test("was dropped for a reason in pfctl's words", () => {
    expect([reasonName(0), reasonName(10), reasonName(12), reasonName(99)]).toEqual([
      ...["match", "state-mismatch", "state-limit", "reason 99"],
    ]);
  });
});

test("a line of syslog is the proxy's text, whichever date it has", () => {
  const expected = { program: "ftp-proxy", pid: 4711, text: "#1 client reset connection" };
  expect(syslogLine("Nov 23 09:00:00 fw ftp-proxy[4711]: #1 client reset connection")).toEqual(expected);
  expect(syslogLine("2026-11-23T09:00:00.000Z fw ftp-proxy[4711]: #1 client reset connection")).toEqual(expected);
  expect(syslogLine("Nov 23 09:00:00 fw ftp-proxy[4711]: #1 client: PASV^M")?.text).toBe("#1 client: PASV\\r\\n");
  expect(syslogLine("Nov  3 09:00:00 fw last message repeated 2 times")).toBeUndefined();
  expect(syslogLine("Nov 23 09:00:00 fw /bsd: arp: attempt to add entry")).toMatchObject({ program: "/bsd" });
});

test("states are told apart by their ends, not by how far they are", () => {
  const text = [
    "all tcp 198.51.100.7:21 <- 10.0.0.5:40001       ESTABLISHED:ESTABLISHED",
    "all tcp 198.51.100.1:61200 (10.0.0.5:40002) -> 198.51.100.7:50555       SYN_SENT:CLOSED",
    "",
  ].join("\n");
  expect(stateNames(text)).toEqual([
    "all tcp 198.51.100.7:21 <- 10.0.0.5:40001",
    "all tcp 198.51.100.1:61200 (10.0.0.5:40002) -> 198.51.100.7:50555",
  ]);
});

test.each([
  ["10.0.0.5", "198.51.100.7", "inside", "in"],
  ["198.51.100.7", "10.0.0.5", "inside", "out"],
  ["198.51.100.1", "198.51.100.7", "outside", "out"],
  ["198.51.100.7", "198.51.100.1", "outside", "in"],
  ["2001:db8:1::5", "2001:db8:2::7", "outside", "out"],
  ["2001:db8:2::7", "2001:db8:1::5", "outside", "in"],
  ["10.0.0.5", "10.0.0.66", "inside", undefined],
] as const)("a packet from %s to %s on the network %s goes %s", (source, destination, network, side) => {
  expect(sideOf({ source, destination } as Parameters<typeof sideOf>[0], network)).toBe(side);
});

const PF_CONF = await readFile(new URL("../../../vm/pf/divert-to/forward.conf", import.meta.url), "utf8");
/** Printed by an OpenBSD 7.8 kernel's pfctl -sr of that file. */
const PRINTED = `anchor "ftp-proxy/*" all
match out on vport0 inet from 10.0.0.0/24 to any nat-to (vport0:0)
block drop log all
pass in quick on vport1 inet proto tcp from 10.0.0.0/24 to any port = 21 flags S/SA divert-to 127.0.0.1 port 8021
pass in quick on vport1 inet6 proto tcp from 2001:db8:1::/64 to any port = 21 flags S/SA divert-to ::1 port 8021
pass out on vport0 inet proto tcp from (vport0) to any port = 21 flags S/SA
pass out on vport0 inet6 proto tcp from (vport0) to any port = 21 flags S/SA
pass inet6 proto ipv6-icmp all
`;
const entry: PflogEntry = {
  action: "block",
  reason: 0,
  interface: "vport0",
  ruleset: "",
  rule: 2,
  subrule: undefined,
  direction: "in",
  packet: new Uint8Array(0),
};
const nobody = () => [];

describe("the rule that pflog tells the number of", () => {
  test("is the one that pfctl prints, at its line of pf.conf", () => {
    const line = PF_CONF.split("\n").indexOf("block log all") + 1;
    const main = numbered(PRINTED, PF_CONF, "divert-to");
    expect(positionOf(entry, main, nobody)).toEqual({ path: "2", text: "block drop log all", line });
  });

  test("has no line where pf.conf gives another number of rules", () => {
    const main = numbered(PRINTED, `${PF_CONF}\npass on lo0\n`, "divert-to");
    expect(main).toContainEqual({ text: "block drop log all", line: undefined });
    expect(positionOf(entry, main, nobody)).toBeUndefined();
  });

  test("in an anchor is the anchor's", () => {
    const full = { ...entry, reason: 12, rule: 0, ruleset: "4711.1", subrule: 1 };
    const rules = (anchor: string) => (anchor === "4711.1" ? ["pass in quick", "pass out quick"] : []);
    expect(positionOf(full, [], rules)).toEqual({ path: "0/4711.1/1", text: "pass out quick", line: 2 });
  });
});

/** A firewall on which tcpdump listens until it is killed or its interface goes. */
function firewall() {
  const endings = new Map<string, (status: number) => void>();
  const tools = {
    clock: realClock,
    async spawn(_: string, args: readonly string[]): Promise<Process> {
      const name = args.at(-1) ?? "";
      return {
        exited: new Promise((resolve) => endings.set(name, resolve)),
        kill: () => endings.get(name)?.(143),
        onOutput: (tell: (stream: "stdout" | "stderr", bytes: Uint8Array) => void) =>
          tell("stderr", Buffer.from(`tcpdump: listening on ${name}, link-type EN10MB\n`)),
      } as unknown as Process;
    },
  } as unknown as AgentHost;
  const ended: string[] = [];
  const start = () => startCaptures({ tools, system: openbsdGuest, tell() {}, onEnd: (why) => void ended.push(why) });
  return { start, endings, ended };
}

test("a capture that ends by itself is told: nothing that crosses its wire would be judged any more", async () => {
  const { start, endings, ended } = firewall();
  await start();
  endings.get("vport1")?.(1);
  await expect.poll(() => ended).toEqual(["tcpdump -i vport1: ended with status 1"]);
});

test("captures are stopped before their interfaces go, and nobody is alarmed", async () => {
  const { start, endings, ended } = firewall();
  await (await start()).stop();
  await (await start()).stop();
  expect([...endings.keys()]).toEqual(["vport0", "vport1", "pflog0"]);
  expect(ended).toEqual([]);
});
