/**
 * Reads a pcap stream, as `tcpdump -w -` writes it, while it comes: either byte order, stamps in micro- or nanoseconds.
 * Format: draft-ietf-opsawg-pcap.
 *
 * @example
 * const stream = new PcapStream();
 * for (const { atMicroseconds, linkType, bytes } of stream.add(chunk)) …
 */

export interface PcapRecord {
  /** Since the Unix epoch, by the capturing machine's clock. */
  readonly atMicroseconds: number;
  readonly linkType: number;
  /** A copy, from the link layer's header on. */
  readonly bytes: Uint8Array;
}

/** The stream is not pcap. */
export class PcapError extends Error {
  override readonly name = "PcapError";
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** Longer than any packet: such a length is an error. */
const LONGEST = 262_144;
/** The upper bits hold the length of a frame check sequence. */
const LINK_TYPE_BITS = 0x03ff_ffff;

interface Form {
  readonly little: boolean;
  readonly perMicrosecond: number;
  readonly linkType: number;
}

export class PcapStream {
  #rest: Uint8Array = new Uint8Array(0);
  #form: Form | undefined;

  /** Throws PcapError. */
  add(chunk: Uint8Array): PcapRecord[] {
    const all = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const view = new DataView(all.buffer, all.byteOffset, all.length);
    let at = 0;
    if (this.#form === undefined) {
      if (all.length < FILE_HEADER) {
        this.#rest = new Uint8Array(all);
        return [];
      }
      this.#form = formOf(view);
      at = FILE_HEADER;
    }
    const { little, perMicrosecond, linkType } = this.#form;
    const records: PcapRecord[] = [];
    while (all.length - at >= RECORD_HEADER) {
      const length = view.getUint32(at + 8, little);
      if (length > LONGEST) throw new PcapError(`a packet of ${length} bytes`);
      if (all.length - at - RECORD_HEADER < length) break;
      const seconds = view.getUint32(at, little);
      const fraction = view.getUint32(at + 4, little) / perMicrosecond;
      const start = at + RECORD_HEADER;
      const bytes = new Uint8Array(all.subarray(start, start + length));
      records.push({ atMicroseconds: seconds * 1_000_000 + fraction, linkType, bytes });
      at = start + length;
    }
    this.#rest = new Uint8Array(all.subarray(at));
    return records;
  }
}

function formOf(view: DataView): Form {
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little);
    if (magic !== MAGIC_MICROSECONDS && magic !== MAGIC_NANOSECONDS) continue;
    return {
      little,
      perMicrosecond: magic === MAGIC_NANOSECONDS ? 1_000 : 1,
      linkType: view.getUint32(20, little) & LINK_TYPE_BITS,
    };
  }
  throw new PcapError("no magic number at its beginning");
}
