/** Timeouts and limits of pf.conf(5): their names, the order in which pfctl prints them, and the optimization sets. */

import type { TimeoutName } from "../../rule.ts";

/** As `pfctl -st` lists them. */
export const timeoutNames: readonly TimeoutName[] = [
  "tcp.first",
  "tcp.opening",
  "tcp.established",
  "tcp.closing",
  "tcp.finwait",
  "tcp.closed",
  "tcp.tsdiff",
  "udp.first",
  "udp.single",
  "udp.multiple",
  "icmp.first",
  "icmp.error",
  "other.first",
  "other.single",
  "other.multiple",
  "frag",
  "interval",
  "adaptive.start",
  "adaptive.end",
  "src.track",
];

/** As a rule's state options show them (net/pfvar.h: PFTM_*). */
export const stateTimeouts: readonly TimeoutName[] = [
  ...timeoutNames.filter((name) => name !== "tcp.tsdiff"),
  "tcp.tsdiff",
];

export const limitNames: readonly string[] = [
  "states",
  "src-nodes",
  "frags",
  "tables",
  "table-entries",
  "pktdelay-pkts",
  "anchors",
];

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
