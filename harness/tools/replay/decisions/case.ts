/**
 * Decision cases: what a real kernel did with recorded packets, one case a line of JSON. These are the records as they
 * were written on an OpenBSD 7.8 firewall with three legs (see topology.ts).
 */

import { gunzipSync } from "node:zlib";

export interface DecisionCase {
  readonly id: string;
  readonly features: readonly string[];
  readonly desc?: string;
  readonly conf: string;
  /** "basic": the main ruleset was loaded with pfctl's optimizer. */
  readonly opt?: string;
  readonly anchors?: readonly CaseAnchor[];
  readonly load: { readonly main: LoadResult; readonly anchors?: readonly LoadResult[] };
  readonly rules: readonly CaseRule[];
  readonly probes: readonly Probe[];
}

/** Loaded by pfctl, or by ftp-proxy's own filter.c. */
export type CaseAnchor = { readonly name: string; readonly conf: string } | { readonly ftp: string };

export interface LoadResult {
  readonly rc: number;
  readonly out?: string;
}

/** `k` is the path of a RulePosition. */
export interface CaseRule {
  readonly k: string;
  readonly text: string;
}

/** Evaluations, packets, bytes, current states, creations. */
export type CaseCounters = readonly [number, number, number, number, number];

export interface CaseState {
  readonly s: string;
  readonly text: string;
  readonly expires: number;
  readonly pkts: readonly [number, number];
  readonly bytes: readonly [number, number];
  readonly by: string;
}

export interface Probe {
  readonly name: string;
  readonly kind: string;
  readonly desc?: string;
  readonly steps: readonly Step[];
  readonly verdict: { readonly result?: string };
  readonly counters: Readonly<Record<string, CaseCounters>>;
  readonly states_new?: readonly CaseState[];
  readonly rules_now?: readonly CaseRule[];
}

export interface SeenPacket {
  readonly if: string;
  readonly pkt: CasePacket;
}

export interface Step {
  readonly in?: SeenPacket;
  readonly out: readonly SeenPacket[];
  readonly local_send?: {
    readonly proto: "tcp" | "udp";
    readonly src: string;
    readonly sport: number;
    readonly dst: string;
    readonly dport: number;
  };
  /** `connect errno 13` */
  readonly error?: string;
  readonly exec?: string;
  readonly stdin?: string;
  readonly output?: string;
  readonly ftp?: string;
  /** Seconds. */
  readonly sleep?: number;
  readonly wait?: number;
}

export interface CasePacket {
  readonly af: "inet" | "inet6";
  readonly src: string;
  readonly dst: string;
  readonly ttl: number;
  readonly len: number;
  readonly tos?: number;
  readonly proto: string | number;
  readonly sport?: number;
  readonly dport?: number;
  readonly flags?: string;
  readonly seq?: number;
  readonly ack?: number;
  readonly data?: string;
  readonly type?: number;
  readonly code?: number;
  readonly id?: number;
  readonly seqno?: number;
  readonly inner?: Partial<CasePacket>;
}

/** The replay's result for one probe. */
export interface ProbeResult {
  readonly name: string;
  readonly agree: boolean;
  /** The first difference between model and kernel. */
  readonly difference?: string;
  /** The rule at which they differ: its path and text. */
  readonly rule?: string;
}

/** Out of a file, plain or compressed. @throws SyntaxError if a line is no JSON. */
export function readCases(contents: Uint8Array): DecisionCase[] {
  // RFC 1952: the first two bytes of gzip.
  const compressed = contents[0] === 0x1f && contents[1] === 0x8b;
  const text = new TextDecoder().decode(compressed ? gunzipSync(contents) : contents);
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as DecisionCase);
}
