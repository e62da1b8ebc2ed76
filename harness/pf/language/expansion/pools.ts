/**
 * Makes one pool of the addresses of a translation or route: those of the rule's family are kept, several become a
 * constant table `<__automatic_N>`, and the rule takes its family from them if it has none (parse.y 1.718:
 * collapse_redirspec, apply_redirspec).
 */

import type { Family } from "../../packet.ts";
import type { AddressSpec, Pool, PoolType, RangeOperator } from "../../rule.ts";
import type { TableAddress } from "../../ruleset.ts";
import { tableAddress } from "../clauses/host-clause.ts";
import { emptyRange } from "../clauses/ports.ts";
import type { Context } from "../context.ts";
import type { HostNode, PoolNode } from "../nodes.ts";
import { tableText } from "../print/print-address.ts";
import { Fatal, MAX_TABLE_ADDRESSES, NAT_PORTS } from "../tokens/limits.ts";
import { type Draft, dynamicFor } from "./draft.ts";

export type PoolUse = "nat" | "rdr" | "route";

/** The address chosen, not yet with type and ports. */
export interface Collapsed {
  readonly address: AddressSpec;
  /** Bits of its mask are all zero (for the checks of binat-to). */
  readonly node?: HostNode;
}

/** Without `pool`: no address was written. After a reported error (`wrong`) it is the first one, or `any`. */
export function collapse(
  context: Context,
  draft: Draft,
  pool: PoolNode | undefined,
  use: PoolUse,
): { pool?: Collapsed; wrong: boolean } {
  const { reader } = context;
  if (pool === undefined || pool.hosts.length === 0) return { wrong: false };
  if (draft.afTo && pool.family !== undefined) draft.targetFamily = pool.family;
  const what = use === "route" ? "routing" : "translation";
  const chosen: HostNode[] = [];
  const refused = (): { pool: Collapsed; wrong: true } => {
    const [node] = chosen;
    return { pool: node ? { address: node.spec, node } : { address: { kind: "any" } }, wrong: true };
  };
  const refuse = (text: string): { pool: Collapsed; wrong: true } => {
    reader.error(text);
    return refused();
  };
  let family: Family | undefined;
  if (pool.family !== undefined && draft.family === undefined) {
    family = draft.targetFamily === "inet6" ? "inet" : "inet6";
  }
  let number: number | undefined;
  for (const node of pool.hosts) {
    if (use === "route" && node.spec.kind === "dynamic" && node.spec.modifiers.join() !== "peer") {
      return refuse("route spec requires :peer with dynamic interface addresses");
    }
    if (otherFamily(draft, node)) continue;
    const complaint = familyComplaint(draft, pool, node, family, what) ?? listComplaint(pool, chosen, node);
    if (complaint !== undefined) return refuse(complaint);
    if (draft.family === undefined) family ??= node.family;
    const [first] = chosen;
    if (first !== undefined) {
      // The second address makes it a table, even if the rule fails later.
      number ??= context.automaticTables++;
      if (chosen.length === 1 && !tabled(context, first)) return refused();
      if (!tabled(context, node)) return refused();
    }
    chosen.push(node);
  }
  if (draft.family === undefined && family !== undefined) draft.family = family;
  const [first] = chosen;
  if (first === undefined) return refuse(`af mismatch in ${what} spec`);
  if (number === undefined) return { pool: { address: first.spec, node: first }, wrong: false };
  const { name, text } = automaticTable(context, number, draft.line, chosen);
  context.output.push(text);
  return { pool: { address: { kind: "table", name } }, wrong: false };
}

/** Addresses of the other family are left out. */
const otherFamily = (draft: Draft, node: HostNode): boolean =>
  draft.targetFamily === undefined &&
  draft.family !== undefined &&
  node.family !== undefined &&
  draft.family !== node.family;

/** `family` is the one that the addresses before have, if the rule has none. */
function familyComplaint(
  draft: Draft,
  pool: PoolNode,
  node: HostNode,
  family: Family | undefined,
  what: string,
): string | undefined {
  const clashes = (other: Family | undefined) =>
    node.family !== undefined && other !== undefined && other !== node.family;
  if (draft.targetFamily !== undefined) {
    return clashes(pool.family) ? `${what} spec contains addresses that don't match target address family` : undefined;
  }
  if (draft.family !== undefined || !clashes(family)) return undefined;
  return `${what} spec contains addresses with different address families`;
}

/** Why the pool cannot have `node` beside those chosen. */
function listComplaint({ type }: PoolNode, chosen: readonly HostNode[], node: HostNode): string | undefined {
  const [first, second] = chosen;
  if (first === undefined) return undefined;
  if (type === "bitmask") return "pool type is not valid for multiple translation or routing addresses";
  if (second !== undefined || literal(first) || literal(node)) return undefined;
  return "multiple tables or dynamic interfaces not supported for translation or routing";
}

