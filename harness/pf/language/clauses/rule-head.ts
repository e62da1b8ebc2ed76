/**
 * The clauses before the options, which rules of all kinds share:
 *
 * head      = ["in" | "out"] [log] ["quick"] ["on" interfaces] [family] ["proto" protocols] ends
 * interface = ["!"] (NAME | "any" | "rdomain" N)
 * log       = "log" ["(" ("all" | "matches" | "user" | "to" pflogN) … ")"]
 */

import type { Family } from "../../packet.ts";
import type { Direction, LogOptions } from "../../rule.ts";
import type { Context } from "../context.ts";
import { protocolNumber } from "../names/protocols.ts";
import type { FromTo, HostNode, InterfaceNode } from "../nodes.ts";
import type { Release } from "../releases.ts";
import { afterString } from "../tokens/follow.ts";
import { INTERFACE_NAME_SIZE, MAX_ROUTING_TABLE } from "../tokens/limits.ts";
import { oneOrList, parenthesised, type Reader } from "../tokens/reader.ts";
import { fromTo } from "./host-clause.ts";
import { numberTrouble } from "./resolve-host.ts";

/** Lists as written, undefined where the clause is absent. */
export interface Head {
  readonly interfaces: readonly InterfaceNode[] | undefined;
  readonly family: Family | undefined;
  readonly protocols: readonly number[] | undefined;
  readonly ends: FromTo;
}

/** From `on` to the ends; `beforeFamily` runs between interfaces and family. */
export function head(context: Context, beforeFamily?: () => void): Head {
  const interfaces = onInterfaces(context);
  beforeFamily?.();
  const family = addressFamily(context.reader);
  return { interfaces, family, protocols: protocols(context.reader), ends: fromTo(context) };
}

/** The family of the rule: as written, or the one that all hosts of an end have. */
export function familyOf({ family, ends }: Pick<Head, "family" | "ends">): Family | undefined {
  return family ?? commonFamily(ends.source.hosts) ?? commonFamily(ends.destination.hosts);
}

function commonFamily(hosts: readonly HostNode[] | undefined): Family | undefined {
  const family = hosts?.[0]?.family;
  return hosts?.every((node) => node.family === family) ? family : undefined;
}

export function direction(reader: Reader): Direction | undefined {
  return reader.accept("in") ? "in" : reader.accept("out") ? "out" : undefined;
}

/** `log …` and `quick`, in either order. */
export function logQuick({ reader, release }: Context): { log?: LogOptions; quick: boolean } {
  const early = reader.accept("quick");
  const log = reader.accept("log") ? logOptions(reader, release) : undefined;
  const quick = early || (log !== undefined && reader.accept("quick"));
  return log === undefined ? { quick } : { log, quick };
}

/** Plain `log` and `log (to pflog0)`, the default, both give an empty record. */
function logOptions(reader: Reader, { anyInterface, system }: Release): LogOptions {
  const log: { -readonly [K in keyof LogOptions]: LogOptions[K] } = {};
  if (!reader.accept("(")) return log;
  parenthesised(reader, () => {
    if (reader.accept("all")) log.all = true;
    else if (anyInterface && reader.accept("matches")) log.matches = true;
    else if (reader.accept("user") || (system !== "OpenBSD" && reader.accept("group"))) log.user = true;
    else {
      reader.expect("to");
      const name = reader.strings();
      reader.followedBy(afterString);
      if (!name.startsWith("pflog")) reader.fail(`${name}: should be a pflog interface`);
      const number = name.slice(5);
      const trouble = numberTrouble(number, 255);
      if (trouble !== undefined) reader.fail(`${name}: ${trouble}`);
      if (Number(number) !== 0) log.to = `pflog${Number(number)}`;
    }
  });
  return log;
}

export function interfaceItem(context: Context): InterfaceNode {
  const { reader } = context;
  if (context.release.anyInterface && reader.accept("any")) return { name: "any", negated: false };
  if (reader.accept("rdomain")) {
    const rdomain = reader.number();
    if (rdomain < 0 || rdomain > MAX_ROUTING_TABLE) reader.error(`rdomain ${rdomain} outside range`);
    return { rdomain, negated: false };
  }
  const name = reader.string();
  if (name.length >= INTERFACE_NAME_SIZE) reader.fail("interface name too long");
  context.interfacesRead = true;
  return { name, negated: false };
}

/** `on …`, if it is there. */
export function onInterfaces(context: Context): InterfaceNode[] | undefined {
  const { reader } = context;
  if (!reader.accept("on")) return undefined;
  const items: InterfaceNode[] = [];
  oneOrList(reader, () => {
    const negated = reader.accept("!");
    const item = interfaceItem(context);
    items.push(negated ? { ...item, negated } : item);
  });
  return items;
}

/** `inet`, `inet6`, or nothing. */
export function addressFamily(reader: Reader): Family | undefined {
  return reader.accept("inet") ? "inet" : reader.accept("inet6") ? "inet6" : undefined;
}

/** `proto …`, if it is there. */
export function protocols(reader: Reader): number[] | undefined {
  if (!reader.accept("proto")) return undefined;
  const items: number[] = [];
  oneOrList(reader, () => items.push(protocolItem(reader)));
  return items;
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
