/**
 * Options that a packet must meet: flags, icmp-type, user, group, tos, probability.
 *
 * icmp-item  = type ["code" code], both by name or number: `icmp-type unreach code needfrag`
 * owner-item = id | unary id | id ("><" | "<>") id
 */

import { type Family, PROTOCOL, TCP_FLAG } from "../../packet.ts";
import type { OwnerOperator } from "../../rule.ts";
import { icmpCode, icmpType, UNREACHABLE } from "../names/icmp.ts";
import { namedNumbers } from "../names/named-numbers.ts";
import { owners, type System } from "../names/owners.ts";
import type { IcmpNode } from "../nodes.ts";
import { afterIcmpType } from "../tokens/follow.ts";
import { oneOrList, type Reader } from "../tokens/reader.ts";
import { binaryOperator, unaryOperator, unsignedLong } from "./ports.ts";

function icmpItem(reader: Reader, family: Family): IcmpNode {
  const protocol = family === "inet" ? PROTOCOL.icmp : PROTOCOL.icmp6;
  const word = family === "inet" ? "icmp" : "icmp6";
  let type: number;
  if (reader.peek() === "number") {
    type = reader.number();
    if (type < 0 || type > 255) reader.fail(`illegal ${word}-type ${type}`);
  } else {
    const name = reader.string();
    type = icmpType(name, family) ?? reader.fail(`unknown ${word}-type ${name}`);
  }
  if (!reader.accept("code")) {
    reader.followedBy(afterIcmpType);
    return { protocol, type };
  }
  if (reader.peek() === "number") {
    const code = reader.number();
    if (code < 0 || code > 255) reader.fail(`illegal icmp-code ${code}`);
    return { protocol, type, code };
  }
  const name = reader.string();
  return { protocol, type, code: icmpCode(type, name, family) ?? reader.fail(`unknown ${word}-code ${name}`) };
}

/** The rest of `icmp-type` (inet) or `icmp6-type` (inet6). */
export function icmpList(reader: Reader, family: Family): IcmpNode[] {
  const items: IcmpNode[] = [];
  oneOrList(reader, () => items.push(icmpItem(reader, family)));
  return items;
}

/** A code in `return-icmp(…)`. */
export function returnCode(reader: Reader, family: Family): number {
  if (reader.peek() === "number") {
    const code = reader.number();
    if (code < 0 || code > 255) reader.fail(`invalid icmp code ${code}`);
    return code;
  }
  const name = reader.string();
  const number = unsignedLong(name);
  if (number !== undefined && number > 255n) reader.fail(`invalid icmp code ${number}`);
  if (number !== undefined) return Number(number);
  return icmpCode(UNREACHABLE[family], name, family) ?? reader.fail(`unknown icmp code ${name}`);
}

function flagSet(reader: Reader): number {
  const text = reader.string();
  let bits = 0;
  for (const letter of text) {
    if (!Object.hasOwn(TCP_FLAG, letter)) reader.fail(`bad flags ${text}`);
    bits |= TCP_FLAG[letter as keyof typeof TCP_FLAG];
  }
  // An empty string in quotes means all.
  return bits === 0 ? 0xff : bits;
}

/** The rest of `flags S/SA`, `flags /SFRA`, `flags any`; `any` is a mask of 0. */
export function parseFlags(reader: Reader): { set: number; mask: number } {
  if (reader.accept("any")) return { set: 0, mask: 0 };
  const set = reader.accept("/") ? undefined : flagSet(reader);
  if (set === undefined) return { set: 0, mask: flagSet(reader) };
  reader.expect("/");
  return { set, mask: flagSet(reader) };
}

export type Owner = "user" | "group";

/** sys/limits.h: UID_MAX. */
const ID_MAX = 4294967295;

/** For a user or group that is not on this machine: a number that no socket has. */
const NOBODY = ID_MAX - 2;

function id(reader: Reader, owner: Owner, system: System): number | "unknown" {
  if (reader.peek() === "number") {
    const value = reader.number();
    if (value < 0 || value >= ID_MAX) reader.fail(`illegal ${owner === "user" ? "uid" : "gid"} value ${value}`);
    return value;
  }
  const name = reader.string();
  if (name === "unknown") return "unknown";
  const number = owners[system][owner].number(name) ?? (reader.absent(owner, name) ? NOBODY : undefined);
  return number ?? reader.fail(`unknown ${owner} ${name}`);
}

function ownerItem(reader: Reader, owner: Owner, system: System): OwnerOperator {
  const needsEquality = `${owner} unknown requires operator = or !=`;
  const op = unaryOperator(reader);
  const first = id(reader, owner, system);
  if (op !== undefined) {
    if (first !== "unknown") return { op, value: first };
    return op === "=" || op === "!=" ? { op, value: first } : reader.fail(needsEquality);
  }
  const between = binaryOperator(reader);
  if (between === undefined) return first === "unknown" ? { op: "=", value: first } : { op: "=", value: first };
  const second = id(reader, owner, system);
  if (first === "unknown" || second === "unknown") return reader.fail(needsEquality);
  return { op: between, from: first, to: second };
}

export function ownerList(reader: Reader, owner: Owner, system: System): OwnerOperator[] {
  const items: OwnerOperator[] = [];
  oneOrList(reader, () => items.push(ownerItem(reader, owner, system)));
  return items;
}

/** DiffServ code points and the older words, as the byte in the header (RFC 2474, RFC 1349). */
const tosNames = namedNumbers(`
  af11:0x28 af12:0x30 af13:0x38 af21:0x48 af22:0x50 af23:0x58 af31:0x68 af32:0x70 af33:0x78 af41:0x88 af42:0x90
  af43:0x98 critical:0xa0 cs0:0x00 cs1:0x20 cs2:0x40 cs3:0x60 cs4:0x80 cs5:0xa0 cs6:0xc0 cs7:0xe0 ef:0xb8
  inetcontrol:0xc0 lowdelay:0x10 netcontrol:0xe0 reliability:0x04 throughput:0x08
`);

/** `lowdelay`, `0x10`, `16`. */
export function tosValue(reader: Reader): number {
  if (reader.peek() === "number") {
    const value = reader.number();
    return value < 0 || value > 255 ? reader.fail(`illegal tos value ${value}`) : value;
  }
  const text = reader.string();
  const named =
    tosNames.number(text.toLowerCase()) ?? (reader.system === "FreeBSD" && text === "va" ? 0xb0 : undefined);
  if (named !== undefined) return named;
  const value = /^0x[0-9a-fA-F]+$/.test(text) ? Number.parseInt(text.slice(2), 16) : 256;
  return value > 255 ? reader.fail(`illegal tos value ${text}`) : value;
}

const UINT_MAX = 4294967295;

/** `20%`, `0.2`, `1`: as a fraction of 2^32, the form in which the kernel keeps it. */
export function probability(reader: Reader): number {
  let fraction: number;
  if (reader.peek() === "number") fraction = reader.number();
  else {
    const text = reader.string();
    const match = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)?(%?)$/.exec(text);
    if (match === null) return reader.fail(`invalid probability: ${text}`);
    fraction = Number(match[1] ?? 0) * (match[2] === "%" ? 0.01 : 1);
  }
  const scaled = Math.floor(fraction * UINT_MAX + 0.5);
  if (scaled < 0 || scaled > UINT_MAX)
    return reader.fail(`invalid probability: ${Number((fraction * 100).toPrecision(6))}%`);
  return (scaled === 0 ? 1 : scaled) / 2 ** 32;
}
