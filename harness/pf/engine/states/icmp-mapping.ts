/**
 * Which ICMP messages belong together: a query and its reply share a state, an error belongs to the state of the packet
 * that it quotes, all others are on their own.
 *
 * @example
 * mapIcmp({ family: "inet", type: 0, id: 7, … }) // { direction: "out", id: 7, type: 8, quotes: false }
 */

import type { Family, IcmpPacket } from "../../packet.ts";
import { type Address, addressOf, isMulticast } from "../tables/address.ts";

export interface IcmpMapping {
  /** "in": a query, which may make a state; "out": a reply. */
  readonly direction: "in" | "out";
  /** Identifier in the state key. */
  readonly id: number;
  /** Type of the query, in the state key. */
  readonly type: number;
  /** An error about another packet; or one that must never make a state. */
  readonly quotes: boolean;
}

/** RFC 792, RFC 950, ip_icmp.h: reply to query, IPv4. */
const REPLIES: Readonly<Record<number, number>> = { 0: 8, 14: 13, 16: 15, 18: 17, 34: 33, 36: 35, 9: 10 };
const QUERIES_WITH_ID = new Set([8, 13, 15, 17]);
const QUERIES = new Set([8, 13, 15, 17, 33, 35, 10]);
const ERRORS = new Set([3, 4, 5, 11, 12]);

/** RFC 4443, RFC 2710, RFC 4861, icmp6.h. */
const ICMP6 = { echo: 128, echoReply: 129, mldQuery: 130, mldReport: 131, solicit: 135, advert: 136 } as const;
const ICMP6_REPLIES: Readonly<Record<number, number>> = { 129: 128, 140: 139, 200: 201 };
const ERRORS6 = new Set([1, 2, 3, 4]);

export function mapIcmp(packet: IcmpPacket): IcmpMapping {
  const { type, family } = packet;
  const id = packet.id ?? 0;
  if (family === "inet") {
    if (ERRORS.has(type)) return { direction: "in", id: 0, type, quotes: true };
    const query = REPLIES[type];
    if (query !== undefined) {
      return { direction: "out", id: QUERIES_WITH_ID.has(query) ? id : 0, type: query, quotes: false };
    }
    return { direction: "in", id: QUERIES.has(type) && QUERIES_WITH_ID.has(type) ? id : 0, type, quotes: false };
  }
  if (ERRORS6.has(type)) return { direction: "in", id: 0, type, quotes: true };
  switch (type) {
    case ICMP6.echo:
      return { direction: "in", id, type, quotes: false };
    case ICMP6.mldQuery:
    case ICMP6.mldReport:
      return { direction: "in", id: foldedTarget(packet), type: ICMP6.mldQuery, quotes: false };
    case ICMP6.solicit:
      return { direction: "in", id: foldedTarget(packet), type, quotes: false };
    case ICMP6.advert:
      // pf.c: an advertisement has no reply, so it makes no state.
      return { direction: "out", id: foldedTarget(packet), type: ICMP6.solicit, quotes: true };
  }
  const query = ICMP6_REPLIES[type];
  if (query === undefined) return { direction: "in", id: 0, type, quotes: false };
  return { direction: "out", id: query === ICMP6.echo ? id : 0, type: query, quotes: false };
}

export const isEchoRequest = (family: Family, type: number): boolean => type === (family === "inet" ? 8 : ICMP6.echo);

/** The address in the body of ND and MLD messages. */
function icmp6Target(packet: IcmpPacket): Address | undefined {
  if (packet.payload.length < 16) return undefined;
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) {
    groups.push((((packet.payload[i] as number) << 8) | (packet.payload[i + 1] as number)).toString(16));
  }
  return addressOf(groups.join(":"));
}

/** The ends of the state key: neighbour discovery is about its target, wherever it is sent to. */
export function icmpKeyEnds(packet: IcmpPacket): { readonly source: string; readonly destination: string } {
  const { source, destination, family, type } = packet;
  const target =
    family === "inet6" && (type === ICMP6.solicit || type === ICMP6.advert) ? icmp6Target(packet) : undefined;
  if (target === undefined) return { source, destination };
  if (type === ICMP6.solicit) return { source, destination: target.text };
  return { source: target.text, destination: isMulticast(addressOf(destination)) ? "::" : destination };
}

function foldedTarget(packet: IcmpPacket): number {
  const words = icmp6Target(packet)?.words ?? [];
  const folded = words.reduce((sum, word) => sum ^ word, 0);
  return (folded >>> 16) ^ (folded & 0xffff);
}
