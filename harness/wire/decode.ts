/**
 * Bytes of a raw IP wire to packet records: the inverse of encode.ts. Pure, never throws for what a
 * peer may send: a packet that cannot be understood is answered with the reason.
 *
 * Checksums are looked at only when asked (`verify`): a kernel's checksum offload leaves them empty
 * on a TUN device. What a record has no field for (SACK blocks, unknown options, IPv6 extension
 * headers other than hop-by-hop, routing, destination options and fragment) is skipped.
 * A later fragment becomes a RawPacket: its transport header is elsewhere.
 *
 * @example
 * const result = decode(bytes);
 * if (result.ok) engine.test("in", "em0", result.packet, notes);
 */

import { type IcmpPacket, type Packet, PROTOCOL, type TcpOptions } from "../pf/packet.ts";
import { addressText } from "./address.ts";
import { finish, sum } from "./checksum.ts";
import { isIcmpError, isIcmpQuery } from "./length.ts";

export type DecodeFailure = "short" | "version" | "bad-length" | "bad-checksum";
export type Decoded =
  | { readonly ok: true; readonly packet: Packet }
  | { readonly ok: false; readonly reason: DecodeFailure };

export interface DecodeOptions {
  /** Check IP and transport checksums; default false. */
  readonly verify?: boolean;
}

/** Address, ttl and the rest of what stands before the transport header, and where that begins. */
interface IpPart {
  readonly header: Omit<Packet, "protocol" | "payload">;
  readonly protocol: number;
  readonly start: number;
  readonly end: number;
}

/** Decodes one packet. Bytes after its own length (padding) are ignored. */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): Decoded {
  // A Buffer's slice would share the memory of the caller.
  const plain = bytes instanceof Buffer ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes;
  return decodeAt(plain, options.verify === true, false);
}

function decodeAt(bytes: Uint8Array, verify: boolean, quoted: boolean): Decoded {
  const version = (bytes[0] ?? 0) >> 4;
  if (version !== 4 && version !== 6) return failed(bytes.length === 0 ? "short" : "version");
  const ip = version === 4 ? inetHeader(bytes, verify, quoted) : inet6Header(bytes, quoted);
  if (typeof ip === "string") return failed(ip);
  const whole = (ip.header.fragment?.offset ?? 0) === 0;
  if (!whole)
    return { ok: true, packet: { ...ip.header, protocol: ip.protocol, payload: bytes.slice(ip.start, ip.end) } };
  if (verify && ip.header.fragment === undefined && !checksumHolds(bytes, ip)) return failed("bad-checksum");
  const packet = transport(bytes, ip, quoted);
  return packet === undefined ? failed("short") : { ok: true, packet };
}

const failed = (reason: DecodeFailure): Decoded => ({ ok: false, reason });

function inetHeader(bytes: Uint8Array, verify: boolean, quoted: boolean): IpPart | DecodeFailure {
  const start = (bytes[0]! & 15) * 4;
  if (start < 20 || bytes.length < start) return "short";
  const total = get16(bytes, 2);
  if (total < start || (total > bytes.length && !quoted)) return "bad-length";
  if (verify && finish(sum(bytes, 0, start)) !== 0) return "bad-checksum";
  const flags = get16(bytes, 6);
  const fragmented = (flags & 0x3fff) !== 0;
  return {
    header: {
      family: "inet",
      source: addressText(bytes, 12, 4),
      destination: addressText(bytes, 16, 4),
      ttl: bytes[8]!,
      tos: bytes[1]!,
      ...(start > 20 && { options: true }),
      ...(fragmented && {
        fragment: { id: get16(bytes, 4), offset: (flags & 0x1fff) * 8, more: (flags & 0x2000) !== 0 },
      }),
      ...((flags & 0x4000) !== 0 && { dontFragment: true }),
    },
    protocol: bytes[9]!,
    start,
    end: Math.min(total, bytes.length),
  };
}

