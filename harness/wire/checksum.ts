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

/** The checksum after the words of `before` have become those of `after`, at an even offset (RFC 1624, eqn. 3). */
export function adjust(checksum: number, before: Uint8Array, after: Uint8Array): number {
  let total = ~checksum & 0xffff;
  for (let i = 0; i < before.length; i += 2) total += ~((before[i]! << 8) | (before[i + 1] ?? 0)) & 0xffff;
  return finish(sum(after, 0, after.length, total));
}
