/**
 * The headers before the IP packet in a captured frame: link layers, and pflog(4)'s entry for a packet that PF logged.
 *
 * @example
 * const ip = ipBytes(LINK_TYPE.ethernet, frame); // undefined: ARP, or too short
 * const logged = pflogEntry(frame); // { action: "block", interface: "vport1", rule: 7, direction: "in", … }
 */

/** https://www.tcpdump.org/linktypes.html; OpenBSD writes its own DLT numbers into files: 12 loop, 14 raw (net/bpf.h). */
export const LINK_TYPE = {
  null: 0,
  ethernet: 1,
  openbsdLoop: 12,
  openbsdRaw: 14,
  raw: 101,
  loop: 108,
  pflog: 117,
} as const;

const ETHERNET_HEADER = 14;
const ETHERTYPE_INET = 0x0800;
const ETHERTYPE_INET6 = 0x86dd;
/** Four bytes of address family. */
const LOOP_HEADER = 4;

export function ipBytes(linkType: number, frame: Uint8Array): Uint8Array | undefined {
  switch (linkType) {
    case LINK_TYPE.ethernet: {
      const type = ((frame[12] ?? 0) << 8) | (frame[13] ?? 0);
      return type === ETHERTYPE_INET || type === ETHERTYPE_INET6
        ? beginning(frame.subarray(ETHERNET_HEADER))
        : undefined;
    }
    case LINK_TYPE.raw:
    case LINK_TYPE.openbsdRaw:
      return beginning(frame);
    case LINK_TYPE.openbsdLoop:
      // Elsewhere 12 is RAW: no address family has a number that looks like an IP version.
      return beginning(frame) ?? beginning(frame.subarray(LOOP_HEADER));
    case LINK_TYPE.null:
    case LINK_TYPE.loop:
      return beginning(frame.subarray(LOOP_HEADER));
    default:
      return undefined;
  }
}

/** Undefined unless an IP packet begins here. */
function beginning(bytes: Uint8Array): Uint8Array | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  return version === 4 || version === 6 ? bytes : undefined;
}

export interface PflogEntry {
  readonly action: "pass" | "block" | "other";
  /** PF's number for why; 0: a rule matched. */
  readonly reason: number;
  readonly interface: string;
  /** The last anchor's name, cut at 15 bytes; empty: the main ruleset. */
  readonly ruleset: string;
  /** In the main ruleset. */
  readonly rule: number;
  /** In the anchor; undefined: the packet matched in the main ruleset. */
  readonly subrule: number | undefined;
  readonly direction: "in" | "out";
  /** From the IP header on. */
  readonly packet: Uint8Array;
}

/** net/if_pflog.h: the same in OpenBSD and FreeBSD as far as it is read here, integers in network order. */
const PLACE = {
  length: 0,
  action: 2,
  reason: 3,
  interface: 4,
  ruleset: 20,
  rule: 36,
  subrule: 40,
  direction: 60,
} as const;
const NAME_LENGTH = 16;
/** The shortest header of any system: up to the direction. */
const SHORTEST = 61;
/** The header takes a multiple of this. */
const ALIGNMENT = 4;
const NO_RULE = 0xffff_ffff;
/** net/pfvar.h: PF_PASS, PF_DROP; PF_IN. */
const PASS = 0;
const DROP = 1;
const IN = 1;

/** Undefined when the header is cut. */
export function pflogEntry(frame: Uint8Array): PflogEntry | undefined {
  const stated = frame[PLACE.length] ?? 0;
  if (stated < SHORTEST || frame.length < stated) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const text = (at: number) => {
    const end = frame.indexOf(0, at);
    return Buffer.from(frame.subarray(at, end < 0 ? at + NAME_LENGTH : Math.min(end, at + NAME_LENGTH))).toString(
      "latin1",
    );
  };
  const subrule = view.getUint32(PLACE.subrule);
  const action = frame[PLACE.action];
  return {
    action: action === PASS ? "pass" : action === DROP ? "block" : "other",
    reason: frame[PLACE.reason] ?? 0,
    interface: text(PLACE.interface),
    ruleset: text(PLACE.ruleset),
    rule: view.getUint32(PLACE.rule),
    subrule: subrule === NO_RULE ? undefined : subrule,
    direction: frame[PLACE.direction] === IN ? "in" : "out",
    packet: frame.subarray(Math.ceil(stated / ALIGNMENT) * ALIGNMENT),
  };
}

/** net/pfvar.h: PFRES_NAMES, in the words of `pfctl -si`. */
const REASONS = [
  ...["match", "bad-offset", "fragment", "short", "normalize", "memory", "bad-timestamp", "congestion", "ip-option"],
  ...["proto-cksum", "state-mismatch", "state-insert", "state-limit", "src-limit", "synproxy", "translate", "no-route"],
];

export const reasonName = (reason: number): string => REASONS[reason] ?? `reason ${reason}`;
