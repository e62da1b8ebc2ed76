/**
 * Address prefixes: `10.0.0.0/24`, `2001:db8::/32`, `0.0.0.0/0`.
 *
 * @example
 * const inside = parsePrefix("10.0.0.1/24"); // network 10.0.0.0/24, without the host bits
 * contains(inside, "10.0.0.66"); // true
 */

import type { Family } from "../../pf/packet.ts";
import { addressBytes, addressText, familyOf } from "../wire/address.ts";

export interface Prefix {
  readonly family: Family;
  /** Canonical text of the network's first address. */
  readonly network: string;
  /** Bits. */
  readonly length: number;
}

/** Text with a length; without one, a host prefix. Throws RangeError. */
export function parsePrefix(text: string): Prefix {
  const [address = "", bits, ...rest] = text.split("/");
  const bytes = addressBytes(address);
  const most = bytes.length * 8;
  const length = bits === undefined ? most : Number(bits);
  if (rest.length > 0 || bits === "" || !Number.isInteger(length) || length < 0 || length > most) {
    throw new RangeError(`not an address prefix: ${JSON.stringify(text)}`);
  }
  return { family: familyOf(address), network: addressText(masked(bytes, length)), length };
}

export function contains(prefix: Prefix, address: string): boolean {
  if (familyOf(address) !== prefix.family) return false;
  return addressText(masked(addressBytes(address), prefix.length)) === prefix.network;
}

function masked(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.map((byte, index) => byte & (0xff << Math.max(0, 8 - Math.max(0, length - index * 8))));
}
