/**
 * What the addresses in a rule set give away about the machine: networks of clients, the proxy's own addresses, the
 * server of a reverse set-up. Guesses of `site.ts` and the cast of a rehearsal are made from it.
 */

import type { FilterRule, RuleEnd } from "../../pf/rule.ts";
import type { Ruleset } from "../../pf/ruleset.ts";
import { familyOfText, filterRules, isForFtp, isLoopbackAddress, type Named, namedAddresses } from "./rule-facts.ts";

export interface ClientNetwork extends Named {
  /** The interface or group that the rule names, if it is one that packets come in by. */
  readonly interface?: string;
}

export interface Evidence {
  /** Sources of rules that translate, divert or let in. */
  readonly clientNetworks: readonly ClientNetwork[];
  /** Whence the proxy's connections to port ftp may come, and what nat-to translates to. */
  readonly ownAddresses: readonly string[];
  /** Hosts that rules divert or let in connections to port ftp for. */
  readonly ftpDestinations: readonly Named[];
  /** Hosts that rules let out connections to port ftp for. */
  readonly ftpServers: readonly Named[];
}

export const NO_EVIDENCE: Evidence = { clientNetworks: [], ownAddresses: [], ftpDestinations: [], ftpServers: [] };

export function evidenceOf(ruleset: Ruleset): Evidence {
  const { tables } = ruleset;
  const named = ({ address, negated }: RuleEnd) => (negated ? [] : namedAddresses(address, tables)).filter(isUnicast);
  const rules = filterRules(ruleset).filter(({ action }) => action !== "block");
  const hosts = (list: readonly Named[]) => list.filter(isHost).map(({ address }) => address);
  const forFtp = rules.filter(isForFtp);
  return {
    clientNetworks: rules
      .filter((rule) => rule.divert?.kind === "divert-to" || rule.natTo !== undefined || rule.direction === "in")
      .flatMap((rule) => named(rule.source).map((network) => ({ ...network, ...comingBy(rule) })))
      .filter((network) => isLocal(network) || network.interface !== undefined),
    ownAddresses: [
      ...forFtp.filter(({ direction }) => direction === "out").flatMap((rule) => hosts(named(rule.source))),
      ...rules.flatMap(({ natTo }) => (natTo === undefined ? [] : hosts(namedAddresses(natTo.address, tables)))),
    ],
    ftpDestinations: forFtp.filter(({ direction }) => direction !== "out").flatMap((rule) => named(rule.destination)),
    ftpServers: forFtp.filter(({ direction }) => direction === "out").flatMap((rule) => named(rule.destination)),
  };
}

const isHost = ({ address, prefix }: Named): boolean => prefix === (familyOfText(address) === "inet" ? 32 : 128);

const isUnicast = ({ address }: Named): boolean =>
  !isLoopbackAddress(address) && !/^(?:22[4-9]|23\d|24\d|25[0-5]|0)\.|^ff|^fe80/i.test(address) && address !== "::";

/** RFC 1918, RFC 6598, RFC 4193. */
export const isLocal = ({ address }: Named): boolean =>
  /^(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(address) ||
  /^f[cd]/i.test(address);

function comingBy({ direction, interface: on }: FilterRule): { readonly interface?: string } {
  return direction === "in" && on !== undefined && !on.negated ? { interface: on.name } : {};
}
