/** Single values with names or units: type of service, probability, protocol, address family. */

import type { Family } from "../../packet.ts";
import { protocolNumber } from "../names/protocols.ts";
import { oneOrList } from "./list.ts";
import type { Reader } from "./reader.ts";

/** DiffServ code points and the older words, as the byte in the header (RFC 2474, RFC 1349). */
const tosNames: Readonly<Record<string, number>> = {
  af11: 0x28,
  af12: 0x30,
  af13: 0x38,
  af21: 0x48,
  af22: 0x50,
  af23: 0x58,
  af31: 0x68,
  af32: 0x70,
  af33: 0x78,
  af41: 0x88,
  af42: 0x90,
  af43: 0x98,
  critical: 0xa0,
  cs0: 0x00,
  cs1: 0x20,
  cs2: 0x40,
  cs3: 0x60,
  cs4: 0x80,
  cs5: 0xa0,
  cs6: 0xc0,
  cs7: 0xe0,
  ef: 0xb8,
  inetcontrol: 0xc0,
  lowdelay: 0x10,
  netcontrol: 0xe0,
  reliability: 0x04,
  throughput: 0x08,
};

/** `lowdelay`, `0x10`, `16`. */
export function tosValue(reader: Reader): number {
  if (reader.peek() === "number") {
    const value = reader.number();
    return value < 0 || value > 255 ? reader.fail(`illegal tos value ${value}`) : value;
  }
  const text = reader.string();
  const name = text.toLowerCase();
  if (Object.hasOwn(tosNames, name)) return tosNames[name] as number;
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

/** `inet`, `inet6`, or nothing. */
export function addressFamily(reader: Reader): Family | undefined {
  return reader.accept("inet") ? "inet" : reader.accept("inet6") ? "inet6" : undefined;
}

function protocolItem(reader: Reader): number {
  let number: number;
  if (reader.peek() === "number") {
    number = reader.number();
    if (number < 0 || number > 255) reader.fail("protocol outside range");
  } else {
    const name = reader.string();
    number = protocolNumber(name) ?? reader.fail(`unknown protocol ${name}`);
  }
  return number === 0 ? reader.fail("proto 0 cannot be used") : number;
}

/** `proto …`, if it is there. */
export function protocols(reader: Reader): number[] | undefined {
  if (!reader.accept("proto")) return undefined;
  const items: number[] = [];
  oneOrList(reader, () => items.push(protocolItem(reader)));
  return items;
}
