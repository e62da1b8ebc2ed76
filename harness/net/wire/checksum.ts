/**
 * The Internet checksum (RFC 1071) and its change when a word changes (RFC 1624).
 *
 * @example
 * const value = finish(sum(bytes, 0, 20)); // 16 bits, to be stored as it is
 */

/** Adds the 16-bit words of `bytes[from, to)` to `initial`; an odd last byte counts as the high one. */
export function sum(bytes: Uint8Array, from: number, to: number, initial = 0): number {
  let total = initial;
  const even = to - ((to - from) & 1);
  for (let i = from; i < even; i += 2) total += (bytes[i]! << 8) | bytes[i + 1]!;
  if (even < to) total += bytes[even]! << 8;
  return total;
}

/** Folds a sum to the 16-bit checksum. A sum stays exact up to 2^53, so far beyond any packet. */
export function finish(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

/** The argument of `adjust` when one 16-bit word becomes another; such changes may be summed (RFC 1624, eqn. 3). */
export const changeOf = (before: number, after: number): number => (before === after ? 0 : (~before & 0xffff) + after);

/** The checksum after words have changed. */
export const adjust = (checksum: number, change: number): number =>
  change === 0 ? checksum : finish((~checksum & 0xffff) + change);
