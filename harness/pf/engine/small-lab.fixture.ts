/**
 * A firewall between an inner and an outer network, for tests: short words for its rules and packets.
 */

import type { Decision, PacketNotes } from "../decision.ts";
import type { Era } from "../language/eras.ts";
import { parseRuleset } from "../language/parse.ts";
import { type Packet, PROTOCOL, TCP_FLAG, type TcpPacket, type UdpPacket } from "../packet.ts";
import { Firewall, newNotes } from "./firewall.ts";
import { INTERFACES } from "./storm.fixture.ts";

const EMPTY = new Uint8Array(0);

export class SmallLab {
  ms = 1_000_000;
  readonly firewall: Firewall;
  readonly #era: Era;

  constructor(text: string, era: Era = "divert-to") {
    let seed = 11;
    this.#era = era;
    this.firewall = new Firewall({
      interfaces: INTERFACES,
      now: () => this.ms,
      random: (below) => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return Math.floor((seed / 2 ** 32) * below);
      },
    });
    this.load("", text);
  }

  load(anchor: string, text: string): void {
    const { ruleset, accepted, stderr } = parseRuleset(text, {
      interfaces: INTERFACES,
      anchor,
      era: this.#era,
    });
    if (!accepted) throw new Error(stderr.join("; "));
    this.firewall.load(anchor, ruleset);
  }

  later(seconds: number): void {
    this.ms += seconds * 1000;
    this.firewall.purge();
  }

  in(packet: Packet, on = "em0", notes: PacketNotes = newNotes()): Decision {
    return this.firewall.test("in", on, packet, notes);
  }

  out(packet: Packet, on = "em1", notes: PacketNotes = newNotes()): Decision {
    return this.firewall.test("out", on, packet, notes);
  }

  /** Through the firewall: the packet as it leaves, or the test that stopped it. */
  through(packet: Packet, from: "em0" | "em1" = "em0"): Packet | "dropped in" | "dropped out" {
    const notes = newNotes();
    const first = this.in(packet, from, notes);
    if (first.verdict === "drop") return "dropped in";
    const second = this.out(first.packet, from === "em0" ? "em1" : "em0", notes);
    return second.verdict === "drop" ? "dropped out" : second.packet;
  }
}

/** `tcp("10.0.0.2:1024", "203.0.113.9:80", "S")` */
export function tcp(from: string, to: string, letters = "S", fields: Partial<TcpPacket> = {}): TcpPacket {
  const [source, sourcePort] = split(from);
  const [destination, destinationPort] = split(to);
  const flags = [...letters].reduce((sum, letter) => sum | TCP_FLAG[letter as keyof typeof TCP_FLAG], 0);
  return {
    family: "inet",
    source,
    destination,
    sourcePort,
    destinationPort,
    ttl: 64,
    tos: 0,
    protocol: PROTOCOL.tcp,
    flags,
    seq: 1000,
    ack: letters.includes("A") ? 5001 : 0,
    window: 16384,
    payload: EMPTY,
    ...fields,
  };
}

export function udp(from: string, to: string): UdpPacket {
  const [source, sourcePort] = split(from);
  const [destination, destinationPort] = split(to);
  const ends = { source, destination, sourcePort, destinationPort };
  return { family: "inet", ...ends, ttl: 64, tos: 0, protocol: PROTOCOL.udp, payload: EMPTY };
}

/** The same ends the other way. */
export function answer(packet: TcpPacket, letters: string, fields: Partial<TcpPacket> = {}): TcpPacket {
  const back = tcp(`${packet.destination}:${packet.destinationPort}`, `${packet.source}:${packet.sourcePort}`, letters);
  return { ...back, seq: 5000, ack: (packet.seq + 1) >>> 0, ...fields };
}

function split(text: string): readonly [string, number] {
  const at = text.lastIndexOf(":");
  return [text.slice(0, at), Number(text.slice(at + 1))];
}
