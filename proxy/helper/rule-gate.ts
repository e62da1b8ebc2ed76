/**
 * What the privileged helper lets through: exactly the rules that this proxy writes for one data
 * connection, from host to host, and nothing that merely looks like them. The text is read into a
 * `DataPath`, checked, and written anew from it; only when the two texts are the same do they pass.
 *
 * @example
 * admit(text, { dialect: "divert-to" }); // the same text, or undefined
 */

import { canonicalAddress } from "../address-text.ts";
import { type DataPath, type RuleOptions, renderRuleset } from "../session/ruleset.ts";

/** docs/reference/ftp-proxy/rules.md: no data port below 1024; PP from 49152. */
const lowestPort = 1024;
const lowestProxyPort = 49_152;

const entering =
  /^(?:pass|match) in [^"\n]*?from (\S+) to (\S+) port = (\d+) flags S\/SA [^"\n]*rdr-to (\S+) port (\d+)$/;
const leaving = /^(?:pass|match) out [^"\n]*?from \S+ to \S+ port = \d+ flags S\/SA [^"\n]*nat-to (\S+?)( port 20)?$/;
const redirecting = /^rdr \S+ proto tcp from (\S+) to (\S+) port = (\d+) -> (\S+) port (\d+)$/;
const translating = /^nat \S+ proto tcp from \S+ to \S+ port = \d+ -> (\S+?)( port 20)?$/;

export function admit(text: string, options: RuleOptions): string | undefined {
  for (const mode of ["passive", "active"] as const) {
    const path = readPath(text, mode, options);
    if (path !== undefined && isHostToHost(path) && renderRuleset(path, options) === text) return text;
  }
  return undefined;
}

function readPath(text: string, mode: DataPath["mode"], options: RuleOptions): DataPath | undefined {
  const [first = "", second = ""] = text.split("\n");
  const classic = options.dialect === "rdr-anchor";
  const inward = (classic ? redirecting : entering).exec(first);
  const outward = (classic ? translating : leaving).exec(second);
  if (inward === null || outward === null) return undefined;
  const [, source = "", seen = "", proxyPort, target = "", port] = inward;
  const ends =
    mode === "passive"
      ? { client: source, original: seen, server: target, proxy: outward[1] ?? "" }
      : { server: source, proxy: seen, client: target, original: outward[1] ?? "" };
  const ports = { port: Number(port), proxyPort: Number(proxyPort) };
  return { mode, ...ends, ...ports, fromPort20: outward[2] !== undefined };
}

function isHostToHost(path: DataPath): boolean {
  const hosts = [path.client, path.original, path.server, path.proxy];
  const families = new Set(hosts.map((host) => host.includes(":")));
  return (
    families.size === 1 &&
    hosts.every((host) => canonicalAddress(host) === host) &&
    path.port >= lowestPort &&
    path.port < 65_536 &&
    path.proxyPort >= lowestProxyPort &&
    path.proxyPort < 65_536
  );
}