const literal = ({ spec }: HostNode): boolean => spec.kind === "network" || spec.kind === "any";

/** Whether a table can hold the address. */
function tabled(context: Context, node: HostNode): boolean {
  if (tableAddress(node) !== undefined) return true;
  context.remark("pfctl: failed to add host: Invalid argument");
  return false;
}

/** Makes `<__automatic_N>` of addresses that a table can hold. */
export function automaticTable(
  context: Context,
  number: number,
  line: number,
  nodes: readonly HostNode[],
): { readonly name: string; readonly text: string } {
  const name = `__automatic_${number}`;
  const text = tableText(name, { const: true }, [{ kind: "addresses", nodes }]);
  context.tableAddresses += nodes.length;
  if (context.tableAddresses > MAX_TABLE_ADDRESSES) throw new Fatal("automatic tables hold too many addresses");
  const addresses = nodes.map((node) => tableAddress(node) as TableAddress);
  context.filling.tables.push({ name, const: true, files: [], addresses, initialised: true, text, line });
  return { name, text };
}

/** `(em0)` and `(em:0)` may mean several addresses; `(em0:0)` is one. */
export const severalAddresses = (spec: AddressSpec): boolean =>
  spec.kind === "dynamic" && (!spec.modifiers.includes("0") || !/\d$/.test(spec.interface));

const spreads = (type: PoolType | undefined): boolean => type !== undefined && type !== "bitmask";

/** Type, ports and options. If they do not fit (`wrong`, reported), only the address. */
export function finishPool(
  context: Context,
  draft: Draft,
  collapsed: Collapsed | undefined,
  given: PoolNode,
  use: PoolUse,
  destinationPort: RangeOperator | undefined,
): { pool?: Pool; wrong: boolean } {
  const { reader } = context;
  const refuse = (text: string): { pool?: Pool; wrong: true } => {
    reader.error(text);
    return collapsed === undefined ? { wrong: true } : { pool: { address: collapsed.address }, wrong: true };
  };
  let ports: { from: number; to: number } | undefined;
  if (use === "nat") ports = natPorts(given);
  else if (given.ports !== undefined) {
    const { from, to, kind } = given.ports;
    if (kind === "range" && emptyRange(":", from, to)) return refuse("invalid rdr-to port range");
    ports = { from, to: kind === "star" ? sameSize(from, destinationPort) : to };
  }
  const address = collapsed?.address;
  let { type } = given;
  if (type === undefined && address !== undefined && (address.kind === "table" || severalAddresses(address))) {
    type = "round-robin";
  }
  if (!spreads(type)) {
    if (given.hosts.some(({ spec }) => spec.kind === "table")) {
      return refuse("tables are not supported by pool type");
    }
    const several = given.hosts.find(({ spec }) => severalAddresses(spec))?.spec;
    if (several?.kind === "dynamic") {
      return refuse(`interface (${several.interface}) is not supported by pool type`);
    }
  }
  if (given.staticPort) {
    if (use !== "nat") return refuse("the 'static-port' option is only valid with nat rules");
    if (ports !== undefined && ports.from !== NAT_PORTS.from && ports.to !== NAT_PORTS.to) {
      return refuse("the 'static-port' option can't be used when specifying a port range");
    }
    ports = { from: 0, to: 0 };
  }
  if (address === undefined) return { wrong: false };
  const isDefault = use === "nat" ? ports?.from === NAT_PORTS.from && ports.to === NAT_PORTS.to : !ports?.from;
  return {
    wrong: false,
    pool: {
      address: dynamicFor(address, draft.targetFamily ?? draft.family),
      ...(type && { type }),
      ...(given.hashKey !== undefined && { hashKey: given.hashKey }),
      ...(given.sticky && { sticky: true }),
      ...(ports && !isDefault && { port: ports }),
    },
  };
}

export function natPorts(given: PoolNode): { from: number; to: number } {
  const { from, to } = given.ports ?? { from: 0, to: 0 };
  if (from === 0 && to === 0) return NAT_PORTS;
  return { from, to: to === 0 ? from : to };
}

/** `8000:*`: as many ports as the rule's own range has. The sum wraps like the kernel's 16 bits. */
export function sameSize(from: number, destination: RangeOperator | undefined): number {
  if (destination === undefined) return from;
  const [low, high] = "value" in destination ? [destination.value, 0] : [destination.from, destination.to];
  return (from + high - low + 65536) % 65536;
}
