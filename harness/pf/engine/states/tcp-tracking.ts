/**
 * TCP connections followed: levels of both peers, and whether a packet fits the windows that the peers have opened
 * (G. van Rooij, "Real Stateful TCP Packet Filtering in IP Filter", with window scaling).
 */

import { TCP_FLAG, type TcpPacket } from "../../packet.ts";
import type { TimeoutName } from "../../rule.ts";
import { tcpAnswer } from "../answers.ts";
import type { Description } from "../description.ts";
import type { Kernel } from "../kernel.ts";
import { connectionLimit } from "./source-limits.ts";
import { type Peer, type State, TCPS } from "./state.ts";

export type Tracked =
  | { readonly verdict: "pass" }
  | { readonly verdict: "drop"; readonly reason: "state-mismatch" | "src-limit" };

const PASS: Tracked = { verdict: "pass" };
const MISMATCH: Tracked = { verdict: "drop", reason: "state-mismatch" };
const LIMITED: Tracked = { verdict: "drop", reason: "src-limit" };

/** pf.c: MAXACKWINDOW, a whole window and a segment more. */
const TOLERANCE = 0xffff + 1500;
/** tcp.h: TCP_MAXWIN, TCP_MAX_WINSHIFT. */
const MAX_WINDOW = 65535;
const MAX_SCALE = 14;

/** a is b or comes after it, modulo 2^32. */
const reaches = (a: number, b: number): boolean => ((a - b) | 0) >= 0;
const beyond = (a: number, b: number): boolean => ((a - b) | 0) > 0;

/** Window scale of a SYN. */
export function scaleOf(description: Description): number | undefined {
  const scale = description.tcp?.tcpOptions?.windowScale;
  return scale === undefined ? undefined : Math.min(scale, MAX_SCALE);
}

/** The two peers as the sender of this packet and the other. */
export function peersOf(state: State, description: Description, reversed = false): readonly [Peer, Peer] {
  const forward = (description.direction === state.direction) !== reversed;
  return forward ? [state.src, state.dst] : [state.dst, state.src];
}

/** A segment in the numbers of its peers: PF's additions to them (modulate, synproxy) removed. */
interface Segment {
  /** As on the wire. */
  readonly original: number;
  seq: number;
  ack: number;
  /** The number after the last one that it takes, SYN and FIN included. */
  end: number;
  /** The same without a FIN. */
  dataEnd: number;
  window: number;
  /** Window scales of its sender and of the other peer; 0 unless both announced one. */
  scale: number;
  otherScale: number;
  /** Both A and R are set. */
  readonly resets: boolean;
}

/** pf.c: pf_tcp_track_full(). */
export function trackFull(kernel: Kernel, description: Description, state: State, reversed: boolean): Tracked {
  const { tcp, flags } = description;
  if (tcp === undefined) return PASS;
  const [src, dst] = peersOf(state, description, reversed);
  const segment = segmentOf(description, tcp, src, dst);
  if (src.low === 0) openWindow(kernel, description, segment, src, dst);
  else if (src.difference !== 0) modulate(description, segment, src);
  judgeAcknowledgement(segment, flags, src, dst);
  if (fitsWindow(segment, flags, src, dst)) return follow(kernel, description, state, segment, src, dst);
  if (fitsLoosely(segment, src, dst)) {
    // SYNs sent before the peer answers, connections picked up in the middle, stray packets after the end: they pass,
    // but do not keep the state alive.
    slide(src, dst, segment);
    if (flags & TCP_FLAG.F && src.level < TCPS.CLOSING) src.level = TCPS.CLOSING;
    if (flags & TCP_FLAG.R) over(state);
    return PASS;
  }
  if (state.dst.level === TCPS.SYN_SENT && state.src.level === TCPS.SYN_SENT) resetHandshake(description, state, src);
  return MISMATCH;
}

