/**
 * What bpf(4) shows of the guest: the packets at each interface, and on pflog0 those that a rule logged, as pcap
 * records for tcpdump(8).
 *
 * @example
 * const stop = taps.open("pair1", 65535, (bytes) => client.write(bytes));
 */

import { addressBytes } from "../../../harness/net/wire/address.ts";
import { isTcp, isUdp, type Packet } from "../../../harness/pf/packet.ts";

export interface Logged {
  readonly direction: "in" | "out";
  readonly interface: string;
  readonly rule: { readonly path: string };
  readonly action: "pass" | "block" | "match" | "rdr" | "nat";
  readonly packet: Packet;
  readonly bytes: Uint8Array;
}

interface Tap {
  readonly interface: string;
  readonly snaplen: number;
  readonly take: (bytes: Uint8Array) => void;
}

/** pcap file format; DLT_EN10MB, DLT_PFLOG of OpenBSD's net/bpf.h. */
const MAGIC = 0xa1b2c3d4;
const EN10MB = 1;
const PFLOG = 117;
const ETHERTYPE = { inet: 0x0800, inet6: 0x86dd } as const;
/** if_pflog.h: struct pfloghdr. */
const PFLOG_HEADER = 100;
const AF = { inet: 2, inet6: 24 } as const;
/** pfvar.h: PF_PASS, PF_DROP, PF_NAT, PF_RDR, PF_MATCH. */
const ACTION = { pass: 0, block: 1, nat: 4, rdr: 8, match: 12 } as const;
const NOBODY = 0xffff_ffff;

export class Taps {
  readonly #taps = new Set<Tap>();

  /** Gives the file's head at once, then a record for each packet. */
  open(name: string, snaplen: number, take: (bytes: Uint8Array) => void): () => void {
    const tap = { interface: name, snaplen, take };
    this.#taps.add(tap);
    take(fileHead(snaplen, name.startsWith("pflog") ? PFLOG : EN10MB));
    return () => void this.#taps.delete(tap);
  }

  packet(name: string, bytes: Uint8Array): void {
    for (const tap of this.#taps) {
      if (tap.interface === name) tap.take(record(Buffer.concat([ethernet(bytes), bytes]), tap.snaplen));
    }
  }

  log(logged: Logged): void {
    for (const tap of this.#taps) {
      if (tap.interface === "pflog0") tap.take(record(Buffer.concat([pflogHeader(logged), logged.bytes]), tap.snaplen));
    }
  }
}

function fileHead(snaplen: number, link: number): Uint8Array {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(snaplen, 16);
  head.writeUInt32LE(link, 20);
  return head;
}

let lastStamp = 0;

/** Never twice the same, as on a kernel: captures of several interfaces are merged in the order of these times. */
function microseconds(): number {
  lastStamp = Math.max(lastStamp + 1, Math.floor((performance.timeOrigin + performance.now()) * 1000));
  return lastStamp;
}

function record(bytes: Uint8Array, snaplen: number): Uint8Array {
  const kept = bytes.subarray(0, snaplen);
  const head = Buffer.alloc(16);
  const stamp = microseconds();
  head.writeUInt32LE(Math.floor(stamp / 1e6), 0);
  head.writeUInt32LE(stamp % 1e6, 4);
  head.writeUInt32LE(kept.length, 8);
  head.writeUInt32LE(bytes.length, 12);
  return Buffer.concat([head, kept]);
}

/** Addresses of the wires do not matter to anybody here: they are made up. */
function ethernet(bytes: Uint8Array): Uint8Array {
  const head = Buffer.from("fee1bad00002fee1bad000010000", "hex");
  head.writeUInt16BE(ETHERTYPE[(bytes[0] ?? 0) >> 4 === 6 ? "inet6" : "inet"], 12);
  return head;
}

export function pflogHeader({ direction, interface: name, rule, action, packet }: Logged): Uint8Array {
  const head = Buffer.alloc(PFLOG_HEADER);
  const [number = "0", ...below] = rule.path.split("/");
  head.writeUInt8(PFLOG_HEADER, 0);
  head.writeUInt8(AF[packet.family], 1);
  head.writeUInt8(ACTION[action], 2);
  head.write(name, 4, 15, "latin1");
  if (below.length > 1) head.write(below[0] ?? "", 20, 15, "latin1");
  head.writeUInt32BE(Number(number), 36);
  head.writeUInt32BE(below.length === 0 ? NOBODY : Number(below.at(-1)), 40);
  for (const at of [44, 48, 52, 56]) head.writeUInt32BE(NOBODY, at);
  head.writeUInt8(direction === "in" ? 1 : 2, 60);
  head.writeUInt8(AF[packet.family], 62);
  head.set(addressBytes(packet.source), 64);
  head.set(addressBytes(packet.destination), 80);
  if (isTcp(packet) || isUdp(packet)) {
    head.writeUInt16BE(packet.sourcePort, 96);
    head.writeUInt16BE(packet.destinationPort, 98);
  }
  return head;
}
