/**
 * Bytes of a raw IP wire to packet records: the inverse of encode.ts. Pure; answers the reason for bytes that are no
 * packet, and never throws.
 *
 * Only `verify` checks checksums: a kernel's checksum offload leaves them empty on a TUN device. The record skips
 * SACK blocks, unknown options, and IPv6 extension headers other than hop-by-hop, routing, destination options and
 * fragment.
 * A later fragment becomes a RawPacket, as it has no transport header.
 * The payload is a view of `bytes`, not a copy: a caller that reuses its buffer copies first.
 *
 * @example
 * const result = decode(bytes);
 * if (result.ok) engine.test("in", "em0", result.packet, notes);
 */

import { type IcmpPacket, type Packet, PROTOCOL, type TcpOptions, type TcpPacket } from "../../pf/packet.ts";
import { finish, sum } from "./checksum.ts";
import { type DecodeFailure, get16, get32, type IpPart, ipPart } from "./ip-part.ts";
import { isIcmpError, isIcmpQuery } from "./length.ts";

export type Decoded =
  | { readonly ok: true; readonly packet: Packet }
  | { readonly ok: false; readonly reason: DecodeFailure };

export interface DecodeOptions {
  /** Check IP and transport checksums; default false. */
  readonly verify?: boolean;
}

/** Decodes one packet. Bytes after its own length (padding) are ignored. */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): Decoded {
  // So that payloads are plain Uint8Arrays too.
  const plain = bytes instanceof Buffer ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes;
  return decodeAt(plain, options.verify === true, false);
}

function decodeAt(bytes: Uint8Array, verify: boolean, quoted: boolean): Decoded {
  const ip = ipPart(bytes, { verify, quoted });
  if (typeof ip === "string") return failed(ip);
  const whole = (ip.header.fragment?.offset ?? 0) === 0;
  if (!whole) return { ok: true, packet: rawPacket(bytes, ip) };
  if (verify && ip.header.fragment === undefined && !checksumHolds(bytes, ip)) return failed("bad-checksum");
  const packet = transport(bytes, ip, quoted);
  if (packet !== undefined) return { ok: true, packet };
  // A first fragment may end within the transport header.
  return ip.fragment === undefined ? failed("short") : { ok: true, packet: rawPacket(bytes, ip) };
}

const rawPacket = (bytes: Uint8Array, { header, protocol, start, end }: IpPart): Packet => ({
  ...header,
  protocol,
  payload: bytes.subarray(start, end),
});

const failed = (reason: DecodeFailure): Decoded => ({ ok: false, reason });

