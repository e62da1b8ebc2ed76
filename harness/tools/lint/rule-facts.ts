/**
 * What parsed rules say about FTP and about addresses: small questions that checks and guesses share, and the evidence
 * about the machine that they add up to. Rules of inline anchors count as well.
 */

import { inRange } from "../../pf/engine/rules/criteria.ts";
import { PROTOCOL } from "../../pf/packet.ts";
import type { AddressSpec, AnchorRule, FilterRule, Rule, RuleEnd } from "../../pf/rule.ts";
import type { Ruleset, TableDefinition } from "../../pf/ruleset.ts";

/** RFC 959: the server's control port. */
export const FTP = 21;

/** Every rule with those of inline anchors, in order of evaluation. */
export const allRules = (rules: readonly Rule[]): readonly Rule[] =>
  rules.flatMap((rule) => (rule.kind === "anchor" ? [rule, ...allRules(rule.rules ?? [])] : [rule]));

export const filterRules = ({ rules }: Ruleset): readonly FilterRule[] =>
  allRules(rules).filter((rule) => rule.kind === "filter");

export const anchorRules = ({ rules }: Ruleset): readonly AnchorRule[] =>
  allRules(rules).filter((rule) => rule.kind === "anchor");

/** It names the control port (alone or in a range), not just any port. */
type Matching = Pick<FilterRule, "protocol" | "destination">;

export function isForFtp({ protocol, destination: { port } }: Matching): boolean {
  return port !== undefined && (protocol === undefined || protocol === PROTOCOL.tcp) && inRange(port, FTP);
}

/** A rule for other ports as well serves somebody else, too. */
export const isForFtpOnly = (rule: Matching | undefined): boolean => {
  const port = rule?.destination.port;
  return port !== undefined && port.op === "=" && port.value === FTP;
};

/** 127.0.0.1, any of 127/8, or ::1. */
export const isLoopbackAddress = (address: string): boolean => address.startsWith("127.") || address === "::1";

/** A host or network that a rule names; undefined for `any` and what is known only to the machine. */
export interface Named {
  readonly address: string;
  readonly prefix: number;
}

/** Addresses that stand for the spec, tables looked up in the text; negated entries left out. */
export function namedAddresses(spec: AddressSpec, tables: readonly TableDefinition[]): readonly Named[] {
  switch (spec.kind) {
    case "network":
      return spec.prefix === 0 ? [] : [spec];
    case "range":
      return [{ address: spec.first, prefix: spec.family === "inet" ? 32 : 128 }];
    case "table":
      return (tables.find(({ name }) => name === spec.name)?.addresses ?? []).filter(({ negated }) => !negated);
    default:
      return [];
  }
}

export const familyOfText = (address: string): "inet" | "inet6" => (address.includes(":") ? "inet6" : "inet");

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
