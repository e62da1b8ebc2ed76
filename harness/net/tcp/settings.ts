/**
 * The differences between TCP implementations: times, limits, sizes. Linux and OpenBSD are here; a host may have
 * other settings.
 *
 * @example
 * const slowStart = { ...LINUX, initialWindowSegments: 1, delayedAckMs: 40 };
 */

export interface TcpSettings {
  /** Bytes that can wait for a reader. They are the offered window, scaled if necessary. */
  readonly receiveBuffer: number;
  /** `write` answers false beyond so many bytes that could not be sent yet. */
  readonly sendBuffer: number;
  /** The largest MSS to offer and to use. Default: the MTU's. */
  readonly maximumSegment?: number;
  readonly windowScaling: boolean;
  /** 0: every segment is acknowledged at once, unless an answer carries the acknowledgement. */
  readonly delayedAckMs: number;
  readonly initialRtoMs: number;
  readonly minimumRtoMs: number;
  readonly maximumRtoMs: number;
  /** Retransmissions of each before the connection ends. */
  readonly synRetries: number;
  readonly synAckRetries: number;
  readonly dataRetries: number;
  /** An attempt to connect ends after this time, however many SYNs were sent. */
  readonly connectLimitMs?: number;
  readonly keepAlive: { readonly idleMs: number; readonly intervalMs: number; readonly probes: number };
  readonly timeWaitMs: number;
  /** A closed connection whose peer never sends its FIN. */
  readonly finWait2Ms: number;
  readonly initialWindowSegments: number;
  /** First and last local port of outgoing connections. */
  readonly ephemeralPorts: readonly [first: number, last: number];
  /** When an ICMP unreachable ends an attempt to connect: at once, or when the SYNs run out. */
  readonly unreachableDuringConnect: "at-once" | "at-the-end";
}

/** Linux 6: tcp(7), ip-sysctl; SYN at 0, 1, 3, 7, 15, 31, 63 s, ETIMEDOUT at 127 s. */
export const LINUX: TcpSettings = {
  receiveBuffer: 262_144,
  sendBuffer: 65_536,
  windowScaling: true,
  delayedAckMs: 0,
  initialRtoMs: 1000, // RFC 6298, TCP_TIMEOUT_INIT
  minimumRtoMs: 200, // TCP_RTO_MIN
  maximumRtoMs: 120_000, // TCP_RTO_MAX
  synRetries: 6, // net.ipv4.tcp_syn_retries
  synAckRetries: 5, // net.ipv4.tcp_synack_retries
  dataRetries: 15, // net.ipv4.tcp_retries2
  keepAlive: { idleMs: 7_200_000, intervalMs: 75_000, probes: 9 },
  timeWaitMs: 60_000, // TCP_TIMEWAIT_LEN
  finWait2Ms: 60_000, // net.ipv4.tcp_fin_timeout
  initialWindowSegments: 10, // RFC 6928
  ephemeralPorts: [32_768, 60_999],
  unreachableDuringConnect: "at-once", // measured on Linux 6.18, port, host and prohibited, in both families
};

/** OpenBSD 7.8: tcp_timer.h; the 6 s of the first SYN were measured (quirk server-port20-time-wait). */
export const OPENBSD: TcpSettings = {
  ...LINUX,
  initialRtoMs: 6000,
  minimumRtoMs: 1000, // TCPTV_MIN
  maximumRtoMs: 64_000, // TCPTV_REXMTMAX
  synRetries: 12, // TCP_MAXRXTSHIFT
  synAckRetries: 12,
  dataRetries: 12,
  connectLimitMs: 75_000, // TCPTV_KEEP_INIT
  keepAlive: { idleMs: 7_200_000, intervalMs: 75_000, probes: 8 }, // TCPTV_KEEPCNT
  ephemeralPorts: [1024, 49_151], // net.inet.ip.portfirst, portlast
  unreachableDuringConnect: "at-the-end", // captures/quirks/data-icmp-unreachable.txt
};
