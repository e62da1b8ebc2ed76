/**
 * Addresses of a play, by the words in capitals in ftp-proxy(8)'s rules. In forward mode the client dials the server,
 * and PF diverts it; in reverse mode it dials the firewall.
 */

import type { Endpoint } from "../../proxy/host.ts";
import type { Family } from "../pf/packet.ts";
import type { Lab, Side } from "./lab.ts";

/** RFC 959 control port. */
export const CONTROL_PORT = 21;

export interface Roles {
  /** CLIENT: the client's address. */
  readonly client: string;
  /** ORIG: the address that the client dials. */
  readonly dialled: Endpoint;
  /** SERVER: the server's address. */
  readonly server: string;
  /** PROXY: the firewall's address towards the server. */
  readonly proxy: string;
}

/** In the proxy's options: the firewall's second address towards the server. */
export const SECOND_ADDRESS = "{second}";

/** The parts of a scenario that decide about addresses. */
interface Addressing {
  readonly clientFrom?: "link-local";
  readonly proxyArgs?: readonly string[];
}

/** Throws when the client should dial from its link-local address and has none. */
export function rolesOf(lab: Lab, side: Side, family: Family, scenario: Addressing = {}): Roles {
  const { clientFrom, proxyArgs = [] } = scenario;
  const host = lab.hosts.client;
  const client = clientFrom === undefined ? host.address(family) : host.linkLocal;
  if (client === undefined) throw new Error(`${lab.name}: the client has no link-local address`);
  const server = lab.hosts.server.address(family);
  const { second } = lab.firewall;
  const own = proxyArgs.includes(SECOND_ADDRESS) && second !== undefined ? second : lab.firewall;
  return side === "forward"
    ? { client, dialled: { address: server, port: CONTROL_PORT }, server, proxy: own.outside[family] }
    : {
        client,
        dialled: { address: lab.firewall.outside[family], port: CONTROL_PORT },
        server,
        proxy: own.inside[family],
      };
}
