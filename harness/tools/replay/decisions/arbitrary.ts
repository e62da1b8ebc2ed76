/**
 * The numbers that a kernel chooses by chance: NAT ports, ICMP identifiers, initial sequence numbers. The first packet
 * that shows both choices pairs the recorded one with the model's. Later packets are translated by that pair.
 */

import type { CasePacket, SeenPacket } from "./case.ts";

type Ends = Pick<CasePacket, "proto" | "src" | "dst" | "sport" | "dport" | "id">;

export class Arbitrary {
  /** Near end and remote end, recorded: the model's port. And the other way round. */
  readonly #ports = new Map<string, number>();
  readonly #recorded = new Map<string, number>();
  /** By flow of recorded packets: recorded sequence number minus the model's. */
  readonly #offsets = new Map<string, number>();
  readonly #ranges: readonly (readonly [number, number])[];
  readonly #acknowledgesOwn: (ack: number) => boolean;

  /** @param ranges port ranges of nat-to rules. */
  constructor(
    ranges: readonly (readonly [number, number])[],
    /** Whether the model's acknowledgement is of a number that its own sockets chose. */
    acknowledgesOwn: (ack: number) => boolean,
  ) {
    this.#ranges = ranges;
    this.#acknowledgesOwn = acknowledgesOwn;
  }

  /** A recorded packet that arrives, as it would have been with the model's choices. */
  toModel(packet: CasePacket): CasePacket {
    const { inner } = packet;
    const seen = this.#translated(packet);
    if (inner?.src === undefined || inner.dst === undefined) return seen;
    // The quoted packet went the other way.
    const quoted = this.#quoted(inner as CasePacket);
    return { ...seen, inner: quoted };
  }

  #translated(packet: CasePacket): CasePacket {
    const near = this.#ports.get(flow(packet, true));
    const ported = packet.sport !== undefined;
    const seq = this.#offsets.get(tuple(packet.dst, near ?? packet.dport, packet.src, packet.sport));
    return {
      ...packet,
      ...(near !== undefined && (ported ? { dport: near } : { id: near })),
      ...(seq !== undefined &&
        packet.ack !== undefined &&
        (packet.flags ?? "").includes("A") && { ack: (packet.ack - seq) >>> 0 }),
      ...(seq !== undefined &&
        packet.flags === "R" &&
        packet.seq !== undefined &&
        packet.ack === 0 && { seq: packet.seq }),
    };
  }

  #quoted(packet: CasePacket): CasePacket {
    const near = this.#ports.get(flow(packet, false));
    const seq = this.#offsets.get(tuple(packet.src, near ?? packet.sport, packet.dst, packet.dport));
    return {
      ...packet,
      ...(near !== undefined && (packet.sport !== undefined ? { sport: near } : { id: near })),
      ...(seq !== undefined && packet.seq !== undefined && { seq: (packet.seq - seq) >>> 0 }),
    };
  }

  /** The model's packet with the recorded choices, so that it can be compared; learns what is new. */
  toRecorded(model: SeenPacket, recorded: SeenPacket, learnSequence: boolean): SeenPacket {
    let pkt = model.pkt;
    const like = recorded.pkt;
    if (like.inner !== undefined && pkt.inner !== undefined) {
      return { ...model, pkt: { ...pkt, inner: this.#alikeQuoted(pkt.inner as CasePacket, like.inner as CasePacket) } };
    }
    const sameEnds = pkt.src === like.src && pkt.dst === like.dst && pkt.proto === like.proto;
    const field = pkt.sport !== undefined ? "sport" : "id";
    const mine = pkt[field];
    const theirs = like[field];
    if (sameEnds && mine !== undefined && theirs !== undefined) {
      const known = this.#ports.get(flow(like, false));
      if (known === undefined && mine !== theirs && this.#mayBeChosen(field, mine, theirs)) {
        this.#ports.set(flow(like, false), mine);
        this.#recorded.set(flow({ ...like, [field]: mine }, false), theirs);
      }
      if (this.#ports.get(flow(like, false)) === mine) pkt = { ...pkt, [field]: theirs };
    }
    if (pkt.seq !== undefined && like.seq !== undefined && pkt.sport !== undefined) {
      const key = tuple(model.pkt.src, model.pkt.sport, pkt.dst, pkt.dport);
      if ((like.flags ?? "").includes("S") && like.flags === pkt.flags) {
        const difference = (like.seq - pkt.seq) >>> 0;
        if (difference !== 0 && learnSequence) this.#offsets.set(key, difference);
        else if (difference === 0) this.#offsets.delete(key);
      }
      const offset = this.#offsets.get(key);
      if (offset !== undefined) pkt = { ...pkt, seq: (pkt.seq + offset) >>> 0 };
      // A reset that PF sends for a blocked answer of our own sockets.
      if (like.flags === "RA" && pkt.ack !== undefined && like.ack !== undefined && this.#acknowledgesOwn(pkt.ack)) {
        pkt = { ...pkt, ack: like.ack };
      }
    }
    return { ...model, pkt };
  }

  #alikeQuoted(pkt: CasePacket, like: CasePacket): Partial<CasePacket> {
    // Seen from outside (as sent), or from inside (as it came): either end may have been chosen.
    const field = pkt.sport !== undefined ? "sport" : "id";
    let result = pkt;
    const theirs = like[field];
    if (theirs !== undefined && this.#ports.get(flow(like, false)) === pkt[field])
      result = { ...result, [field]: theirs };
    const key = tuple(pkt.src, pkt.sport, pkt.dst, pkt.dport);
    const offset = this.#offsets.get(key);
    if (offset !== undefined && pkt.seq !== undefined) result = { ...result, seq: (pkt.seq + offset) >>> 0 };
    if (like.ack !== undefined && pkt.ack !== undefined && this.#acknowledgesOwn(pkt.ack)) {
      result = { ...result, ack: like.ack };
    }
    return result;
  }

  /** The recorded port for one of the model's, in a state. */
  recordedPort(proto: string, address: string, port: number, remote: string, remotePort: number): number {
    const icmp = proto === "icmp" || proto === "icmp6";
    const ends: Ends = icmp
      ? { proto, src: address, dst: remote, id: port }
      : { proto, src: address, sport: port, dst: remote, dport: remotePort };
    return this.#recorded.get(flow(ends, false)) ?? port;
  }

  #mayBeChosen(field: "sport" | "id", mine: number, theirs: number): boolean {
    if (field === "id") return true;
    return this.#ranges.some(([from, to]) => mine >= from && mine <= to && theirs >= from && theirs <= to);
  }
}

/** The near end of a flow and its remote end: the source's, or for arriving packets the destination's. */
function flow(ends: Ends, arriving: boolean): string {
  const { proto, src, dst, sport, dport, id } = ends;
  if (sport === undefined) return arriving ? `${proto} ${dst} ${id} ${src}` : `${proto} ${src} ${id} ${dst}`;
  return arriving ? `${proto} ${dst} ${dport} ${src} ${sport}` : `${proto} ${src} ${sport} ${dst} ${dport}`;
}

const tuple = (src: string, sport: number | undefined, dst: string, dport: number | undefined): string =>
  `${src} ${sport} ${dst} ${dport}`;
