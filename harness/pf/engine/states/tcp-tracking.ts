/**
 * TCP connections followed: levels of both peers, and whether a packet lies in the windows that the peers have opened
 * (G. van Rooij, "Real Stateful TCP Packet Filtering in IP Filter", with window scaling).
 */

import { TCP_FLAG } from "../../packet.ts";
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

/** a is b or lies behind it, modulo 2^32. */
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

export function trackFull(kernel: Kernel, description: Description, state: State, reversed: boolean): Tracked {
  const { tcp, flags, payloadLength } = description;
  if (tcp === undefined) return PASS;
  const [src, dst] = peersOf(state, description, reversed);
  let window = tcp.window;
  const original = tcp.seq;
  let seq = original;
  let ack: number;
  let end: number;
  let scale = 0;
  let otherScale = 0;
  if (src.scale !== undefined && dst.scale !== undefined && !(flags & TCP_FLAG.S)) {
    scale = src.scale;
    otherScale = dst.scale;
  }
  if (src.low === 0) {
    // The first packet from this end.
    if (dst.difference !== 0 && src.difference === 0) {
      do src.difference = (kernel.random(2 ** 32) - seq) >>> 0;
      while (src.difference === 0);
      ack = (tcp.ack - dst.difference) >>> 0;
      description.change({ seq: (seq + src.difference) >>> 0, ack });
    } else ack = tcp.ack;
    end = seq + payloadLength;
    if (flags & TCP_FLAG.S) {
      end++;
      if (dst.scale !== undefined) {
        src.scale = scaleOf(description);
        if (src.scale !== undefined) {
          // A SYN's own window is not scaled.
          scale = src.scale;
          window = (window + (1 << scale) - 1) >>> scale;
          otherScale = dst.scale;
        } else {
          dst.maxWindow = Math.min(MAX_WINDOW, dst.maxWindow * 2 ** dst.scale);
          dst.scale = undefined;
        }
      }
    }
    if (flags & TCP_FLAG.F) end++;
    src.low = seq;
    if (src.level < TCPS.SYN_SENT) src.level = TCPS.SYN_SENT;
    const allowed = end + Math.max(1, dst.maxWindow * 2 ** otherScale);
    if (src.high === 1 || reaches(allowed, src.high)) src.high = allowed >>> 0;
    if (window > src.maxWindow) src.maxWindow = window;
  } else {
    ack = (tcp.ack - dst.difference) >>> 0;
    if (src.difference !== 0) description.change({ seq: (seq + src.difference) >>> 0, ack });
    end = seq + payloadLength;
    if (flags & TCP_FLAG.S) end++;
    if (flags & TCP_FLAG.F) end++;
  }
  let dataEnd = flags & TCP_FLAG.F ? end - 1 : end;
  const resets = (flags & (TCP_FLAG.A | TCP_FLAG.R)) === (TCP_FLAG.A | TCP_FLAG.R);
  // Packets without acknowledgement, and stacks that set none, pass this check.
  if (!(flags & TCP_FLAG.A) || (ack === 0 && resets) || dst.level < TCPS.SYN_SENT) ack = dst.low;
  if (seq === end) {
    // No data: only the acknowledgement counts.
    seq = src.low;
    end = seq;
    dataEnd = seq;
  }
  const skew = (dst.low - ack) | 0;
  const backward = src.low - dst.maxWindow * 2 ** otherScale;
  const fits =
    reaches(src.high, dataEnd) &&
    reaches(seq, backward) &&
    skew >= -TOLERANCE &&
    skew <= TOLERANCE * 2 ** scale &&
    (!(flags & TCP_FLAG.R) || resetFits(original, src, backward, skew, resets));
  const advertised = window * 2 ** scale;
  if (fits) {
    slide(src, dst, window, advertised, end, ack);
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
  const loose = dst.level < TCPS.SYN_SENT || dst.level >= TCPS.FIN_WAIT_2 || src.level >= TCPS.FIN_WAIT_2;
  if (loose && reaches(src.high + TOLERANCE, dataEnd) && reaches(seq, src.low - TOLERANCE)) {
    // SYNs sent before the peer answers, connections picked up in the middle, stray packets after the end: they pass,
    // but do not keep the state alive.
    slide(src, dst, window, advertised, end, ack);
    if (flags & TCP_FLAG.F && src.level < TCPS.CLOSING) src.level = TCPS.CLOSING;
    if (flags & TCP_FLAG.R) over(state);
    return PASS;
  }
  if (state.dst.level === TCPS.SYN_SENT && state.src.level === TCPS.SYN_SENT) {
    if (!(flags & TCP_FLAG.R)) {
      const answer = state.rule.filter?.answer;
      const ttl = answer?.kind === "return-rst" ? answer.ttl : undefined;
      description.answers.push(tcpAnswer(description, { seq: tcp.ack, ack: 0, flags: TCP_FLAG.R, ttl }));
    }
    src.low = 0;
    src.high = 1;
    src.maxWindow = 1;
  }
  return MISMATCH;
}

/** A reset must hit the edge of the window, or stand in it and acknowledge exactly. */
function resetFits(seq: number, src: Peer, backward: number, skew: number, acknowledges: boolean): boolean {
  const distance = (seq - src.low) | 0;
  if (distance >= -1 && distance <= 1) return true;
  return reaches(seq, backward) && reaches(src.low + 1, seq) && skew === 0 && acknowledges;
}

function slide(src: Peer, dst: Peer, window: number, advertised: number, end: number, ack: number): void {
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
      // Only one half of the connection comes by here.
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