/** Undefined when the transport header is cut. In a quoted packet 8 bytes of it suffice (RFC 792). */
function transport(bytes: Uint8Array, ip: IpPart, quoted: boolean): Packet | undefined {
  const { start, end, header, protocol } = ip;
  const room = end - start;
  switch (protocol) {
    case PROTOCOL.tcp: {
      if (room < 20 && !(quoted && room >= 8)) return undefined;
      const cut = room < 20;
      const dataStart = cut ? end : start + (bytes[start + 12]! >> 4) * 4;
      if (dataStart < start + 20 && !cut) return undefined;
      if (dataStart > end && !quoted) return undefined;
      const flags = cut ? 0 : bytes[start + 13]!;
      const packet: Writable<TcpPacket> = {
        family: header.family,
        source: header.source,
        destination: header.destination,
        ttl: header.ttl,
        tos: header.tos,
        protocol: PROTOCOL.tcp,
        sourcePort: get16(bytes, start),
        destinationPort: get16(bytes, start + 2),
        seq: get32(bytes, start + 4),
        ack: cut ? 0 : get32(bytes, start + 8),
        flags,
        window: cut ? 0 : get16(bytes, start + 14),
        payload: bytes.subarray(Math.min(dataStart, end), end),
      };
      if ((flags & 0x20) !== 0) packet.urgent = get16(bytes, start + 18);
      const tcpOptions = tcpOptionsOf(bytes, start + 20, Math.min(dataStart, end));
      if (tcpOptions !== undefined) packet.tcpOptions = tcpOptions;
      return withOptional(header, packet);
    }
    case PROTOCOL.udp:
      if (room < 8) return undefined;
      return withOptional(header, {
        family: header.family,
        source: header.source,
        destination: header.destination,
        ttl: header.ttl,
        tos: header.tos,
        protocol: PROTOCOL.udp,
        sourcePort: get16(bytes, start),
        destinationPort: get16(bytes, start + 2),
        payload: bytes.subarray(start + 8, end),
      });
    case PROTOCOL.icmp:
    case PROTOCOL.icmp6:
      // The other family's ICMP is an ordinary unknown protocol.
      if ((protocol === PROTOCOL.icmp) !== (header.family === "inet")) break;
      return room < 8 ? undefined : icmp(bytes, ip, protocol);
  }
  return rawPacket(bytes, ip);
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** V8 takes a hundred times longer for `{ ...header, many: more, fields }` than for this. */
function withOptional<T extends Packet>(header: IpPart["header"], packet: Writable<T>): T {
  if (header.options === true) packet.options = true;
  if (header.fragment !== undefined) packet.fragment = header.fragment;
  if (header.dontFragment === true) packet.dontFragment = true;
  return packet as T;
}

function icmp(bytes: Uint8Array, ip: IpPart, protocol: IcmpPacket["protocol"]): IcmpPacket {
  const { start, end, header } = ip;
  const type = bytes[start]!;
  const base = { ...header, protocol, type, code: bytes[start + 1]! };
  const empty = new Uint8Array(0);
  if (isIcmpError(base)) {
    const inner = decodeAt(bytes.subarray(start + 8, end), false, true);
    const mtu = get32(bytes, start + 4);
    return {
      ...base,
      ...(mtu !== 0 && { mtu }),
      ...(inner.ok ? { quoted: inner.packet, payload: empty } : { payload: bytes.subarray(start + 8, end) }),
    };
  }
  const query = isIcmpQuery(base) && { id: get16(bytes, start + 4), sequence: get16(bytes, start + 6) };
  return { ...base, ...query, payload: bytes.subarray(start + 8, end) };
}

function tcpOptionsOf(bytes: Uint8Array, from: number, to: number): TcpOptions | undefined {
  let found: Writable<TcpOptions> | undefined;
  for (let at = from; at < to; ) {
    const kind = bytes[at]!;
    if (kind === 0) break;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > to) break;
    found ??= {};
    if (kind === 2 && length === 4) found.mss = get16(bytes, at + 2);
    else if (kind === 3 && length === 3) found.windowScale = bytes[at + 2]!;
    else if (kind === 4 && length === 2) found.sackPermitted = true;
    else if (kind === 8 && length === 10)
      found.timestamps = { value: get32(bytes, at + 2), echo: get32(bytes, at + 6) };
    at += length;
  }
  return found === undefined || Object.keys(found).length === 0 ? undefined : found;
}

function checksumHolds(bytes: Uint8Array, ip: IpPart): boolean {
  const { protocol, start, end, header } = ip;
  const addresses = header.family === "inet" ? sum(bytes, 12, 20) : sum(bytes, 8, 40);
  const pseudo = addresses + protocol + (end - start);
  switch (protocol) {
    case PROTOCOL.udp:
      // RFC 768: zero means that none was made.
      return get16(bytes, start + 6) === 0 || finish(sum(bytes, start, end, pseudo)) === 0;
    case PROTOCOL.tcp:
      return finish(sum(bytes, start, end, pseudo)) === 0;
    case PROTOCOL.icmp:
      return finish(sum(bytes, start, end)) === 0;
    case PROTOCOL.icmp6:
      return finish(sum(bytes, start, end, pseudo)) === 0;
    default:
      return true;
  }
}
