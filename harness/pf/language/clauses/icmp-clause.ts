/**
 * `icmp-type`, `icmp6-type` and the codes of `return-icmp`.
 *
 * icmp-item = type ["code" code], both by name or number: `icmp-type unreach code needfrag`
 */

import type { Family } from "../../packet.ts";
import { PROTOCOL } from "../../packet.ts";
import { icmpCode, icmpType, UNREACHABLE } from "../names/icmp.ts";
import { afterIcmpType } from "../tokens/follow.ts";
import { oneOrList } from "../tokens/list.ts";
import type { Reader } from "../tokens/reader.ts";
import type { IcmpNode } from "./nodes.ts";
import { unsignedLong } from "./ports.ts";

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

/** What follows `icmp-type` (inet) or `icmp6-type` (inet6). */
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
