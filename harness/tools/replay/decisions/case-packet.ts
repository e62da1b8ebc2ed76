/**
 * Packets of the cases to packets of the model and back.
 */

import { isIcmp, isTcp, isUdp, type Packet, PROTOCOL, TCP_FLAG } from "../../../pf/packet.ts";
import type { CasePacket } from "./case.ts";

const NUMBERS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 };
/** ICMP types that quote a packet. */
const LETTERS = Object.entries(TCP_FLAG);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function toPacket(seen: Partial<CasePacket>): Packet {
  const family = seen.af ?? "inet";
  const protocol = typeof seen.proto === "string" ? (NUMBERS[seen.proto] ?? Number(seen.proto)) : (seen.proto ?? 0);
  const payload = encoder.encode(seen.data ?? "");
  const base = {
    family,
    source: seen.src ?? "",
    destination: seen.dst ?? "",
    ttl: seen.ttl ?? 0,
    tos: seen.tos ?? 0,
    ...(seen.len !== undefined && { length: seen.len }),
    payload,
  };
  const { sport: sourcePort = 0, dport: destinationPort = 0 } = seen;
  if (protocol === PROTOCOL.tcp) {
    const options = (seen.len ?? 0) - (family === "inet" ? 40 : 60) - payload.length;
    return {
      ...base,
      protocol: PROTOCOL.tcp,
      sourcePort,
      destinationPort,
      flags: LETTERS.reduce((sum, [letter, bit]) => ((seen.flags ?? "").includes(letter) ? sum | bit : sum), 0),
      seq: seen.seq ?? 0,
      ack: seen.ack ?? 0,
      // The hosts' window is not recorded; they sent one that never filled.
      window: 16384,
      ...(options >= 4 && { tcpOptions: { mss: family === "inet" ? 1460 : 1440 } }),
    };
  }
  if (protocol === PROTOCOL.udp) return { ...base, protocol: PROTOCOL.udp, sourcePort, destinationPort };
  if (protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmp6) {
    return {
      ...base,
      protocol,
      type: seen.type ?? 0,
      code: seen.code ?? 0,
      ...(seen.id !== undefined && { id: seen.id }),
      ...(seen.seqno !== undefined && { sequence: seen.seqno }),
      ...(seen.inner !== undefined && { quoted: toPacket(seen.inner) }),
    };
  }
  return { ...base, protocol };
}

/** Only what the cases record; `like` says which fields a quotation shows. */
export function fromPacket(packet: Packet, length: (packet: Packet) => number): CasePacket {
  const names: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6" };
  const seen = {
    af: packet.family,
    src: packet.source,
    dst: packet.destination,
    ttl: packet.ttl,
    len: length(packet),
    ...(packet.tos !== 0 && { tos: packet.tos }),
    proto: names[packet.protocol] ?? packet.protocol,
    ...(packet.payload.length > 0 && { data: decoder.decode(packet.payload) }),
  };
  if (isTcp(packet)) {
    return {
      ...seen,
      sport: packet.sourcePort,
      dport: packet.destinationPort,
      seq: packet.seq,
      ack: packet.flags & TCP_FLAG.A ? packet.ack : packet.ack,
      flags: LETTERS.filter(([, bit]) => packet.flags & bit)
        .map(([letter]) => letter)
        .join(""),
    };
  }
  if (isUdp(packet)) return { ...seen, sport: packet.sourcePort, dport: packet.destinationPort };
  if (isIcmp(packet)) {
    return {
      ...seen,
      type: packet.type,
      code: packet.code,
      ...(packet.id !== undefined && { id: packet.id }),
      ...(packet.sequence !== undefined && { seqno: packet.sequence }),
      ...(packet.quoted !== undefined && { inner: fromPacket(packet.quoted, length) }),
    };
  }
  return seen;
}
