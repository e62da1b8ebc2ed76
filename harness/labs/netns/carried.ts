/** A packet on its way through the firewall: what the PF model sees of it, and its bytes, which change with it. */

import { encode } from "../../net/wire/encode.ts";
import { rewriteInPlace } from "../../net/wire/rewrite.ts";
import type { Packet } from "../../pf/packet.ts";

export interface Carried {
  readonly packet: Packet;
  readonly bytes: Uint8Array;
  /** It stands for several segments, with so many bytes of payload each (harness/net/wire/offload.ts). PF sees it whole. */
  readonly segmentSize?: number | undefined;
}

/** The packet as PF lets it go on. */
export function after(carried: Carried, passed: Packet): Carried {
  const { packet } = carried;
  if (passed === packet) return carried;
  // Put together from fragments: the bytes that came are only a part of it.
  const whole = passed.fragment === packet.fragment && passed.payload === packet.payload;
  return whole ? changed(carried, passed) : { packet: passed, bytes: encode(passed) };
}

/** Translated: the bytes change in their place. */
export const changed = ({ bytes, segmentSize }: Carried, packet: Packet): Carried => ({
  packet,
  bytes: rewriteInPlace(bytes, packet),
  segmentSize,
});
