/**
 * The rules for one negotiated data connection, as pf.conf(5) text for `pfctl -f -`.
 *
 * Three eras: `divert-to` (OpenBSD 5.0 and later, two rules with rdomain and rtable),
 * `rdr-to` (OpenBSD 4.7 to 4.9, the same two without), `rdr-anchor` (before 4.7 and FreeBSD:
 * rdr, nat and two pass rules). The text is what pfctl prints back for what ftp-proxy(8) loads by
 * ioctl, with one exception: pfctl refuses `keep state` on `match`, so `-T` leaves it out.
 *
 * @example
 * renderRuleset(path, { era: "divert-to" });
 * // pass in quick on rdomain 0 inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 flags S/SA …
 */

import { familyOf } from "./rewrite.ts";

export type Era = "divert-to" | "rdr-to" | "rdr-anchor";

/** The data connection that one PORT, EPRT, 227 or 229 agrees on. Addresses: docs/reference/ftp-proxy/program.md. */
export interface DataPath {
  readonly mode: "passive" | "active";
  /** CLIENT */
  readonly client: string;
  /** ORIG: what the client dialled. */
  readonly original: string;
  /** SERVER: what the proxy dialled. */
  readonly server: string;
  /** PROXY: the proxy's address towards the server. */
  readonly proxy: string;
  /** P or CP: the port that the peer named. */
  readonly port: number;
  /** PP: the port that the other peer is given. */
  readonly proxyPort: number;
  /** Connect to the client from port 20 (`-r`, PORT only). */
  readonly fromPort20: boolean;
}

export interface RuleOptions {
  readonly era: Era;
  /** `-v` 1, `-vv` 2. */
  readonly log?: 0 | 1 | 2;
  /** `-q` */
  readonly queue?: string;
  /** `-T` */
  readonly tag?: string;
  /** RD: the client's routing domain. */
  readonly clientRdomain?: number;
  /** RT: the proxy's routing table. */
  readonly rtable?: number;
}

/** One connection as the two rules see it: from `source` to `seen`:`seenPort`, really `target`:`port`, leaving as `leavesAs`. */
interface Redirection {
  readonly source: string;
  readonly seen: string;
  readonly seenPort: number;
  readonly target: string;
  readonly port: number;
  readonly leavesAs: string;
  readonly inRdomain: number;
  readonly outRdomain: number;
}

export function renderRuleset(path: DataPath, options: RuleOptions): string {
  const redirection = redirectionOf(path, options);
  return options.era === "rdr-anchor"
    ? classicRules(path, redirection, options)
    : modernRules(path, redirection, options);
}

function redirectionOf(path: DataPath, options: RuleOptions): Redirection {
  const client = options.clientRdomain ?? 0;
  const proxy = options.rtable ?? 0;
  const common = { seenPort: path.proxyPort, port: path.port };
  // docs/reference/ftp-proxy/rules.md: passive enters where the client is, active where the server is.
  return path.mode === "passive"
    ? {
        ...common,
        source: path.client,
        seen: path.original,
        target: path.server,
        leavesAs: path.proxy,
        inRdomain: client,
        outRdomain: proxy,
      }
    : {
        ...common,
        source: path.server,
        seen: path.proxy,
        target: path.client,
        leavesAs: path.original,
        inRdomain: proxy,
        outRdomain: client,
      };
}

function modernRules(path: DataPath, r: Redirection, options: RuleOptions): string {
  const rdomains = options.era === "divert-to";
  const rule = (
    direction: "in" | "out",
    rdomain: number,
    toAddress: string,
    toPort: number,
    ending: readonly string[],
  ) =>
    words(
      options.tag === undefined ? "pass" : "match",
      direction,
      logWord(options),
      options.tag === undefined && "quick",
      rdomains && `on rdomain ${rdomain}`,
      familyOf(path.client),
      `proto tcp from ${r.source} to ${toAddress} port = ${toPort} flags S/SA`,
      // `set` came with 5.5; before, a queue came after the state.
      rdomains && options.queue !== undefined && `set (queue ${options.queue})`,
      // sbin/pfctl/parse.y: "keep state is great, but only for pass rules".
      options.tag === undefined && "keep state (max 1)",
      !rdomains && options.queue !== undefined && `queue ${options.queue}`,
      options.tag !== undefined && `tag ${options.tag}`,
      ...ending,
    );
  const source = path.fromPort20 && path.mode === "active" ? " port 20" : "";
  return (
    rule("in", r.inRdomain, r.seen, r.seenPort, [
      ...(rdomains ? [`rtable ${r.outRdomain}`] : []),
      `rdr-to ${r.target} port ${r.port}`,
    ]) + rule("out", r.outRdomain, r.target, r.port, [`nat-to ${r.leavesAs}${source}`])
  );
}

/** Source: filter.c before 1.9 of OpenBSD and FreeBSD contrib/pf: translation comes before filtering. */
function classicRules(path: DataPath, r: Redirection, options: RuleOptions): string {
  const family = familyOf(path.client);
  const source = path.fromPort20 && path.mode === "active" ? " port 20" : "";
  const filter = (direction: "in" | "out", from: string) =>
    words(
      "pass",
      direction,
      logWord(options),
      options.tag === undefined && "quick",
      `${family} proto tcp from ${from} to ${r.target} port = ${r.port} flags S/SA keep state (max 1)`,
      options.queue !== undefined && `queue ${options.queue}`,
      options.tag !== undefined && `tag ${options.tag}`,
    );
  return (
    words(`rdr ${family} proto tcp from ${r.source} to ${r.seen} port = ${r.seenPort} -> ${r.target} port ${r.port}`) +
    words(`nat ${family} proto tcp from ${r.source} to ${r.target} port = ${r.port} -> ${r.leavesAs}${source}`) +
    filter("in", r.source) +
    filter("out", r.leavesAs)
  );
}

function logWord(options: RuleOptions): string | false {
  return options.log === 2 ? "log (all)" : options.log === 1 && "log";
}

function words(...parts: readonly (string | false)[]): string {
  return `${parts.filter((part) => part !== false).join(" ")}\n`;
}
