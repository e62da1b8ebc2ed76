/**
 * The rules that ftp-proxy(8) must have loaded, as `pfctl -sr` prints them; in the era `rdr-anchor` those of `-sn` come
 * first. Written from the manual page, `ftp-proxy.md` §10–11 and §17, and captures of the real one, never from the
 * proxy under test.
 *
 * @example
 * passiveRules({ era: "divert-to", roles, family: "inet", proxyArgs: [] }, { proxyPort: 49999, serverPort: 50555 })
 * // ["pass in quick on rdomain 0 inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 flags S/SA keep state (max 1) rtable 0 rdr-to 198.51.100.7 port 50555",
 * //  "pass out quick on rdomain 0 inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 50555 flags S/SA keep state (max 1) nat-to 203.0.113.9"]
 */

import type { Era } from "../../contract/lab.ts";
import type { Roles } from "../../contract/roles.ts";
import type { Family } from "../../pf/packet.ts";

export interface RuleSetting {
  readonly era: Era;
  readonly roles: Roles;
  readonly family: Family;
  readonly proxyArgs: readonly string[];
}

interface ProxyOptions {
  readonly log: string;
  readonly queue?: string;
  readonly tag?: string;
  /** `-r`: active data comes from port 20. */
  readonly rewriteSourcePort: boolean;
}

/** The options of ftp-proxy(8) that show in its rules. */
function optionsInRules(args: readonly string[]): ProxyOptions {
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

/** A data connection through the firewall: `from` dials `seen`, and PF sends it to `target` with the source `as`. */
interface DataConnection {
  readonly from: string;
  readonly seen: string;
  readonly seenPort: number;
  readonly target: string;
  readonly targetPort: number;
  readonly as: string;
  /** ` port 20`, or nothing. */
  readonly sourcePort: string;
}

/** PASV and EPSV: PF redirects to the server's port and translates to the proxy's address. */
export function passiveRules(
  setting: RuleSetting,
  ports: { readonly proxyPort: number; readonly serverPort: number },
): string[] {
  const { client, dialled, server, proxy } = setting.roles;
  return rulesFor(setting, {
    from: client,
    seen: dialled.address,
    seenPort: ports.proxyPort,
    target: server,
    targetPort: ports.serverPort,
    as: proxy,
    sourcePort: "",
  });
}

/** PORT and EPRT: PF redirects to the client's port and translates to the address that the client dialled. */
export function activeRules(
  setting: RuleSetting,
  ports: { readonly proxyPort: number; readonly clientPort: number; readonly extended?: boolean },
): string[] {
  const { client, dialled, server, proxy } = setting.roles;
  const from20 = optionsInRules(setting.proxyArgs).rewriteSourcePort && ports.extended !== true;
  return rulesFor(setting, {
    from: server,
    seen: proxy,
    seenPort: ports.proxyPort,
    target: client,
    targetPort: ports.clientPort,
    as: dialled.address,
    sourcePort: from20 ? " port 20" : "",
  });
}

function rulesFor(setting: RuleSetting, connection: DataConnection): string[] {
  return setting.era === "rdr-anchor" ? fourRules(setting, connection) : twoRules(setting, connection);
}

/** ftp-proxy.md §10 and §11; `on rdomain` and `rtable` came with 5.0 (§17). */
function twoRules({ era, family, proxyArgs }: RuleSetting, connection: DataConnection): string[] {
  const { from, seen, seenPort, target, targetPort, as, sourcePort } = connection;
  const { log, queue, tag } = optionsInRules(proxyArgs);
  const today = era === "divert-to";
  const rule = (direction: "in" | "out", to: string, port: number) => {
    const what = `${today ? "on rdomain 0 " : ""}${family} proto tcp from ${from} to ${to} port = ${port} flags S/SA`;
    const set = queue !== undefined && today ? ` set (queue ${queue})` : "";
    // Before 5.5, which brought `set`, the queue came after the state.
    const queued = queue !== undefined && !today ? ` queue ${queue}` : "";
    // pfctl(8) refuses `keep state` on match rules, so a proxy that loads text has none there (ftp-proxy.md §11.6).
    return tag === undefined
      ? `pass ${direction} ${log}quick ${what}${set} keep state (max 1)${queued}`
      : `match ${direction} ${log}${what}${set}${queued} tag ${tag}`;
  };
  return [
    `${rule("in", seen, seenPort)}${today ? " rtable 0" : ""} rdr-to ${target} port ${targetPort}`,
    `${rule("out", target, targetPort)} nat-to ${as}${sourcePort}`,
  ];
}

/**
 * ftp-proxy.md §17.1: `-sn`, nat first, then `-sr`. Filter rules see translated addresses. Options change only the
 * filter rules; with a tag these remain pass rules, without quick (§17, filter.c 1.8).
 */
function fourRules({ family, proxyArgs }: RuleSetting, connection: DataConnection): string[] {
  const { from, seen, seenPort, target, targetPort, as, sourcePort } = connection;
  const { log, queue, tag } = optionsInRules(proxyArgs);
  const to = `to ${target} port = ${targetPort}`;
  const filter = (direction: "in" | "out", source: string) =>
    [
      `pass ${direction} ${log}${tag === undefined ? "quick " : ""}${family} proto tcp from ${source} ${to}`,
      " flags S/SA keep state (max 1)",
      queue === undefined ? "" : ` queue ${queue}`,
      tag === undefined ? "" : ` tag ${tag}`,
    ].join("");
  return [
    `nat ${family} proto tcp from ${from} ${to} -> ${as}${sourcePort}`,
    `rdr ${family} proto tcp from ${from} to ${seen} port = ${seenPort} -> ${target} port ${targetPort}`,
    filter("in", from),
    filter("out", as),
  ];
}
