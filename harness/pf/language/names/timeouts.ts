/** Timeouts and limits of pf.conf(5): their names, the order in which pfctl prints them, and the optimization sets. */

import type { SctpTimeoutName, TimeoutName } from "../../rule.ts";

/** pfvar.h, in the order in which `pfctl -st` prints them: seconds, and states for adaptive.*. */
export const DEFAULT_TIMEOUTS: Readonly<Record<TimeoutName, number>> = {
  "tcp.first": 120,
  "tcp.opening": 30,
  "tcp.established": 86400,
  "tcp.closing": 900,
  "tcp.finwait": 45,
  "tcp.closed": 90,
  "tcp.tsdiff": 30,
  "udp.first": 60,
  "udp.single": 30,
  "udp.multiple": 60,
  "icmp.first": 20,
  "icmp.error": 10,
  "other.first": 60,
  "other.single": 30,
  "other.multiple": 60,
  frag: 60,
  interval: 10,
  "adaptive.start": 60000,
  "adaptive.end": 120000,
  "src.track": 0,
};
export const timeoutNames = Object.keys(DEFAULT_TIMEOUTS) as readonly TimeoutName[];

export const sctpTimeouts: readonly SctpTimeoutName[] = [
  "sctp.first",
  "sctp.opening",
  "sctp.established",
  "sctp.closing",
  "sctp.closed",
];

/** As a rule's state options show them (net/pfvar.h: PFTM_*). */
export const stateTimeouts: readonly (TimeoutName | SctpTimeoutName)[] = [
  ...timeoutNames.filter((name) => name !== "tcp.tsdiff"),
  "tcp.tsdiff",
  ...sctpTimeouts,
];

/** pf_ioctl.c and pfvar.h of OpenBSD 7.8, in the order in which `pfctl -sm` prints them. */
export const DEFAULT_LIMITS = {
  states: 100000,
  "src-nodes": 10000,
  frags: 16384,
  tables: 1000,
  "table-entries": 200000,
  "pktdelay-pkts": 10000,
  anchors: 512,
} as const;
export type LimitName = keyof typeof DEFAULT_LIMITS;
export const limitNames: readonly string[] = Object.keys(DEFAULT_LIMITS);

type TcpTimeouts = Readonly<Partial<Record<TimeoutName, number>>>;

const tcp = (
  first: number,
  opening: number,
  established: number,
  closing: number,
  finwait: number,
  closed: number,
  tsdiff: number,
): TcpTimeouts => ({
  "tcp.first": first,
  "tcp.opening": opening,
  "tcp.established": established,
  "tcp.closing": closing,
  "tcp.finwait": finwait,
  "tcp.closed": closed,
  "tcp.tsdiff": tsdiff,
});

/** Seconds that each `set optimization` puts in force (pfctl.c 1.395: pf_hints). */
export const optimizations: Readonly<Record<string, TcpTimeouts>> = {
  normal: tcp(120, 30, 86400, 900, 45, 90, 30),
  satellite: tcp(180, 35, 86400, 905, 50, 95, 60),
  "high-latency": tcp(180, 35, 86400, 905, 50, 95, 60),
  conservative: tcp(3600, 900, 432000, 3600, 600, 180, 60),
  aggressive: tcp(30, 5, 18000, 60, 30, 30, 10),
};
