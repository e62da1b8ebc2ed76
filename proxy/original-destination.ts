/**
 * The address that a client dialled. Under `divert-to` (and TPROXY) it is the accepted socket's own
 * address; under `rdr` and `rdr-to` only PF's state table has it.
 *
 * @example
 * const original = await socketAddress(connection); // { address: "198.51.100.7", port: 21 }
 */

import type { Connection, Endpoint, Host } from "./host.ts";
import { limited, type PfctlRunner } from "./pf/pfctl-runner.ts";

/** Undefined: not found. */
export type OriginalDestination = (client: Connection) => Endpoint | undefined | Promise<Endpoint | undefined>;

export const socketAddress: OriginalDestination = (client) => client.local;

/** Asks `pfctl -s state`, as the classic program asks by DIOCNATLOOK. */
export function fromStateTable(host: Host, pfctl?: string | PfctlRunner): OriginalDestination {
  const lookup = stateTableLookup(limited(host, pfctl));
  return (client) => lookup(client.remote, client.local);
}

/** The same for a client that another process has accepted. */
export function stateTableLookup(run: PfctlRunner) {
  return async (client: Endpoint, local: Endpoint): Promise<Endpoint | undefined> => {
    const result = await run(["-s", "state"], "");
    return result.status === 0 ? findRedirected(result.stdout, client, local) : undefined;
  };
}

/**
 * The destination before translation of the state `local (ORIGINAL) <- client`, or in the older
 * print `local <- ORIGINAL <- client`.
 *
 * @example
 * findRedirected("all tcp 127.0.0.1:8021 (198.51.100.9:21) <- 10.0.0.2:17475       ESTABLISHED:ESTABLISHED\n", …)
 */
export function findRedirected(states: string, client: Endpoint, local: Endpoint): Endpoint | undefined {
  const [from, to] = [print(client), print(local)];
  for (const line of states.split("\n")) {
    const found = / tcp (\S+) (?:\((\S+)\)|<- (\S+)) <- (\S+)(?: |$)/.exec(line);
    const original = found?.[2] ?? found?.[3];
    if (found?.[1] === to && found[4] === from && original !== undefined) return parse(original);
  }
  return undefined;
}

/** Source: pfctl print_host: `a.b.c.d:port`, `v6[port]`. */
function print({ address, port }: Endpoint): string {
  return address.includes(":") ? `${address}[${port}]` : `${address}:${port}`;
}

function parse(text: string): Endpoint | undefined {
  const found = /^(.+?)(?:\[(\d+)\]|:(\d+))$/.exec(text);
  const port = Number(found?.[2] ?? found?.[3] ?? Number.NaN);
  return found?.[1] !== undefined && port >= 0 ? { address: found[1], port } : undefined;
}
