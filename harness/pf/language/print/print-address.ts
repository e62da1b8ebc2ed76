/** Addresses as pfctl prints them: `10.0.0.0/8`, `<t>`, `(em0:network)`, `any`, `10.0.0.1 - 10.0.0.9`. */

import type { Family } from "../../packet.ts";
import type { AddressSpec } from "../../rule.ts";

/** How many addresses a table or a dynamic interface has now; undefined if that is not known. */
export type Count = (spec: Extract<AddressSpec, { kind: "table" | "dynamic" }>) => number | undefined;

/** `family` is the rule's; it decides which mask is worth showing. With `count`, `<t:5>` and `(em0:2)` as `-vv` has it. */
export function formatAddress(spec: AddressSpec, family?: Family, count?: Count): string {
  switch (spec.kind) {
    case "any":
    case "no-route":
    case "urpf-failed":
      return spec.kind;
    case "network":
      return spec.prefix < (spec.family === "inet" ? 32 : 128) ? `${spec.address}/${spec.prefix}` : spec.address;
    case "range":
      return `${spec.first} - ${spec.last}`;
    case "table":
      return count === undefined ? `<${spec.name}>` : `<${spec.name}:${count(spec) ?? "*"}>`;
    case "dynamic": {
      const size = count === undefined ? [] : [count(spec) || "*"];
      const name = `(${[spec.interface, ...spec.modifiers, ...size].join(":")})`;
      const { prefix } = spec;
      return prefix !== undefined && prefix < (family === "inet" ? 32 : 128) ? `${name}/${prefix}` : name;
    }
    case "route":
      return `route "${spec.label}"`;
    default:
      return spec satisfies never;
  }
}
