/**
 * Pools: the addresses of translations and routes.
 *
 * pool    = addresses ["port" ports] {option}
 * addresses = host ["weight" N] | "{" host ["weight" N] … "}"
 * option  = "bitmask" | "random" | "source-hash" [key] | "round-robin" | "least-states" | "static-port" | "sticky-address"
 */

import { createHash } from "node:crypto";
import type { PoolType } from "../../rule.ts";
import type { Context } from "../context.ts";
import { refuseOtherEra } from "../eras.ts";
import type { HostNode, PoolNode, PoolPorts } from "../nodes.ts";
import { afterListed, afterPool, afterString } from "../tokens/follow.ts";
import { braced } from "../tokens/reader.ts";
import { host, weighted } from "./host-clause.ts";
import { portSpec } from "./ports.ts";

export interface PoolOptions {
  readonly type?: PoolType;
  readonly hashKey?: string;
  readonly sticky: boolean;
  readonly staticPort: boolean;
}

function addresses(context: Context): readonly HostNode[] {
  const { reader } = context;
  if (!reader.accept("{")) return weighted(context, host(context));
  const nodes: HostNode[] = [];
  braced(reader, () => {
    const hosts = weighted(context, host(context));
    const [first] = hosts;
    if (nodes.length === 0 && first?.spec.kind !== "network" && first?.spec.kind !== "any") {
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

export function poolOptions(context: Context): PoolOptions {
  const { reader } = context;
  let type: PoolType | undefined;
  let key: string | undefined;
  let sticky = false;
  let staticPort = false;
  for (;;) {
    const kind = reader.peek();
    refuseOtherEra(reader, context.era);
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
      default:
        reader.followedBy(afterPool);
        return { ...(type && { type }), ...(key !== undefined && { hashKey: key }), sticky, staticPort };
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
