/**
 * Addresses, pools and tables as pfctl prints them: `10.0.0.0/8`, `<t>`, `(em0:network)`, `10.0.0.1 - 10.0.0.9`,
 * `192.0.2.1 port 1024:2048`, `table <t> persist { 10.0.0.0/8 }`.
 */

import type { Family } from "../../packet.ts";
import type { AddressSpec, Pool, PoolMember } from "../../rule.ts";

/** Number of addresses that a table or a dynamic interface has now; undefined if not known. */
export type Count = (spec: Extract<AddressSpec, { kind: "table" | "dynamic" }>) => number | undefined;

/**
 * `family` is the rule's; it decides which mask is worth showing. With `count`, `<t:5>` and `(em0:2)` as `-vv` has it.
 */
export function formatAddress(spec: AddressSpec, family?: Family, count?: Count): string {
  switch (spec.kind) {
    case "any":
    case "no-route":
    case "urpf-failed":
      return spec.kind;
    case "network":
      return spec.prefix < (spec.family === "inet" ? 32 : 128) ? `${spec.address}/${spec.prefix}` : spec.address;
    case "range":
      return `${spec.first} - ${spec.last}`;
    case "table":
      return count === undefined ? `<${spec.name}>` : `<${spec.name}:${count(spec) ?? "*"}>`;
    case "dynamic": {
      const size = count === undefined ? [] : [count(spec) || "*"];
      const name = `(${[spec.interface, ...spec.modifiers, ...size].join(":")})`;
      const { prefix } = spec;
      return prefix !== undefined && prefix < (family === "inet" ? 32 : 128) ? `${name}/${prefix}` : name;
    }
    case "route":
      return `route "${spec.label}"`;
    default:
      return spec satisfies never;
  }
}

/** One address, `(em0 192.0.2.254)`, or `{ (em0 192.0.2.254), (em1 10.0.0.1) }`. */
function formatTarget({ address, interface: via, list }: Pool, family?: Family, count?: Count): string {
  const member = ({ address: spec, interface: name }: PoolMember): string => {
    const text = spec === undefined ? "?" : formatAddress(spec, family, count);
    return name === undefined ? text : `(${name} ${text})`;
  };
  if (list === undefined) return member({ address, ...(via !== undefined && { interface: via }) });
  const [first, second] = list.map(member);
  return second === undefined ? (first ?? "") : `{ ${list.map(member).join(", ")} }`;
}

/** `192.0.2.1 port 1024:2048 static-port`, `<t> round-robin sticky-address`. */
export function formatPool(pool: Pool, use: "nat" | "rdr" | "route", family?: Family, count?: Count): string {
  let text = formatTarget(pool, family, count);
  const { port } = pool;
  const isStatic = use === "nat" && port?.from === 0 && port.to === 0;
  if (port !== undefined && !isStatic) {
    text += ` port ${port.from}`;
    if (port.to !== port.from && (use === "nat" || port.to !== 0)) text += `:${port.to}`;
  }
  if (pool.type !== undefined) text += ` ${pool.type}`;
  if (pool.hashKey !== undefined) text += ` ${pool.hashKey}`;
  if (pool.sticky) text += " sticky-address";
  if (isStatic) text += " static-port";
  if (pool.portSet !== undefined) {
    const { offset, length, id } = pool.portSet;
    text += ` map-e-portset ${offset}/${length}/${id}`;
  }
  if (pool.endpointIndependent) text += " endpoint-independent";
  if (pool.preferIpv6Nexthop) text += " prefer-ipv6-nexthop";
  return text;
}

/** An address of a table, as in the text. */
export interface TableEntry {
  readonly spec: AddressSpec;
  readonly family?: Family;
  readonly prefix: number;
  readonly negated: boolean;
}

export type TableSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "addresses"; readonly nodes: readonly TableEntry[] };

export interface TableFlags {
  persist?: boolean;
  const?: boolean;
  counters?: boolean;
}

/** The line that pfctl prints for a definition: `table <t> persist { 10.0.0.0/8 !10.1.1.1 }`. */
export function tableText(
  name: string,
  flags: TableFlags,
  sources: readonly TableSource[],
  initialised = true,
): string {
  let text = `table <${name}>`;
  if (flags.const) text += " const";
  if (flags.persist) text += " persist";
  if (flags.counters) text += " counters";
  sources.forEach((source, index) => {
    if (source.kind === "file") text += ` file "${source.path}"`;
    else {
      // Neighbouring lists are shown as one.
      if (sources[index - 1]?.kind !== "addresses") text += " {";
      for (const { spec, negated, family } of source.nodes)
        text += ` ${negated ? "!" : ""}${formatAddress(spec, family)}`;
      if (sources[index + 1]?.kind !== "addresses") text += " }";
    }
  });
  return initialised && sources.length === 0 ? `${text} { }` : text;
}
