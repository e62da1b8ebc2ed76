/**
 * The interfaces of a firewall from a file: the output of `ifconfig -A` on OpenBSD, or JSON.
 *
 * JSON is a list of `{ "name": "em0", "groups": ["egress"], "addresses": ["192.0.2.1/24", "2001:db8::1/64"] }`;
 * `groups`, `rdomain` and `loopback` may be left out, and an address may also be a record
 * `{ "address": "192.0.2.1", "prefix": 24, "broadcast": "192.0.2.255", "peer": "192.0.2.2" }`.
 *
 * @example
 * parseInterfaces("em0: flags=8843<UP> mtu 1500\n\tinet 192.0.2.1 netmask 0xffffff00\n")[0]?.name // "em0"
 */

import { addressOf } from "./engine/tables/address.ts";
import type { Interface } from "./ruleset.ts";

/** An interfaces file that cannot be used: the reason, and the line if there is one. */
export class InterfacesError extends Error {
  override readonly name = "InterfacesError";
  /** 1-based. */
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}

/** The loopback interface of every machine. */
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
  if (found.length === 0)
    throw new InterfacesError("no interfaces found: expected the output of `ifconfig -A`, or JSON");
  return found.some(({ loopback, name }) => loopback === true || name === "lo0") ? found : [LOOPBACK, ...found];
}

function fromJson(text: string): readonly Interface[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InterfacesError(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
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
  const wrong = () => new InterfacesError(`${name}: ${JSON.stringify(value)} is not an address with a prefix length`);
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

interface Open {
  readonly name: string;
  readonly groups: string[];
  readonly addresses: Interface["addresses"][number][];
  readonly loopback: boolean;
  readonly rdomain: number | undefined;
}

/** `ifconfig -A` of OpenBSD. Lines without names, groups and addresses (`lladdr`, `media`, `status` …) are skipped. */
function parseIfconfig(text: string): readonly Interface[] {
  const found: Open[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    const head = /^([a-z]+\d+): flags=\w+<([\w,]*)>(.*)$/.exec(line);
    if (head !== null) {
      const [, name = "", flags = "", rest = ""] = head;
      const rdomain = /\brdomain (\d+)/.exec(rest)?.[1];
      found.push({
        name,
        groups: [],
        addresses: [],
        loopback: flags.split(",").includes("LOOPBACK"),
        rdomain: rdomain === undefined ? undefined : Number(rdomain),
      });
      return;
    }
    const words = line.trim().split(/\s+/);
    const [keyword] = words;
    if (keyword !== "groups:" && keyword !== "inet" && keyword !== "inet6") return;
    const open = found.at(-1);
    if (open === undefined) throw new InterfacesError(`${keyword} before any interface`, index + 1);
    if (keyword === "groups:") open.groups.push(...words.slice(1));
    else open.addresses.push(address(words, index + 1));
  });
  return found.map(({ loopback, rdomain, ...one }) => ({
    ...one,
    ...(loopback && { loopback }),
    ...(rdomain !== undefined && { rdomain }),
  }));
}

/** `inet 10.0.0.1 --> 10.0.0.2 netmask 0xffffffff`, `inet6 fe80::1%em0 prefixlen 64 scopeid 0x1` */
function address(words: readonly string[], line: number): Interface["addresses"][number] {
  const [family, given = ""] = words;
  const after = (word: string): string | undefined => {
    const at = words.indexOf(word);
    return at < 0 ? undefined : words[at + 1];
  };
  const peer = after("-->");
  const broadcast = after("broadcast");
  const prefix = family === "inet" ? bitsOf(after("netmask")) : Number(after("prefixlen") ?? 128);
  try {
    return {
      address: addressOf(given.replace(/%.*$/, "")).text,
      prefix: prefix ?? 32,
      ...(broadcast !== undefined && { broadcast }),
      ...(peer !== undefined && { peer: peer.replace(/%.*$/, "") }),
    };
  } catch {
    throw new InterfacesError(`"${given}" is not an ${family} address`, line);
  }
}

/** `0xffffff00` or `255.255.255.0` */
function bitsOf(netmask: string | undefined): number | undefined {
  if (netmask === undefined) return undefined;
  const value = netmask.startsWith("0x")
    ? Number(netmask)
    : netmask.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return value.toString(2).replaceAll("0", "").length;
}
