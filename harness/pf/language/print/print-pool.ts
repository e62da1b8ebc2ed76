/** Pools as pfctl prints them: `192.0.2.1 port 1024:2048 static-port`, `<t> round-robin sticky-address`. */

import type { Family } from "../../packet.ts";
import type { Pool } from "../../rule.ts";
import { type Count, formatAddress } from "./print-address.ts";

export function formatPool(pool: Pool, use: "nat" | "rdr" | "route", family?: Family, count?: Count): string {
  let text =
    pool.list === undefined
      ? formatAddress(pool.address, family, count)
      : `{ ${pool.list.map((spec) => formatAddress(spec, family)).join(", ")} }`;
  if (pool.interface !== undefined) text += `@${pool.interface}`;
  const { port } = pool;
  const isStatic = use === "nat" && port?.from === 0 && port.to === 0;
  if (port !== undefined && !isStatic) {
    text += ` port ${port.from}`;
    if (port.to !== port.from && (use === "nat" || port.to !== 0)) text += `:${port.to}`;
  }
  if (pool.type !== undefined) text += ` ${pool.type}`;
  if (pool.hashKey !== undefined) text += ` ${pool.hashKey}`;
  if (pool.sticky) text += " sticky-address";
  return isStatic ? `${text} static-port` : text;
}
