/**
 * Packets as a pcapng file that Wireshark and tcpdump read: one section, an interface description
 * for each interface (nanosecond stamps), one enhanced packet block per packet, with its direction
 * and with comments. Format: draft-ietf-opsawg-pcapng.
 *
 * The link type is LINKTYPE_NULL, four bytes of address family before each IP packet. The shorter
 * LINKTYPE_RAW would not do: libpcap refuses a file with several interfaces of it ("an interface has
 * a type 101 different from the type of the first interface"), as it compares the file's 101 with its
 * own number for the same thing.
 *
 * @example
 * pcapng({ interfaces: [{ name: "em0" }], packets: [{ interface: 0, atMicroseconds: 1767225600000000, bytes }] });
 */

export interface PcapngInterface {
  readonly name: string;
  readonly description?: string;
}

export interface PcapngPacket {
  /** Index into `interfaces`. */
  readonly interface: number;
  /** Microseconds since the Unix epoch, an integer. */
  readonly atMicroseconds: number;
  /** From the IP header on. */
  readonly bytes: Uint8Array;
  readonly direction?: "in" | "out";
  readonly comments?: readonly string[];
}

export interface PcapngFile {
  /** The program that wrote the file (shb_userappl). */
  readonly application?: string;
  readonly comment?: string;
  readonly interfaces: readonly PcapngInterface[];
  readonly packets: readonly PcapngPacket[];
}

/** https://www.tcpdump.org/linktypes.html */
const LINKTYPE_NULL = 0;
/** AF_INET, and AF_INET6 of OpenBSD; readers know the numbers of all systems. */
const ADDRESS_FAMILY = { inet: 2, inet6: 24 } as const;
const BLOCK = { section: 0x0a0d0d0a, interface: 1, packet: 6 } as const;
const OPTION = { comment: 1, userApplication: 4, interfaceName: 2, description: 3, resolution: 9, flags: 2 } as const;
const MAXIMUM_OPTION = 0xffff;
const utf8 = new TextEncoder();

export function pcapng(file: PcapngFile): Uint8Array {
  return concat([pcapngHead(file), ...file.packets.map(pcapngPacket)]);
}

/** The blocks before the packets: a file may be written piece by piece. */
export function pcapngHead(file: Omit<PcapngFile, "packets">): Uint8Array {
  return concat([
    block(BLOCK.section, [
      // Byte-order magic, version 1.0, section length unknown.
      words(0x1a2b3c4d, 0x00000001, 0xffffffff, 0xffffffff),
      ...options([
        ...text(OPTION.comment, file.comment),
        ...text(OPTION.userApplication, file.application ?? "anchorage"),
      ]),
    ]),
    ...file.interfaces.map((one) =>
      block(BLOCK.interface, [
        words(LINKTYPE_NULL, 0),
        ...options([
          ...text(OPTION.interfaceName, one.name),
          ...text(OPTION.description, one.description),
          { code: OPTION.resolution, value: Uint8Array.of(9) },
        ]),
      ]),
    ),
  ]);
}

export function pcapngPacket(packet: PcapngPacket): Uint8Array {
  const nanoseconds = BigInt(packet.atMicroseconds) * 1000n;
  const family = packet.bytes[0]! >> 4 === 4 ? ADDRESS_FAMILY.inet : ADDRESS_FAMILY.inet6;
  const length = packet.bytes.length + 4;
  return block(BLOCK.packet, [
    words(packet.interface, Number(nanoseconds >> 32n), Number(nanoseconds & 0xffffffffn), length, length, family),
    padded(packet.bytes),
    ...options([
      ...(packet.comments ?? []).flatMap((comment) => text(OPTION.comment, comment)),
      // Bits 0 and 1 of epb_flags: 1 inbound, 2 outbound.
      ...(packet.direction === undefined
        ? []
        : [{ code: OPTION.flags, value: words(packet.direction === "in" ? 1 : 2) }]),
    ]),
  ]);
}

function block(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((total, part) => total + part.length, 12);
  return concat([words(type, length), ...parts, words(length)]);
}

interface Option {
  readonly code: number;
  readonly value: Uint8Array;
}

function text(code: number, value: string | undefined): Option[] {
  return value === undefined ? [] : [{ code, value: utf8.encode(value).subarray(0, MAXIMUM_OPTION) }];
}

function options(list: readonly Option[]): Uint8Array[] {
  if (list.length === 0) return [];
  return [...list.flatMap(({ code, value }) => [words(code | (value.length << 16)), padded(value)]), words(0)];
}

function padded(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 4 === 0) return bytes;
  const out = new Uint8Array((bytes.length + 3) & ~3);
  out.set(bytes);
  return out;
}

/** 32-bit little-endian words. */
function words(...values: readonly number[]): Uint8Array {
  const out = new Uint8Array(values.length * 4);
  const view = new DataView(out.buffer);
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value >>> 0, true);
  return out;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
