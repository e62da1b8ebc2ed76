/**
 * `on` and `received-on`: interfaces, groups, `any`, routing domains.
 *
 * interface = ["!"] (NAME | "any" | "rdomain" N)
 */

import type { Context } from "../context.ts";
import { INTERFACE_NAME_SIZE, MAX_ROUTING_TABLE } from "../tokens/limits.ts";
import { oneOrList } from "../tokens/list.ts";
import type { InterfaceNode } from "./nodes.ts";

export function interfaceItem(context: Context): InterfaceNode {
  const { reader } = context;
  if (reader.accept("any")) return { name: "any", negated: false };
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
