/**
 * Fragments that wait for the rest of their datagram. They are kept by source, destination, protocol, identification
 * and direction, each with the bytes that only it has: of bytes that come twice the first ones count.
 *
 * @example
 * const kept = cache.add("in", part, length, now); // "waits", "refused", or the pieces of the whole datagram
 */

import type { Packet } from "../packet.ts";
import type { Direction } from "../rule.ts";

/** Bytes `from` to `to` of the datagram, which `packet` has from `from` - its own offset on. */
export interface Piece {
  readonly packet: Packet;
  readonly from: number;
  readonly to: number;
}

export type Kept = "waits" | "refused" | readonly Piece[];

interface Datagram {
  /** Without gaps between equal numbers, sorted, never overlapping. */
  pieces: readonly Piece[];
  readonly sinceMs: number;
  /** The length of all, once the last fragment has come. */
  total?: number;
}

/** RFC 791: a datagram has at most 65,535 bytes. */
const MAX_LENGTH = 65_535;
/** Fragments of one datagram. Source: pf_norm.c, PF_FRAG_ENTRY_LIMIT times its entry points. */
const MAX_PIECES = 64 * 16;

export class FragmentCache {
  readonly #datagrams = new Map<string, Datagram>();
  readonly #timeoutMs: () => number;
  readonly #limit: () => number;
  /** Fragments that wait now. */
  size = 0;

  /** `limit` is a number of fragments: beyond it the oldest datagrams go. */
  constructor(timeoutMs: () => number, limit: () => number) {
    this.#timeoutMs = timeoutMs;
    this.#limit = limit;
  }

  /** `length`: bytes of the fragment behind its IP header. */
  add(direction: Direction, packet: Packet, length: number, nowMs: number): Kept {
    const { fragment } = packet;
    if (fragment === undefined) return [{ packet, from: 0, to: length }];
    this.#expire(nowMs);
    const piece: Piece = { packet, from: fragment.offset, to: fragment.offset + length };
    // RFC 791: all but the last one end at a multiple of eight bytes.
    if (length === 0 || piece.to > MAX_LENGTH || (fragment.more && length % 8 !== 0)) return "refused";
    const key = [direction, packet.source, packet.destination, packet.protocol, fragment.id].join(" ");
    const datagram = this.#datagrams.get(key) ?? { pieces: [], sinceMs: nowMs };
    if (!fitsTheEnd(datagram, piece, fragment.more)) return "refused";
    const pieces = withPiece(datagram.pieces, piece);
    if (pieces === "overlap" && packet.family === "inet6") {
      // RFC 5722: nothing of such a datagram is used.
      this.#remove(key, datagram);
      return "refused";
    }
    if (pieces === undefined || pieces === "overlap" || pieces.length > MAX_PIECES) return "refused";
    this.#datagrams.set(key, datagram);
    this.size += pieces.length - datagram.pieces.length;
    datagram.pieces = pieces;
    if (!fragment.more) datagram.total = piece.to;
    if (!isComplete(datagram)) return "waits";
    this.#remove(key, datagram);
    return pieces;
  }

  #expire(nowMs: number): void {
    for (const [key, datagram] of this.#datagrams) {
      if (nowMs - datagram.sinceMs <= this.#timeoutMs() && this.size < this.#limit()) return;
      this.#remove(key, datagram);
    }
  }

  #remove(key: string, { pieces }: Datagram): void {
    if (this.#datagrams.delete(key)) this.size -= pieces.length;
  }
}

/** Only the last fragment has no more behind it, and nothing lies behind its end. */
function fitsTheEnd({ pieces, total }: Datagram, { to }: Piece, more: boolean): boolean {
  const seen = pieces.at(-1)?.to ?? 0;
  if (total !== undefined) return more ? to < total : to === total;
  return more || to > seen;
}

/**
 * The pieces with a new one, cut where others have its bytes already; undefined if they have all of them. IPv6 has no
 * use for cut ones: `"overlap"`.
 */
function withPiece(pieces: readonly Piece[], piece: Piece): readonly Piece[] | undefined | "overlap" {
  const before = pieces.filter(({ from }) => from <= piece.from);
  const after = pieces.filter(({ from }) => from > piece.from);
  const from = Math.max(piece.from, before.at(-1)?.to ?? 0);
  const overlaps = from > piece.from || (after[0]?.from ?? MAX_LENGTH) < piece.to;
  if (overlaps && piece.packet.family === "inet6") return "overlap";
  if (from >= piece.to) return undefined;
  // Later bytes that this one has, too, are taken from it.
  const kept = after.filter(({ to }) => to > piece.to).map((one) => ({ ...one, from: Math.max(one.from, piece.to) }));
  return [...before, { ...piece, from }, ...kept];
}

function isComplete({ pieces, total }: Datagram): boolean {
  let expected = 0;
  for (const { from, to } of pieces) {
    if (from !== expected) return false;
    expected = to;
  }
  return expected === total;
}
