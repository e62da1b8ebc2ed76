/**
 * `binat-to`: one text rule is two kernel rules, nat-to on the way out and rdr-to on the way in.
 *
 * `match on em0 from 10.0.0.1 to any binat-to 192.0.2.9` gives `match out on em0 … nat-to 192.0.2.9 static-port` and
 * `match in on em0 from any to 192.0.2.9 rdr-to 10.0.0.1`.
 */

import type { Family } from "../packet.ts";
import type { AddressSpec } from "../rule.ts";
import type { Context } from "./context.ts";
import type { Draft } from "./draft.ts";
import type { Translations } from "./expand.ts";
import type { HostNode, IcmpNode, InterfaceNode, Lists, PoolNode } from "./nodes.ts";
import { type Collapsed, severalAddresses } from "./pools.ts";

/** pfctl looks at the 32 or 128 bits of the mask, and in a table's record the later letters of its name lie there. */
function maskIsZero(spec: AddressSpec, prefix: number, family: Family | undefined): boolean {
  if (family === undefined) return false;
  return spec.kind === "table" ? spec.name.length <= 16 : prefix === 0;
}

/** `family` is the rule's before its addresses had a say. False, with errors reported, if the parts do not fit. */
export function checkBinat(
  context: Context,
  draft: Draft,
  family: Family | undefined,
  source: HostNode,
  nat: Collapsed | undefined,
): boolean {
  const { reader } = context;
  const errors = reader.errors.length;
  const from = source.spec;
  const target = nat?.address;
  const definite = (spec: AddressSpec | undefined) =>
    spec?.kind === "any" || spec?.kind === "network" || spec?.kind === "dynamic";
  if (from.kind === "table") {
    reader.error(`invalid use of table <${from.name}> as the source address of a binat-to rule`);
  } else if (from.kind === "dynamic" && severalAddresses(from)) {
    reader.error(`invalid use of interface (${from.interface}) as the source address of a binat-to rule`);
  } else if (!definite(from) || !definite(target)) {
    reader.error("binat-to requires a specified source and redirect address");
  }
  if (severalAddresses(from) || (target && severalAddresses(target))) {
    reader.error("dynamic interfaces must be used with :0 in a binat-to rule");
  }
  const targetBits = nat?.node?.prefix ?? 0;
  if (maskIsZero(from, source.prefix, family) || (target && maskIsZero(target, targetBits, family))) {
    reader.error("source and redir addresess must have a matching network mask in binat-rule");
  }
  if (target?.kind === "table") reader.error("tables cannot be used as the redirect address of a binat-to rule");
  if (draft.direction !== undefined) reader.error("binat-to cannot be specified with a direction");
  return reader.errors.length === errors;
}

interface Twin {
  readonly draft: Draft;
  readonly lists: Lists;
  readonly translations: Translations;
}

/** The way in: source and destination change places, the source's address becomes the target. */
export function binatTwin(
  draft: Draft,
  each: {
    readonly on: InterfaceNode;
    readonly protocol: number | undefined;
    readonly icmp: IcmpNode | undefined;
    readonly source: HostNode;
    readonly destination: HostNode;
  },
  nat: PoolNode,
  target: AddressSpec | undefined,
): Twin {
  const spec = target ?? { kind: "any" };
  const prefix = spec.kind === "network" ? spec.prefix : spec.kind === "any" ? 0 : 128;
  const outside: HostNode = { spec, prefix, negated: false, scope: 0, weight: 0 };
  const { source, destination, user, group, receivedOn, os } = draft;
  const { ports: _, ...pool } = nat;
  return {
    draft: { ...draft, direction: "in" },
    lists: {
      interfaces: [each.on],
      ...(each.protocol !== undefined && { protocols: [each.protocol] }),
      ...(each.icmp && { icmp: [each.icmp] }),
      ends: {
        source: { hosts: [each.destination], ...(destination.port && { ports: [destination.port] }) },
        destination: { hosts: [outside], ...(source.port && { ports: [source.port] }) },
        ...(os !== undefined && { os: [os] }),
      },
      ...(user && { users: [user] }),
      ...(group && { groups: [group] }),
      ...(receivedOn && { receivedOn }),
    },
    translations: { rdr: { ...pool, hosts: [each.source], binat: false, staticPort: false } },
  };
}
