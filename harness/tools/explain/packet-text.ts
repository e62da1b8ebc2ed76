/**
 * Packets as one writes them on a command line:
 *
 *   in|out on IF [inet|inet6] tcp|udp|icmp|icmp6 SRC[:port] -> DST[:port] [flags SA] [data N] [type T] [code C] [tagged X]
 *   out on IF                                     the packet of the line before, forwarded
 *
 * IPv6 addresses with ports stand in brackets: `[2001:db8::1]:21`.
 *
 * @example
 * parsePacketText("in on em0 tcp 10.0.0.5:40000 -> 192.0.2.21:21")
 */

import { AnchorageError } from "../../contract/errors.ts";
import { addressOf } from "../../pf/engine/tables/address.ts";
import { type Family, TCP_FLAG } from "../../pf/packet.ts";
import type { Direction } from "../../pf/rule.ts";

export interface WrittenPacket {
  readonly kind: "packet";
  readonly text: string;
  readonly direction: Direction;
  readonly interface: string;
  readonly family: Family;
  readonly protocol: "tcp" | "udp" | "icmp";
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  /** Bits of TCP_FLAG. */
  readonly flags: number;
  /** Bytes of payload. */
  readonly data: number;
  readonly type: number | undefined;
  readonly code: number;
  readonly tag: string | undefined;
}

/** The packet before, on its way out. */
export interface Forwarded {
  readonly kind: "forwarded";
  readonly text: string;
  readonly direction: "out";
  readonly interface: string;
}

export class PacketTextError extends AnchorageError {
  override readonly name = "PacketTextError";
}

/** A source port where none is written: of the range that clients use. */
const SOME_PORT = 40_000;

/** Throws {@link PacketTextError}, which says what was expected. */
export function parsePacketText(text: string): WrittenPacket | Forwarded {
  const words = text
    .trim()
    .replace(/\s*->\s*/, " -> ")
    .split(/\s+/);
  const wrong = (expected: string): never => {
    throw new PacketTextError(`"${text}": expected ${expected}`);
  };
  let at = 0;
  const next = (): string | undefined => words[at++];
  const direction = next();
  if (direction !== "in" && direction !== "out") return wrong("a packet that begins with in or out");
  if (next() !== "on") return wrong(`"on" and an interface after ${direction}`);
  const on = next() ?? wrong("an interface after on");
  if (at === words.length) {
    if (direction === "out") return { kind: "forwarded", text, direction, interface: on };
    return wrong("a protocol: tcp, udp or icmp");
  }
  let word = next();
  let family: Family | undefined;
  if (word === "inet" || word === "inet6") {
    family = word;
    word = next();
  }
  if (word === "icmp6" || word === "ipv6-icmp") {
    family = "inet6";
    word = "icmp";
  }
  const protocol = word;
  if (protocol !== "tcp" && protocol !== "udp" && protocol !== "icmp") return wrong("a protocol: tcp, udp or icmp");
  const source = end(next() ?? "", wrong);
  if (next() !== "->") return wrong('"->" between source and destination');
  const destination = end(next() ?? "", wrong);
  family ??= source.family;
  if (source.family !== family || destination.family !== family) return wrong(`two ${family} addresses`);
  if (protocol !== "icmp" && destination.port === undefined) return wrong("a port on the destination");
  const found = { flags: TCP_FLAG.S as number, data: 0, type: undefined as number | undefined, code: 0 };
  let tag: string | undefined;
  for (let option = next(); option !== undefined; option = next()) {
    const value = next() ?? wrong(`a value after ${option}`);
    if (option === "flags") found.flags = flagBits(value, wrong);
    else if (option === "data" || option === "type" || option === "code")
      found[option] = numberOf(value, option, wrong);
    else if (option === "tagged") tag = value;
    else return wrong(`flags, data, type, code or tagged, not "${option}"`);
  }
  return {
    kind: "packet",
    text: text.trim(),
    direction,
    interface: on,
    family,
    protocol,
    source: source.address,
    sourcePort: source.port ?? SOME_PORT,
    destination: destination.address,
    destinationPort: destination.port ?? 0,
    ...found,
    tag,
  };
}

interface End {
  readonly address: string;
  readonly family: Family;
  readonly port: number | undefined;
}

/** `10.0.0.5:40000`, `[2001:db8::1]:21`, either without port. */
function end(text: string, wrong: (expected: string) => never): End {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  const plain = /^([^:]+)(?::(\d+))?$/.exec(text);
  const [, address = text, digits] = bracketed ?? plain ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && port > 65535) return wrong(`a port of at most 65535, not ${digits}`);
  try {
    const { family, text: canonical } = addressOf(address);
    return { address: canonical, family, port };
  } catch {
    return wrong(`an address with port, 10.0.0.5:40000 or [2001:db8::1]:40000, not "${text}"`);
  }
}

function flagBits(letters: string, wrong: (expected: string) => never): number {
  let bits = 0;
  for (const letter of letters.toUpperCase()) {
    if (!(letter in TCP_FLAG)) return wrong(`flags out of FSRPAUEW, not "${letters}"`);
    bits |= TCP_FLAG[letter as keyof typeof TCP_FLAG];
  }
  return bits;
}

function numberOf(text: string, name: string, wrong: (expected: string) => never): number {
  return /^\d{1,5}$/.test(text) ? Number(text) : wrong(`a number after ${name}, not "${text}"`);
}
