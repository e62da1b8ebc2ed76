/**
 * The rules that ftp-proxy would load for one data connection, as pf.conf text: the trial session loads it into the anchor.
 * Written from the descriptions of both generations, not taken from the proxy under test.
 */

import type { Endpoints } from "./endpoints.ts";

/** Ports that a proxy and a server could have agreed on; anything of 1024 or more would do. */
export const DATA_PORT = { announced: 49999, real: 50555 } as const;

export type Mode = "passive" | "active";

/** One data connection: who opens it, what it dials, and what becomes of it. */
export interface DataConnection {
  readonly opener: string;
  readonly inInterface: string;
  readonly outInterface: string;
  readonly dialled: string;
  readonly target: string;
  /** The source that the target must see. */
  readonly seenAs: string;
}

export function dataConnection(endpoints: Endpoints, mode: Mode): DataConnection {
  return mode === "passive"
    ? {
        opener: endpoints.client,
        inInterface: endpoints.clientInterface,
        outInterface: endpoints.serverInterface,
        dialled: endpoints.dialled,
        target: endpoints.server,
        seenAs: endpoints.proxy,
      }
    : {
        opener: endpoints.server,
        inInterface: endpoints.serverInterface,
        outInterface: endpoints.clientInterface,
        dialled: endpoints.proxy,
        target: endpoints.client,
        seenAs: endpoints.dialled,
      };
}

/** ftp-proxy of OpenBSD 4.7 and later: two rules; `match` and a tag with `-T`. */
export function modernRules(endpoints: Endpoints, mode: Mode, tag: string | undefined): string {
  const { opener, dialled, target, seenAs } = dataConnection(endpoints, mode);
  const { announced, real } = DATA_PORT;
  const head = (direction: string) =>
    `${tag === undefined ? "pass" : "match"} ${direction} ${tag === undefined ? "quick " : ""}on rdomain 0 ${endpoints.family} proto tcp`;
  const tail = tag === undefined ? "flags S/SA keep state (max 1)" : `flags S/SA tag ${tag}`;
  return [
    `${head("in")} from ${opener} to ${dialled} port ${announced} ${tail} rtable 0 rdr-to ${target} port ${real}`,
    `${head("out")} from ${opener} to ${target} port ${real} ${tail} nat-to ${seenAs}`,
    "",
  ].join("\n");
}

/** ftp-proxy before 4.7 and FreeBSD's: rdr and nat, and two rules that pass what these have made. */
export function classicRules(endpoints: Endpoints, mode: Mode, tag: string | undefined): string {
  const { opener, dialled, target, seenAs } = dataConnection(endpoints, mode);
  const { announced, real } = DATA_PORT;
  const common = `${endpoints.family} proto tcp`;
  const quick = tag === undefined ? "quick " : "";
  const tail = `flags S/SA keep state (max 1)${tag === undefined ? "" : ` tag ${tag}`}`;
  return [
    `nat ${common} from ${opener} to ${target} port ${real} -> ${seenAs}`,
    `rdr ${common} from ${opener} to ${dialled} port ${announced} -> ${target} port ${real}`,
    `pass in ${quick}${common} from ${opener} to ${target} port ${real} ${tail}`,
    `pass out ${quick}${common} from ${seenAs} to ${target} port ${real} ${tail}`,
    "",
  ].join("\n");
}
