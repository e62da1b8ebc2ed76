/**
 * `user` and `group`: names or numbers, `unknown`, and the operators of ports except `a:b`.
 *
 * owner-item = id | unary id | id ("><" | "<>") id
 */

import type { OwnerOperator } from "../../rule.ts";
import type { Era } from "../eras.ts";
import { FREEBSD_PROXY, groups, users } from "../names/owners.ts";
import { oneOrList } from "../tokens/list.ts";
import type { Reader } from "../tokens/reader.ts";
import { binaryOperator, unaryOperator } from "./ports.ts";

export type Owner = "user" | "group";

/** sys/limits.h: UID_MAX. */
const ID_MAX = 4294967295;

function id(reader: Reader, owner: Owner, era: Era): number | "unknown" {
  if (reader.peek() === "number") {
    const value = reader.number();
    if (value < 0 || value >= ID_MAX) reader.fail(`illegal ${owner === "user" ? "uid" : "gid"} value ${value}`);
    return value;
  }
  const name = reader.string();
  if (name === "unknown") return "unknown";
  if (name === "proxy" && era === "rdr-anchor") return FREEBSD_PROXY;
  return (owner === "user" ? users : groups).get(name) ?? reader.fail(`unknown ${owner} ${name}`);
}

function ownerItem(reader: Reader, owner: Owner, era: Era): OwnerOperator {
  const needsEquality = `${owner} unknown requires operator = or !=`;
  const op = unaryOperator(reader);
  const first = id(reader, owner, era);
  if (op !== undefined) {
    if (first !== "unknown") return { op, value: first };
    return op === "=" || op === "!=" ? { op, value: first } : reader.fail(needsEquality);
  }
  const between = binaryOperator(reader);
  if (between === undefined) return first === "unknown" ? { op: "=", value: first } : { op: "=", value: first };
  const second = id(reader, owner, era);
  if (first === "unknown" || second === "unknown") return reader.fail(needsEquality);
  return { op: between, from: first, to: second };
}

export function ownerList(reader: Reader, owner: Owner, era: Era): OwnerOperator[] {
  const items: OwnerOperator[] = [];
  oneOrList(reader, () => items.push(ownerItem(reader, owner, era)));
  return items;
}
