/**
 * The options with which ftp-proxy must run for a rule set: where its rules lead clients to, and what the user gives.
 *
 * @example
 * flagsIn('ftpproxy_flags="-T ftp"\nftpproxy6_flags=""\n') // { inet: ["-T", "ftp"], inet6: [] }
 */

import type { Family } from "../../pf/packet.ts";
import type { FilterRule } from "../../pf/rule.ts";
import type { Analysis } from "../lint/analysis.ts";
import { withTranslations } from "../lint/read-rules.ts";
import { familyOfText, filterRules, isForFtp, isLoopbackAddress } from "../lint/rule-facts.ts";

/** ftp-proxy(8): where it listens by default. */
const DEFAULT_PORT = 8021;

/** The given options, and before them those that the rules show. */
export function proxyOptions(analysis: Analysis, family: Family, given: readonly string[] = []): readonly string[] {
  const target = filterRules(withTranslations(analysis.ruleset))
    .filter(isForFtp)
    .map(targetOf)
    .find((found) => found !== undefined && familyOfText(found.address) === family);
  const port = target?.port ?? analysis.port;
  const tag = analysis.tag === undefined || given.includes("-T") ? [] : ["-T", analysis.tag];
  return [
    ...(given.includes("-p") || port === DEFAULT_PORT ? [] : ["-p", String(port)]),
    ...(given.includes("-b") || target === undefined || isDefault(target.address) ? [] : ["-b", target.address]),
    ...tag,
    ...given,
  ];
}

const isDefault = (address: string): boolean => address === "127.0.0.1" || address === "::1";

/** Where the rule leads its packets on the firewall itself; undefined if to another host, or nowhere. */
function targetOf({ divert, rdrTo }: FilterRule): { readonly address: string; readonly port: number } | undefined {
  if (divert?.kind === "divert-to") return divert;
  const spec = rdrTo?.address;
  if (spec?.kind !== "network" || !isLoopbackAddress(spec.address) || rdrTo?.port === undefined) return undefined;
  return { address: spec.address, port: rdrTo.port.from };
}

/** `ftpproxy_flags` and `ftpproxy6_flags` of rc.conf.local(8), or of FreeBSD's rc.conf(5). */
export function flagsIn(rcConf: string): Partial<Record<Family, readonly string[]>> {
  const flags = (name: string): readonly string[] | undefined => {
    const found = rcConf.match(new RegExp(`^\\s*${name}_flags=(["']?)(.*?)\\1\\s*(?:#.*)?$`, "m"))?.[2];
    return found === undefined ? undefined : found.split(/\s+/).filter((word) => word !== "" && word !== "-6");
  };
  const [inet, inet6] = [flags("ftpproxy"), flags("ftpproxy6")];
  return { ...(inet && { inet }), ...(inet6 && { inet6 }) };
}
