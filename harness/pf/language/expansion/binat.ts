/**
 * `binat-to`: one text rule is two kernel rules, nat-to on the way out and rdr-to on the way in.
 *
 * `match on em0 from 10.0.0.1 to any binat-to 192.0.2.9` gives `match out on em0 … nat-to 192.0.2.9 static-port` and
 * `match in on em0 from any to 192.0.2.9 rdr-to 10.0.0.1`.
 */

import type { Family } from "../../packet.ts";
import type { AddressSpec } from "../../rule.ts";
import type { Context } from "../context.ts";
import type { HostNode, PoolNode } from "../nodes.ts";
import type { Axes } from "./axes.ts";
import type { Draft } from "./draft.ts";
import { type Collapsed, severalAddresses } from "./pools.ts";

/**
 * pfctl looks at the 32 or 128 bits of the mask. A name lies in the same memory, with its letters from the 17th there.
 */
function maskIsZero(spec: AddressSpec, prefix: number, family: Family | undefined): boolean {
  if (family === undefined) return false;
  if (spec.kind === "table") return spec.name.length <= 16;
  return spec.kind === "route" ? spec.label.length <= 16 : prefix === 0;
}

/** `family` is the rule's as written. False, with errors reported, if the parts do not fit. */
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

/**
 * The lists of the way in: source and destination change places, the translation's address is the destination.
 * As in pfctl, each list runs from the current item to its end, so a binat-to rule with lists makes more inward
 * rules than outward ones.
 */
export function twinAxes(axes: Axes, at: readonly number[], target: AddressSpec | undefined): Axes {
  const [on, protocol, icmp, , destination, sourcePort, destinationPort, os, user, group] = at;
  const spec = target ?? { kind: "any" };
  const prefix = spec.kind === "network" ? spec.prefix : spec.kind === "any" ? 0 : 128;
  const destinations = axes.destinations.slice(destination);
  return {
    interfaces: axes.interfaces.slice(on),
    protocols: axes.protocols.slice(protocol),
    icmp: axes.icmp.slice(icmp),
    sources: destinations[0]?.spec.kind === "dynamic" ? destinations.slice(0, 1) : destinations,
    destinations: [{ spec, prefix, negated: false, scope: 0, weight: 0 }],
    sourcePorts: axes.destinationPorts.slice(destinationPort),
    destinationPorts: axes.sourcePorts.slice(sourcePort),
    os: axes.os.slice(os),
    users: axes.users.slice(user),
    groups: axes.groups.slice(group),
  };
}

/** The target of packets to the translation's address: the current source. */
export function twinPool({ type, hashKey, sticky }: PoolNode, source: HostNode): PoolNode {
  return {
    hosts: [source],
    ...(type && { type }),
    ...(hashKey !== undefined && { hashKey }),
    sticky,
    staticPort: false,
    binat: false,
  };
}