function inet6Header(bytes: Uint8Array, quoted: boolean): IpPart | DecodeFailure {
  if (bytes.length < 40) return "short";
  const total = 40 + get16(bytes, 4);
  if (total > bytes.length && !quoted) return "bad-length";
  const end = Math.min(total, bytes.length);
  let protocol = bytes[6]!;
  let start = 40;
  let options = false;
  let fragment: Packet["fragment"];
  // RFC 8200: 0 hop-by-hop, 43 routing, 60 destination options, 44 fragment.
  while (protocol === 0 || protocol === 43 || protocol === 60 || protocol === 44) {
    if (start + 8 > end) return "short";
    const next = bytes[start]!;
    if (protocol === 44) {
      const field = get16(bytes, start + 2);
      fragment = { id: get32(bytes, start + 4), offset: field & 0xfff8, more: (field & 1) !== 0 };
      start += 8;
    } else {
      if (protocol !== 60) options = true;
      start += (bytes[start + 1]! + 1) * 8;
    }
    protocol = next;
    if (fragment !== undefined && fragment.offset > 0) break;
  }
  if (start > end) return "short";
  return {
    header: {
      family: "inet6",
      source: addressText(bytes, 8, 16),
      destination: addressText(bytes, 24, 16),
      ttl: bytes[7]!,
      tos: ((bytes[0]! & 15) << 4) | (bytes[1]! >> 4),
      ...(options && { options }),
      ...(fragment !== undefined && { fragment }),
    },
    protocol,
    start,
    end,
  };
}

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
      const tcpOptions = tcpOptionsOf(bytes, start + 20, Math.min(dataStart, end));
      return {
        ...header,
        protocol: PROTOCOL.tcp,
        sourcePort: get16(bytes, start),
        destinationPort: get16(bytes, start + 2),
        seq: get32(bytes, start + 4),
        ack: cut ? 0 : get32(bytes, start + 8),
        flags,
        window: cut ? 0 : get16(bytes, start + 14),
        ...((flags & 0x20) !== 0 && { urgent: get16(bytes, start + 18) }),
        ...(tcpOptions !== undefined && { tcpOptions }),
        payload: bytes.slice(Math.min(dataStart, end), end),
      };
    }
    case PROTOCOL.udp:
      if (room < 8) return undefined;
      return {
        ...header,
        protocol: PROTOCOL.udp,
        sourcePort: get16(bytes, start),
        destinationPort: get16(bytes, start + 2),
        payload: bytes.slice(start + 8, end),
      };
    case PROTOCOL.icmp:
    case PROTOCOL.icmp6:
      // The other family's ICMP is an ordinary unknown protocol.
      if ((protocol === PROTOCOL.icmp) !== (header.family === "inet")) break;
      return room < 8 ? undefined : icmp(bytes, ip, protocol);
  }
  return { ...header, protocol, payload: bytes.slice(start, end) };
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
      ...(inner.ok ? { quoted: inner.packet, payload: empty } : { payload: bytes.slice(start + 8, end) }),
    };
  }
  const query = isIcmpQuery(base) && { id: get16(bytes, start + 4), sequence: get16(bytes, start + 6) };
  return { ...base, ...query, payload: bytes.slice(start + 8, end) };
}

function tcpOptionsOf(bytes: Uint8Array, from: number, to: number): TcpOptions | undefined {
  const found: { -readonly [K in keyof TcpOptions]: TcpOptions[K] } = {};
  for (let at = from; at < to; ) {
    const kind = bytes[at]!;
    if (kind === 0) break;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > to) break;
    if (kind === 2 && length === 4) found.mss = get16(bytes, at + 2);
    else if (kind === 3 && length === 3) found.windowScale = bytes[at + 2]!;
    else if (kind === 4 && length === 2) found.sackPermitted = true;
    else if (kind === 8 && length === 10)
      found.timestamps = { value: get32(bytes, at + 2), echo: get32(bytes, at + 6) };
    at += length;
  }
  return Object.keys(found).length === 0 ? undefined : found;
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

const get16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const get32 = (bytes: Uint8Array, at: number): number => ((get16(bytes, at) << 16) | get16(bytes, at + 2)) >>> 0;
