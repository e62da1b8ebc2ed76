/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012), by which `source-hash` pools choose: the model sends a source to
 * the same address as a kernel with the same key.
 */

const MASK = 0xffffffffffffffffn;
const rotate = (value: bigint, bits: bigint): bigint => ((value << bits) | (value >> (64n - bits))) & MASK;

/** @param key 16 bytes */
export function sipHash24(key: Uint8Array, data: Uint8Array): bigint {
  const k0 = littleEndian(key, 0);
  const k1 = littleEndian(key, 8);
  const v: [bigint, bigint, bigint, bigint] = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ];
  const whole = data.length - (data.length % 8);
  const take = (block: bigint) => {
    v[3] ^= block;
    round(v);
    round(v);
    v[0] ^= block;
  };
  for (let i = 0; i < whole; i += 8) take(littleEndian(data, i));
  let last = BigInt(data.length & 0xff) << 56n;
  for (let i = whole; i < data.length; i++) last |= BigInt(data[i] as number) << BigInt(8 * (i - whole));
  take(last);
  v[2] ^= 0xffn;
  for (let i = 0; i < 4; i++) round(v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

function round(v: [bigint, bigint, bigint, bigint]): void {
  v[0] = (v[0] + v[1]) & MASK;
  v[1] = rotate(v[1], 13n) ^ v[0];
  v[0] = rotate(v[0], 32n);
  v[2] = (v[2] + v[3]) & MASK;
  v[3] = rotate(v[3], 16n) ^ v[2];
  v[0] = (v[0] + v[3]) & MASK;
  v[3] = rotate(v[3], 21n) ^ v[0];
  v[2] = (v[2] + v[1]) & MASK;
  v[1] = rotate(v[1], 17n) ^ v[2];
  v[2] = rotate(v[2], 32n);
}

function littleEndian(bytes: Uint8Array, offset: number): bigint {
  let value = 0n;
  for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(bytes[offset + i] ?? 0);
  return value;
}
