/**
 * The rules that ftp-proxy(8) must have loaded, as `pfctl -a 'ftp-proxy/*' -sr` prints them. Written
 * from the manual page, `ftp-proxy.md` §10–11 and §17 and the captures of the real one; the proxy under test has no
 * part in it.
 *
 * @example
 * passiveRules(roles, "inet", [], { proxyPort: 49999, serverPort: 50555 })
 * // ["pass in quick on rdomain 0 inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 flags S/SA keep state (max 1) rtable 0 rdr-to 198.51.100.7 port 50555",
 * //  "pass out quick on rdomain 0 inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 50555 flags S/SA keep state (max 1) nat-to 198.51.100.1"]
 */

import type { Family } from "../pf/packet.ts";
import type { Roles } from "../roles.ts";

interface ProxyOptions {
  readonly log: string;
  readonly queue?: string;
  readonly tag?: string;
  /** `-r`: active data comes from port 20. */
  readonly rewriteSourcePort: boolean;
}

/** The options of ftp-proxy(8) that show in its rules. */
export function optionsInRules(args: readonly string[]): ProxyOptions {
  const after = (flag: string) => {
    const index = args.indexOf(flag);
    return index < 0 ? undefined : args[index + 1];
  };
  const verbose = args.filter((arg) => arg === "-v").length + 2 * args.filter((arg) => arg === "-vv").length;
  const queue = after("-q");
  const tag = after("-T");
  return {
    log: verbose === 0 ? "" : verbose === 1 ? "log " : "log (all) ",
    rewriteSourcePort: args.includes("-r"),
    ...(queue === undefined ? {} : { queue }),
    ...(tag === undefined ? {} : { tag }),
  };
}

interface End {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

/** One rule up to its translation. */
function head(direction: "in" | "out", family: Family, end: End, options: ProxyOptions): string {
  const { from, to, port } = end;
  const what = `on rdomain 0 ${family} proto tcp from ${from} to ${to} port = ${port} flags S/SA`;
  const queue = options.queue === undefined ? "" : ` set (queue ${options.queue})`;
  // pfctl(8) refuses `keep state` on match rules, so a loader of text cannot print it there (ftp-proxy.md §11.6).
  return options.tag === undefined
    ? `pass ${direction} ${options.log}quick ${what}${queue} keep state (max 1)`
    : `match ${direction} ${options.log}${what}${queue} tag ${options.tag}`;
}

/** Two rules for PASV and EPSV: redirect to the server's port, then NAT to the proxy's address. */
export function passiveRules(
  roles: Roles,
  family: Family,
  args: readonly string[],
  ports: { readonly proxyPort: number; readonly serverPort: number },
): string[] {
  const options = optionsInRules(args);
  const { client, dialled, server, proxy } = roles;
  const redirect = head("in", family, { from: client, to: dialled.address, port: ports.proxyPort }, options);
  const nat = head("out", family, { from: client, to: server, port: ports.serverPort }, options);
  return [`${redirect} rtable 0 rdr-to ${server} port ${ports.serverPort}`, `${nat} nat-to ${proxy}`];
}

/** Two rules for PORT and EPRT: redirect to the client's port, then NAT to the address that the client dialled. */
export function activeRules(
  roles: Roles,
  family: Family,
  args: readonly string[],
  ports: { readonly proxyPort: number; readonly clientPort: number; readonly extended?: boolean },
): string[] {
  const options = optionsInRules(args);
  const { client, dialled, server, proxy } = roles;
  const redirect = head("in", family, { from: server, to: proxy, port: ports.proxyPort }, options);
  const nat = head("out", family, { from: server, to: client, port: ports.clientPort }, options);
  const source = options.rewriteSourcePort && ports.extended !== true ? " port 20" : "";
  return [
    `${redirect} rtable 0 rdr-to ${client} port ${ports.clientPort}`,
    `${nat} nat-to ${dialled.address}${source}`,
  ];
}