function segmentOf(description: Description, tcp: TcpPacket, src: Peer, dst: Peer): Segment {
  const { flags, payloadLength } = description;
  const syn = (flags & TCP_FLAG.S) !== 0;
  const scaled = src.scale !== undefined && dst.scale !== undefined && !syn;
  const dataEnd = tcp.seq + payloadLength + (syn ? 1 : 0);
  return {
    original: tcp.seq,
    seq: tcp.seq,
    ack: (tcp.ack - dst.difference) >>> 0,
    end: flags & TCP_FLAG.F ? dataEnd + 1 : dataEnd,
    dataEnd,
    window: tcp.window,
    scale: scaled ? (src.scale as number) : 0,
    otherScale: scaled ? (dst.scale as number) : 0,
    resets: (flags & (TCP_FLAG.A | TCP_FLAG.R)) === (TCP_FLAG.A | TCP_FLAG.R),
  };
}

/** The first segment from this peer: its numbers are the beginning. */
function openWindow(kernel: Kernel, description: Description, segment: Segment, src: Peer, dst: Peer): void {
  const { seq } = segment;
  if (dst.difference !== 0 && src.difference === 0) {
    do src.difference = (kernel.random(2 ** 32) - seq) >>> 0;
    while (src.difference === 0);
    modulate(description, segment, src);
  } else segment.ack = description.tcp?.ack ?? 0;
  if (description.flags & TCP_FLAG.S && dst.scale !== undefined) agreeScale(description, segment, src, dst, dst.scale);
  src.low = seq;
  if (src.level < TCPS.SYN_SENT) src.level = TCPS.SYN_SENT;
  const allowed = segment.end + Math.max(1, dst.maxWindow * 2 ** segment.otherScale);
  if (src.high === 1 || reaches(allowed, src.high)) src.high = allowed >>> 0;
  if (segment.window > src.maxWindow) src.maxWindow = segment.window;
}

/** The answering SYN: scales count only if it has one, too. */
function agreeScale(description: Description, segment: Segment, src: Peer, dst: Peer, other: number): void {
  src.scale = scaleOf(description);
  if (src.scale === undefined) {
    dst.maxWindow = Math.min(MAX_WINDOW, dst.maxWindow * 2 ** other);
    dst.scale = undefined;
    return;
  }
  // A SYN's own window is not scaled.
  segment.scale = src.scale;
  segment.window = (segment.window + (1 << src.scale) - 1) >>> src.scale;
  segment.otherScale = other;
}

function modulate(description: Description, { seq, ack }: Segment, src: Peer): void {
  description.change({ seq: (seq + src.difference) >>> 0, ack });
}

function judgeAcknowledgement(segment: Segment, flags: number, src: Peer, dst: Peer): void {
  // Packets without acknowledgement, and stacks that set none, pass this check.
  const none = !(flags & TCP_FLAG.A) || (segment.ack === 0 && segment.resets) || dst.level < TCPS.SYN_SENT;
  if (none) segment.ack = dst.low;
  if (segment.seq === segment.end) {
    // No data: only the acknowledgement counts.
    segment.seq = src.low;
    segment.end = src.low;
    segment.dataEnd = src.low;
  }
}

function fitsWindow(segment: Segment, flags: number, src: Peer, dst: Peer): boolean {
  const { seq, ack, dataEnd, scale, otherScale } = segment;
  const skew = (dst.low - ack) | 0;
  const backward = src.low - dst.maxWindow * 2 ** otherScale;
  return (
    reaches(src.high, dataEnd) &&
    reaches(seq, backward) &&
    skew >= -TOLERANCE &&
    skew <= TOLERANCE * 2 ** scale &&
    (!(flags & TCP_FLAG.R) || resetFits(segment, src, backward, skew))
  );
}

/** A reset must hit the edge of the window, or lie in it and acknowledge exactly. */
function resetFits({ original, resets }: Segment, src: Peer, backward: number, skew: number): boolean {
  const distance = (original - src.low) | 0;
  if (distance >= -1 && distance <= 1) return true;
  return reaches(original, backward) && reaches(src.low + 1, original) && skew === 0 && resets;
}

/** Near the window, while or before the connection is made, or after its end. */
function fitsLoosely({ seq, dataEnd }: Segment, src: Peer, dst: Peer): boolean {
  const loose = dst.level < TCPS.SYN_SENT || dst.level >= TCPS.FIN_WAIT_2 || src.level >= TCPS.FIN_WAIT_2;
  return loose && reaches(src.high + TOLERANCE, dataEnd) && reaches(seq, src.low - TOLERANCE);
}

