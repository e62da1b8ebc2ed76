/**
 * The lists of one rule text as axes of its expansion, outermost loop first: interface, protocol, icmp type, source,
 * destination, source port, destination port, os, user, group (parse.y 1.718: expand_rule).
 *
 * `do … while (advance(at, axes))` walks through all combinations, the last axis fastest.
 */

import type { OwnerOperator, RangeOperator } from "../../rule.ts";
import type { HostNode, IcmpNode, InterfaceNode, Lists } from "../nodes.ts";

const anywhere: HostNode = { spec: { kind: "any" }, prefix: 0, negated: false, scope: 0, weight: 0 };
const anyInterface: InterfaceNode = { negated: false };
const nothing = [undefined];

/** The lists, outermost loop first; each has at least one entry. */
export interface Axes {
  readonly interfaces: readonly InterfaceNode[];
  readonly protocols: readonly (number | undefined)[];
  readonly icmp: readonly (IcmpNode | undefined)[];
  readonly sources: readonly HostNode[];
  readonly destinations: readonly HostNode[];
  readonly sourcePorts: readonly (RangeOperator | undefined)[];
  readonly destinationPorts: readonly (RangeOperator | undefined)[];
  readonly os: readonly (string | undefined)[];
  readonly users: readonly (OwnerOperator | undefined)[];
  readonly groups: readonly (OwnerOperator | undefined)[];
}

export const axisNames = [
  "interfaces",
  "protocols",
  "icmp",
  "sources",
  "destinations",
  "sourcePorts",
  "destinationPorts",
  "os",
  "users",
  "groups",
] as const satisfies readonly (keyof Axes)[];

export function axesOf(lists: Lists): Axes {
  const { source, destination, os } = lists.ends;
  return {
    interfaces: lists.interfaces ?? [anyInterface],
    protocols: lists.protocols ?? nothing,
    icmp: lists.icmp ?? nothing,
    sources: source.hosts ?? [anywhere],
    destinations: destination.hosts ?? [anywhere],
    sourcePorts: source.ports ?? nothing,
    destinationPorts: destination.ports ?? nothing,
    os: os ?? nothing,
    users: lists.users ?? nothing,
    groups: lists.groups ?? nothing,
  };
}

/** Advances `at` like an odometer, the last axis fastest; false after the last combination. */
export function advance(at: number[], axes: Axes): boolean {
  for (let i = axisNames.length - 1; i >= 0; i--) {
    const next = (at[i] as number) + 1;
    if (next < axes[axisNames[i] as keyof Axes].length) {
      at[i] = next;
      return true;
    }
    at[i] = 0;
  }
  return false;
}

/** One value for every list. */
export interface Combination {
  readonly on: InterfaceNode;
  readonly protocol: number | undefined;
  readonly icmp: IcmpNode | undefined;
  readonly source: HostNode;
  readonly destination: HostNode;
}

/** The combination at `at`. */
export function pick(axes: Axes, at: readonly number[]): Combination {
  return {
    on: axes.interfaces[at[0] as number] as InterfaceNode,
    protocol: axes.protocols[at[1] as number],
    icmp: axes.icmp[at[2] as number],
    source: axes.sources[at[3] as number] as HostNode,
    destination: axes.destinations[at[4] as number] as HostNode,
  };
}
