/**
 * Pools: the addresses of translations and routes.
 *
 * pool    = addresses ["port" ports] {option}
 * addresses = host ["weight" N] | "{" host ["weight" N] … "}"
 * option  = "bitmask" | "random" | "source-hash" [key] | "round-robin" | "least-states" | "static-port" | "sticky-address"
 */

import { createHash } from "node:crypto";
import type { Pool, PoolType } from "../../rule.ts";
import type { Context } from "../context.ts";
import type { HostNode, PoolNode, PoolPorts } from "../nodes.ts";
import { afterListed, afterPool, afterString } from "../tokens/follow.ts";
import { INTERFACE_NAME_SIZE } from "../tokens/limits.ts";
import { braced, oneOrList, type Reader } from "../tokens/reader.ts";
import { host, weighted } from "./host-clause.ts";
import { portSpec, unsignedNumber } from "./ports.ts";

export interface PoolOptions {
  readonly type?: PoolType;
  readonly hashKey?: string;
  readonly sticky: boolean;
  readonly staticPort: boolean;
  readonly portSet?: Pool["portSet"];
  readonly endpointIndependent?: boolean;
  readonly preferIpv6Nexthop?: boolean;
}

function addresses(context: Context): readonly HostNode[] {
  const { reader } = context;
  if (!reader.accept("{")) return weighted(context, host(context));
  const nodes: HostNode[] = [];
  braced(reader, () => {
    const hosts = weighted(context, host(context));
    const [first] = hosts;
    const literal = first?.spec.kind === "network" || first?.spec.kind === "any";
    if (nodes.length === 0 && !literal && !context.release.routeFirst) {
      reader.followedBy(afterListed);
      reader.fail("only addresses can be listed for redirection pools ");
    }
    for (const node of hosts) nodes.push(node);
  });
  return nodes;
}

/** `0x` and 32 hexadecimal digits: as written, hashed from a word, or random. */
function hashKey(context: Context): string {
  const { reader } = context;
  if (reader.peek() !== "string") {
    let key = "0x";
    for (let i = 0; i < 4; i++) key += context.random().toString(16).padStart(8, "0");
    return key;
  }
  const text = reader.strings();
  reader.followedBy(afterString);
  if (!text.startsWith("0x")) return `0x${createHash("md5").update(text).digest("hex")}`;
  if (text.length !== 34) reader.fail("hex key must be 128 bits (32 hex digits) long");
  if (!/^0x[0-9a-fA-F]{32}$/.test(text)) reader.fail("invalid hex key");
  return text.toLowerCase();
}

type FreebsdOptions = {
  -readonly [K in "portSet" | "endpointIndependent" | "preferIpv6Nexthop"]?: NonNullable<PoolOptions[K]>;
};

/** `map-e-portset OFFSET/LENGTH/PSID`, the numbers of RFC 7597. */
function portSet(reader: Reader, type: PoolType | undefined): NonNullable<Pool["portSet"]> {
  const offset = unsignedNumber(reader);
  reader.expect("/");
  const length = unsignedNumber(reader);
  reader.expect("/");
  const id = unsignedNumber(reader);
  if (type !== undefined) reader.fail("map-e-portset cannot be used with address pools");
  if (offset <= 0 || offset >= 16) reader.fail("MAP-E PSID offset must be 1-15");
  if (length < 0 || length >= 16 || offset + length > 16) reader.fail("Invalid MAP-E PSID length");
  if (length === 0) reader.fail("PSID Length = 0: this means you do not need MAP-E");
  if (id < 0 || id > 65535) reader.fail("Invalid MAP-E PSID");
  return { offset, length, id };
}

export function poolOptions(context: Context): PoolOptions {
  const { reader } = context;
  let type: PoolType | undefined;
  let key: string | undefined;
  let sticky = false;
  let staticPort = false;
  const own: FreebsdOptions = {};
  for (;;) {
    const kind = context.release.poolOptions.has(reader.peek()) ? reader.peek() : "";
    switch (kind) {
      case "bitmask":
      case "random":
      case "source-hash":
      case "round-robin":
      case "least-states": {
        reader.take();
        const drawn = kind === "source-hash" ? hashKey(context) : undefined;
        if (type !== undefined) reader.fail("pool type cannot be redefined");
        type = kind;
        key = drawn;
        break;
      }
      case "static-port":
        reader.take();
        if (staticPort) reader.fail("static-port cannot be redefined");
        staticPort = true;
        break;
      case "sticky-address":
        reader.take();
        if (sticky) reader.fail("sticky-address cannot be redefined");
        sticky = true;
        break;
      case "map-e-portset":
        reader.take();
        if (own.portSet !== undefined) reader.fail("map-e-portset cannot be redefined");
        own.portSet = portSet(reader, type);
        break;
      case "endpoint-independent":
        reader.take();
        if (own.endpointIndependent) reader.fail("endpoint-independent cannot be redefined");
        own.endpointIndependent = true;
        break;
      case "prefer-ipv6-nexthop":
        reader.take();
        if (own.preferIpv6Nexthop) reader.fail("prefer-ipv6-nexthop cannot be redefined");
        own.preferIpv6Nexthop = true;
        break;
      default:
        reader.followedBy(afterPool);
        return { ...(type && { type }), ...(key !== undefined && { hashKey: key }), sticky, staticPort, ...own };
    }
  }
}

/** Addresses and ports, without the options. */
export function poolTarget(context: Context): { hosts: readonly HostNode[]; ports?: PoolPorts } {
  const hosts = addresses(context);
  if (!context.reader.accept("port")) return { hosts };
  return { hosts, ports: portSpec(context.reader, { range: true, star: true }) };
}

/** After nat-to, rdr-to and binat-to. */
export function pool(context: Context): PoolNode {
  return { ...poolTarget(context), ...poolOptions(context), binat: false };
}

/** After route-to, reply-to and dup-to: no ports. */
export function routePool(context: Context): PoolNode {
  return { hosts: addresses(context), ...poolOptions(context), binat: false };
}

/** Where routes come first: `em0`, `(em0 192.0.2.254)`, or a list of them, of one family. */
export function routePoolWithInterfaces(context: Context): PoolNode {
  const { reader } = context;
  const hosts: HostNode[] = [];
  let family: HostNode["family"];
  oneOrList(reader, () => {
    const item = routeHost(context);
    const [first] = item;
    if (hosts.length > 0 && !context.release.poolsByRule) {
      family ??= first?.family;
      if (first?.family !== family) reader.fail("all pool addresses must be in the same address family");
    }
    if (hosts.length === 0) family = first?.family;
    hosts.push(...item);
  });
  return { hosts, ...poolOptions(context), binat: false };
}

function routeHost(context: Context): readonly HostNode[] {
  const { reader } = context;
  const named = reader.accept("(");
  const via = reader.string();
  const hosts = named ? host(context) : undefined;
  if (named) reader.expect(")");
  if (via.length >= INTERFACE_NAME_SIZE) reader.fail("interface name too long");
  return (hosts ?? [{ spec: { kind: "any" }, prefix: 128, negated: false, scope: 0, weight: 0 }]).map((node) => ({
    ...node,
    via,
  }));
}
