/**
 * `$if $srcaddr $dstaddr $srcport $dstport $proto $nr` in labels and tags: each expanded rule gets its own text.
 * `label "$proto-$dstport"` on a rule for tcp port 80 becomes `tcp-80`.
 */

import type { Family } from "../../packet.ts";
import type { AddressSpec, RangeOperator } from "../../rule.ts";
import { protocolName } from "../names/protocols.ts";
import { Fatal, LABEL_SIZE } from "../tokens/limits.ts";
import type { Draft } from "./draft.ts";

function address(spec: AddressSpec, family: Family | undefined): string {
  switch (spec.kind) {
    case "dynamic":
      return `(${spec.interface})`;
    case "table":
      return `<${spec.name}>`;
    case "no-route":
    case "urpf-failed":
      return spec.kind;
    case "any":
      return "any";
    case "network":
      if (family === undefined) return "any";
      return spec.prefix < (family === "inet" ? 32 : 128) ? `${spec.address}/${spec.prefix}` : spec.address;
    default:
      return "?";
  }
}

/** pfctl has no text for an inclusive range here. */
function port(operator: RangeOperator | undefined): string {
  if (operator === undefined || operator.op === ":") return "";
  if ("value" in operator) return operator.op === "=" ? String(operator.value) : `${operator.op}${operator.value}`;
  return `${operator.from}${operator.op}${operator.to}`;
}

function replace(text: string, name: string, value: string): string {
  const expanded = text.split(name).join(value);
  if (expanded.length >= LABEL_SIZE) throw new Fatal("expand_label: label too long");
  return expanded;
}

/** All but `$nr`. */
export function expandLabel(text: string, draft: Draft): string {
  if (!text.includes("$")) return text;
  const { source, destination, family } = draft;
  const end = (which: typeof source): string => (which.negated ? "! " : "") + address(which.address, family);
  const values: readonly (readonly [string, () => string])[] = [
    ["$if", () => draft.interface?.name ?? "any"],
    ["$srcaddr", () => end(source)],
    ["$dstaddr", () => end(destination)],
    ["$srcport", () => port(source.port)],
    ["$dstport", () => port(destination.port)],
    ["$proto", () => protocolName(draft.protocol ?? 0) ?? String(draft.protocol)],
  ];
  let expanded = text;
  for (const [name, value] of values) if (expanded.includes(name)) expanded = replace(expanded, name, value());
  return expanded;
}

/** The number of the rule in its ruleset, known when all rules are. */
export const expandNumber = (text: string, number: number): string =>
  text.includes("$nr") ? replace(text, "$nr", String(number)) : text;