/** A segment in the window: moves windows, levels and timeout on. */
function follow(
  kernel: Kernel,
  description: Description,
  state: State,
  segment: Segment,
  src: Peer,
  dst: Peer,
): Tracked {
  const { flags } = description;
  slide(src, dst, segment);
  if (flags & TCP_FLAG.S && src.level < TCPS.SYN_SENT) src.level = TCPS.SYN_SENT;
  if (flags & TCP_FLAG.F && src.level < TCPS.CLOSING) src.level = TCPS.CLOSING;
  if (flags & TCP_FLAG.A) {
    if (dst.level === TCPS.SYN_SENT) {
      dst.level = TCPS.ESTABLISHED;
      if (src.level === TCPS.ESTABLISHED && connectionLimit(kernel, state)) return LIMITED;
    } else if (dst.level === TCPS.CLOSING) dst.level = TCPS.FIN_WAIT_2;
  }
  if (flags & TCP_FLAG.R) over(state);
  touch(kernel, state);
  return PASS;
}

/** Both peers have sent a SYN and their numbers do not fit: the sender is reset, and may begin again. */
function resetHandshake(description: Description, state: State, src: Peer): void {
  if (!(description.flags & TCP_FLAG.R)) {
    const answer = state.rule.filter?.answer;
    const ttl = answer?.kind === "return-rst" ? answer.ttl : undefined;
    const seq = description.tcp?.ack ?? 0;
    description.answers.push(tcpAnswer(description, { seq, ack: 0, flags: TCP_FLAG.R, ttl }));
  }
  src.low = 0;
  src.high = 1;
  src.maxWindow = 1;
}

function slide(src: Peer, dst: Peer, { window, scale, end, ack }: Segment): void {
  const advertised = window * 2 ** scale;
  if (src.maxWindow < window) src.maxWindow = window;
  if (beyond(end, src.low)) src.low = end >>> 0;
  if (reaches(ack + advertised, dst.high)) dst.high = (ack + Math.max(advertised, 1)) >>> 0;
}

/** Levels only, for `sloppy` states. */
export function trackSloppy(kernel: Kernel, description: Description, state: State): Tracked {
  const { flags } = description;
  const [src, dst] = peersOf(state, description);
  if (flags & TCP_FLAG.S && src.level < TCPS.SYN_SENT) src.level = TCPS.SYN_SENT;
  if (flags & TCP_FLAG.F && src.level < TCPS.CLOSING) src.level = TCPS.CLOSING;
  if (flags & TCP_FLAG.A) {
    if (dst.level === TCPS.SYN_SENT) {
      dst.level = TCPS.ESTABLISHED;
      if (src.level === TCPS.ESTABLISHED && connectionLimit(kernel, state)) return LIMITED;
    } else if (dst.level === TCPS.CLOSING) dst.level = TCPS.FIN_WAIT_2;
    else if (src.level === TCPS.SYN_SENT && dst.level < TCPS.SYN_SENT) {
      // Only one half of the connection passes this firewall.
      src.level = TCPS.ESTABLISHED;
      dst.level = TCPS.ESTABLISHED;
      if (connectionLimit(kernel, state)) return LIMITED;
    } else if (src.level === TCPS.CLOSING && dst.level === TCPS.ESTABLISHED && dst.low === 0) dst.level = TCPS.CLOSING;
  }
  if (flags & TCP_FLAG.R) over(state);
  touch(kernel, state);
  return PASS;
}

function over(state: State): void {
  state.src.level = TCPS.TIME_WAIT;
  state.dst.level = TCPS.TIME_WAIT;
}

function touch(kernel: Kernel, state: State): void {
  state.touched = kernel.seconds();
  state.timeout = tcpTimeout(state.src.level, state.dst.level);
}

function tcpTimeout(a: number, b: number): TimeoutName {
  if (a >= TCPS.FIN_WAIT_2 && b >= TCPS.FIN_WAIT_2) return "tcp.closed";
  if (a >= TCPS.CLOSING && b >= TCPS.CLOSING) return "tcp.finwait";
  if (a < TCPS.ESTABLISHED || b < TCPS.ESTABLISHED) return "tcp.opening";
  if (a >= TCPS.CLOSING || b >= TCPS.CLOSING) return "tcp.closing";
  return "tcp.established";
}
