/**
 * The interfaces of a firewall from a file: what `ifconfig -A` prints on OpenBSD, or JSON.
 *
 * JSON is a list of `{ "name": "em0", "groups": ["egress"], "addresses": ["192.0.2.1/24", "2001:db8::1/64"] }`;
 * `groups`, `rdomain` and `loopback` may be left out, and an address may also be a record
 * `{ "address": "192.0.2.1", "prefix": 24, "broadcast": "192.0.2.255", "peer": "192.0.2.2" }`.
 *
 * @example
 * parseInterfaces("em0: flags=8843<UP> mtu 1500\n\tinet 192.0.2.1 netmask 0xffffff00\n")[0]?.name // "em0"
 */

import { addressOf } from "../engine/tables/address.ts";
import type { Interface } from "../ruleset.ts";
import { parseIfconfig } from "./ifconfig.ts";
import { InterfacesError } from "./interfaces-error.ts";

/** What every machine has. */
export const LOOPBACK: Interface = {
  name: "lo0",
  groups: ["lo"],
  addresses: [
    { address: "::1", prefix: 128 },
    { address: "fe80::1", prefix: 64 },
    { address: "127.0.0.1", prefix: 8 },
  ],
  loopback: true,
};

/** Throws {@link InterfacesError}. A machine without loopback interface gets lo0. */
export function parseInterfaces(text: string): readonly Interface[] {
  const json = /^\s*[[{]/.test(text);
  const found = json ? fromJson(text) : parseIfconfig(text);
  if (found.length === 0) throw new InterfacesError("no interface in it: expected `ifconfig -A` as printed, or JSON");
  return found.some(({ loopback, name }) => loopback === true || name === "lo0") ? found : [LOOPBACK, ...found];
}

function fromJson(text: string): readonly Interface[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InterfacesError(`no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const list: unknown = isRecord(value) && Array.isArray(value.interfaces) ? value.interfaces : value;
  if (!Array.isArray(list)) throw new InterfacesError("expected a list of interfaces");
  return list.map((item: unknown, index) => {
    if (!isRecord(item) || typeof item.name !== "string") {
      throw new InterfacesError(`interface ${index + 1} of the list has no "name"`);
    }
    const { name } = item;
    const groups = Array.isArray(item.groups) ? item.groups.map(String) : [];
    const addresses = Array.isArray(item.addresses) ? item.addresses : [];
    return {
      name,
      groups,
      addresses: addresses.map((address: unknown) => jsonAddress(name, address)),
      ...(typeof item.rdomain === "number" && { rdomain: item.rdomain }),
      ...((item.loopback === true || /^lo\d+$/.test(name)) && { loopback: true }),
    };
  });
}

function jsonAddress(name: string, value: unknown): Interface["addresses"][number] {
  const wrong = () => new InterfacesError(`${name}: ${JSON.stringify(value)} is no address with a prefix length`);
  if (typeof value === "string") {
    const [address = "", prefix] = value.split("/");
    const bits = prefix === undefined ? (address.includes(":") ? 128 : 32) : Number(prefix);
    return checked({ address, prefix: bits }, wrong);
  }
  if (!isRecord(value) || typeof value.address !== "string" || typeof value.prefix !== "number") throw wrong();
  const { address, prefix, broadcast, peer } = value;
  const extra = {
    ...(typeof broadcast === "string" && { broadcast }),
    ...(typeof peer === "string" && { peer }),
  };
  return checked({ address, prefix, ...extra }, wrong);
}

function checked(entry: Interface["addresses"][number], wrong: () => Error): Interface["addresses"][number] {
  try {
    const { family, text } = addressOf(entry.address);
    if (!Number.isInteger(entry.prefix) || entry.prefix < 0 || entry.prefix > (family === "inet" ? 32 : 128)) {
      throw wrong();
    }
    return { ...entry, address: text };
  } catch {
    throw wrong();
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
