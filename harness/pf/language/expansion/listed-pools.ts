/**
 * Pools of FreeBSD and of OpenBSD before 4.7, which keep their addresses as a list: `-> { 192.0.2.5, 192.0.2.6 }`.
 * The rule takes the family of the first address, if it has none; addresses of the other family are dropped.
 *
 * `nat on em0 from 10/8 to any -> { 192.0.2.5 2001:db8::5 }` goes to 192.0.2.5 alone.
 */

import type { Family } from "../../packet.ts";
import type { AddressSpec, Pool, PoolMember, RangeOperator } from "../../rule.ts";
import { tableAddress } from "../clauses/host-clause.ts";
import type { Context } from "../context.ts";
import type { HostNode, PoolNode } from "../nodes.ts";
import { NAT_PORTS } from "../tokens/limits.ts";
import { type Draft, dynamicFor } from "./draft.ts";
import { automaticTable, type Collapsed, natPorts, type PoolUse, sameSize, severalAddresses } from "./pools.ts";

/** Settles the family of a rule and its pool before the rule is expanded; the statement fails if nothing is left. */
export function settledPool({ reader }: Context, draft: Draft, given: PoolNode, use: PoolUse): PoolNode {
  takeFamily(draft, given.hosts, use);
  const hosts = keptHosts(draft, given);
  if (hosts.length === 0) return reader.fail(noneLeft(use));
  if (given.preferIpv6Nexthop && use !== "route") reader.fail(NEXTHOP_COMPLAINT);
  return { ...given, hosts };
}

const noneLeft = (use: PoolUse): string =>
  `no ${use === "route" ? "routing" : "translation"} address with matching address family found.`;
const NEXTHOP_COMPLAINT = "The prefer-ipv6-nexthop option can't be used for nat/rdr/binat pools";

/** Undefined, with the error reported, if the parts do not fit. The draft may take its family from the pool. */
export function listedPool(context: Context, draft: Draft, given: PoolNode, use: PoolUse): Pool | undefined {
  const { reader, release } = context;
  const refuse = (text: string): undefined => void reader.error(text);
  if (draft.afTo) draft.targetFamily = given.family;
  takeFamily(draft, given.hosts, use);
  const hosts = keptHosts(draft, given);
  const [first] = hosts;
  if (first === undefined) return refuse(noneLeft(use));
  if (!masksFit(context, draft, hosts)) return undefined;
  const type = given.type ?? (hosts.length > 1 || several(first) ? "round-robin" : undefined);
  const complaint = typeComplaint(hosts, type, use, release.poolsByRule);
  if (complaint !== undefined) return refuse(complaint);
  let port = use === "nat" ? natPorts(given) : rdrPorts(given, draft.destination.port);
  const portComplaint = optionComplaint(given, draft, use, port);
  if (portComplaint !== undefined) return refuse(portComplaint);
  if (given.staticPort) port = { from: 0, to: 0 };
  const isDefault = use === "nat" ? port?.from === NAT_PORTS.from && port.to === NAT_PORTS.to : !port?.from;
  return {
    ...target(context, draft, hosts),
    ...(type && { type }),
    ...(given.hashKey !== undefined && { hashKey: given.hashKey }),
    ...(given.sticky && { sticky: true }),
    ...(given.portSet && { portSet: given.portSet }),
    ...(given.endpointIndependent && { endpointIndependent: true }),
    ...(given.preferIpv6Nexthop && { preferIpv6Nexthop: true }),
    ...(port && !isDefault && { port }),
  };
}

/** Translations take the family of the first address; routes take one that all addresses have. */
function takeFamily(draft: Draft, hosts: readonly HostNode[], use: PoolUse): void {
  if (draft.family !== undefined || draft.afTo) return;
  const [first] = hosts;
  if (use === "route") {
    if (hosts.every(({ family }) => family === first?.family)) draft.family = first?.family;
  } else if (first !== undefined && first.scope === 0) draft.family = first.family;
}

function keptHosts(draft: Draft, { hosts, family: given, preferIpv6Nexthop }: PoolNode): HostNode[] {
  if (preferIpv6Nexthop) return [...hosts];
  const kept: HostNode[] = [];
  for (const node of hosts) {
    const wanted: Family | undefined = given ?? draft.family;
    if (wanted !== undefined && node.family !== undefined && node.family !== wanted) continue;
    if (given === undefined) draft.family ??= node.family;
    kept.push(node);
  }
  return kept;
}

