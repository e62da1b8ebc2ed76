/**
 * What the rules of a rule set, once parsed, say about FTP and about addresses: small questions that checks and guesses
 * share. Rules of inline anchors count as well.
 */

import { inRange } from "../../pf/engine/rules/criteria.ts";
import { PROTOCOL } from "../../pf/packet.ts";
import type { AddressSpec, AnchorRule, FilterRule, Rule } from "../../pf/rule.ts";
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
export function isForFtp({ protocol, destination: { port } }: FilterRule): boolean {
  return port !== undefined && (protocol === undefined || protocol === PROTOCOL.tcp) && inRange(port, FTP);
}

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
