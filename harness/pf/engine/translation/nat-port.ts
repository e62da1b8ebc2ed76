/**
 * The source port for nat-to: one that no other state needs for replies.
 */

import { NAT_PORTS } from "../../language/tokens/limits.ts";
import { PROTOCOL } from "../../packet.ts";
import type { Description } from "../description.ts";
import type { Kernel } from "../kernel.ts";
import type { LoadedRule } from "../rules/loaded-rule.ts";
import { isEchoRequest } from "../states/icmp-mapping.ts";
import { type Address, addressOf } from "../tables/address.ts";
import { chooseAddress, type UsedNodes } from "./pools.ts";

/** in.h: DEFBADDYNAMICPORTS: only given to connections that ask for them. */
const NEVER_TCP = new Set([
  587, 749, 750, 751, 853, 871, 2049, 6000, 6001, 6002, 6003, 6004, 6005, 6006, 6007, 6008, 6009, 6010,
]);
const NEVER_UDP = new Set([623, 664, 749, 750, 751, 2049, 3784, 3785, 7784]);

export interface Mapped {
  readonly address: string;
  readonly port: number;
}

/** Undefined if the pool has no address, or no address of it has a free port. */
export function mapSource(
  kernel: Kernel,
  description: Description,
  rule: LoadedRule,
  nodes: UsedNodes,
): Mapped | undefined {
  const pool = rule.nat;
  if (pool === undefined) return undefined;
  const { newFamily: family, protocol } = description;
  const choose = () => chooseAddress(kernel, family, rule, pool, description.newSource, "nat", nodes);
  let { from, to }: { from: number; to: number } = pool.pool.port ?? NAT_PORTS;
  const first = choose();
  if (first === undefined) return undefined;
  if (protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmp6) {
    // Only echoes have an identifier that may be changed.
    if (!isEchoRequest(description.family, description.newDestinationPort)) return { address: first, port: 0 };
    from = 1;
    to = 65535;
  }
  let address = first;
  for (;;) {
    const port = freePort(kernel, description, address, from, to);
    if (port !== undefined) return { address, port };
    const { type } = pool.pool;
    if (type !== "random" && type !== "round-robin" && type !== "least-states") return undefined;
    const other = choose();
    if (other === undefined || other === first) return undefined;
    address = other;
  }
}

function freePort(
  kernel: Kernel,
  description: Description,
  address: string,
  from: number,
  to: number,
): number | undefined {
  const { protocol, newSourcePort, newDestination, newDestinationPort, rdomain } = description;
  const crossed = description.family !== description.newFamily;
  // Replies will look for it on the other side: the new key is the wire's for packets on their way out.
  const side = crossed ? "either" : description.direction === "out" ? "wire" : "stack";
  const sourceIndex = crossed ? 1 : description.sourceIndex;
  const destination = crossed ? crossedDestination(description) : newDestination;
  const { states } = kernel;
  const free = (port: number): boolean => {
    const key = states.key(protocol, rdomain, address, port, destination, newDestinationPort, sourceIndex);
    return !states.taken(key, side);
  };
  const ported =
    protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp || protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmp6;
  if (!ported || (from === 0 && to === 0)) return free(newSourcePort) ? newSourcePort : undefined;
  if (from === to) return free(from) ? from : undefined;
  const low = Math.min(from, to);
  const high = Math.max(from, to);
  const never = protocol === PROTOCOL.tcp ? NEVER_TCP : protocol === PROTOCOL.udp ? NEVER_UDP : undefined;
  const cut = low + kernel.random(1 + high - low);
  for (let port = cut; port <= high; port++) if (free(port) && !never?.has(port)) return port;
  for (let port = cut - 1; port >= low; port--) if (free(port) && !never?.has(port)) return port;
  return undefined;
}

/** The destination of a packet that changes its family, as far as known before the rule is applied. */
function crossedDestination({ newDestination, newFamily }: Description): string {
  const address: Address = addressOf(newDestination);
  if (newFamily === "inet6") return newDestination;
  const last = address.words[address.words.length - 1] as number;
  return [24, 16, 8, 0].map((shift) => (last >>> shift) & 0xff).join(".");
}