/** The address that a binat-to rule translates to, before its pool is judged. */
export function sameFamily(draft: Draft, given: PoolNode): Collapsed | undefined {
  const node = given.hosts.find(({ family }) => !family || !draft.family || family === draft.family);
  return node && { address: node.spec, node };
}

function masksFit(context: Context, { family }: Draft, hosts: readonly HostNode[]): boolean {
  const wrong = hosts.filter(({ spec, prefix, via }) => {
    return family === "inet" && prefix > 32 && !via && (spec.kind === "network" || spec.kind === "any");
  });
  for (const { prefix } of wrong) context.remark(`netmask ${prefix} invalid for IPv4 address`);
  return wrong.length === 0;
}

const several = ({ spec }: HostNode): boolean => spec.kind === "table" || severalAddresses(spec);

/** Until FreeBSD 14 only round-robin could use tables and interfaces with several addresses. */
function typeComplaint(
  hosts: readonly HostNode[],
  type: Pool["type"],
  use: PoolUse,
  today: boolean,
): string | undefined {
  const kind = use === "route" ? "routing" : "redirection";
  const spreads = today ? type !== undefined && type !== "bitmask" : type === "round-robin";
  if (!spreads) {
    if (hosts.some(({ spec }) => spec.kind === "table")) {
      return today ? "tables are not supported by pool type" : `tables are only supported in round-robin ${kind} pools`;
    }
    const dynamic = hosts.find(({ spec }) => severalAddresses(spec))?.spec;
    if (dynamic?.kind === "dynamic") {
      const tail = today ? "is not supported by pool type" : `is only supported in round-robin ${kind} pools`;
      return `interface (${dynamic.interface}) ${tail}`;
    }
  }
  if (hosts.length === 1 || type === "round-robin") return undefined;
  if (today || use === "route") return `r.${today ? "route" : "rpool"}.opts must be PF_POOL_ROUNDROBIN`;
  return "only round-robin valid for multiple redirection addresses";
}

type Ports = { readonly from: number; readonly to: number } | undefined;

function rdrPorts({ ports }: PoolNode, destination: RangeOperator | undefined): Ports {
  if (ports === undefined) return undefined;
  return { from: ports.from, to: ports.kind === "star" ? sameSize(ports.from, destination) : ports.to };
}

function optionComplaint(given: PoolNode, draft: Draft, use: PoolUse, ports: Ports): string | undefined {
  const written = ports?.from !== NAT_PORTS.from && ports?.to !== NAT_PORTS.to;
  if (given.staticPort) {
    if (use !== "nat") return "the 'static-port' option is only valid with nat rules";
    if (written) return "the 'static-port' option can't be used when specifying a port range";
  }
  if (given.portSet !== undefined) {
    if (use !== "nat") return "the 'map-e-portset' option is only valid with nat rules";
    if (given.staticPort) return "the 'map-e-portset' option can't be used 'static-port'";
    if (written) return "the 'map-e-portset' option can't be used when specifying a port range";
  }
  if (given.endpointIndependent && use !== "nat")
    return "the 'endpoint-independent' option is only valid with nat rules";
  if (given.preferIpv6Nexthop && use !== "route" && !draft.afTo) return NEXTHOP_COMPLAINT;
  return undefined;
}

/** One address, or a list; the engine draws from a table of the list's addresses. */
function target(
  context: Context,
  draft: Draft,
  hosts: readonly HostNode[],
): Pick<Pool, "address" | "interface" | "list"> {
  const { dynamicMasks } = context.release;
  const family = dynamicMasks ? (draft.targetFamily ?? draft.family) : undefined;
  const address = (node: HostNode): AddressSpec => dynamicFor(node.spec, family, dynamicMasks);
  const [first] = hosts as [HostNode];
  const via = first.via === undefined ? {} : { interface: first.via };
  const bare = ({ spec, via: name }: HostNode) => name !== undefined && spec.kind === "any";
  if (hosts.length === 1 && !bare(first)) return { address: address(first), ...via };
  const list = hosts.map((node): PoolMember => {
    return { ...(!bare(node) && { address: address(node) }), ...(node.via !== undefined && { interface: node.via }) };
  });
  return {
    address: hosts.length === 1 ? address(first) : (table(context, draft, hosts) ?? address(first)),
    ...via,
    list,
  };
}

function table(context: Context, draft: Draft, hosts: readonly HostNode[]): AddressSpec | undefined {
  if (hosts.some((host) => tableAddress(host) === undefined)) return undefined;
  const { name } = automaticTable(context, context.automaticTables++, draft.line, hosts);
  return { kind: "table", name };
}
