/**
 * What the firewall's kernel says about the packets that it does not pass on, where it forwards in place of PF: the rule
 * that dropped a packet (nft monitor trace), the counters of conntrack that moved, control connections that no helper
 * follows. The kernel's log of a namespace is readable with net.netfilter.nf_log_all_netns only, and is not read.
 *
 * @example
 * const reasons = new KernelReasons({ host, rules, tell, now });
 * await reasons.start();
 * reasons.arrived(packet, "inside"); // for each packet that goes into the kernel
 * await reasons.finish(); // "conntrack -S: invalid +1"
 */

import type { Host } from "../../../proxy/host.ts";
import type { LabEvent } from "../../contract/lab.ts";
import { CONTROL_PORT } from "../../contract/roles.ts";
import type { RulePosition } from "../../pf/decision.ts";
import { isTcp, type Packet, TCP_FLAG, type TcpPacket } from "../../pf/packet.ts";
import { FIREWALL_INTERFACE } from "../model/topology.ts";
import type { NetworkName } from "./layout.ts";

export interface KernelReasonsOptions {
  readonly host: Pick<Host, "spawn" | "run">;
  /** nft(8) text of the play. */
  readonly rules: string;
  readonly tell: (event: LabEvent) => void;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Loaded beside the play's rules: the kernel reports the way of each packet that belongs to no connection yet. */
export const TRACE_TABLE = `table inet anchorage_trace {
  chain trace {
    type filter hook prerouting priority mangle
    meta l4proto tcp ct state new,invalid,untracked meta nftrace set 1
  }
}
`;

/** syslog(3): LOG_WARNING. */
const WARNING = 4;
const KEPT_ARRIVALS = 256;

interface Arrival {
  readonly packet: TcpPacket;
  readonly network: NetworkName;
  readonly atMs: number;
}

export class KernelReasons {
  readonly #options: KernelReasonsOptions;
  readonly #arrivals: Arrival[] = [];
  readonly #controls: Arrival[] = [];
  /** The ends of a traced packet as it arrived, by trace id. */
  readonly #traced = new Map<string, string>();
  #counters: Counters = {};

  constructor(options: KernelReasonsOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#counters = await this.#readCounters();
    const running = await this.#options.host.spawn("nft", ["monitor", "trace"]);
    let rest = "";
    running.onOutput((stream, bytes) => {
      if (stream !== "stdout") return;
      const lines = (rest + Buffer.from(bytes).toString("latin1")).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#trace(line);
    });
  }

  /** A packet goes from a network into the kernel. */
  arrived(packet: Packet, network: NetworkName): void {
    if (!isTcp(packet)) return;
    const arrival = { packet, network, atMs: this.#options.now() };
    this.#arrivals.unshift(arrival);
    this.#arrivals.splice(KEPT_ARRIVALS);
    const isSyn = (packet.flags & (TCP_FLAG.S | TCP_FLAG.A)) === TCP_FLAG.S;
    const known = this.#controls.some((one) => endsOf(one.packet) === endsOf(packet));
    if (isSyn && packet.destinationPort === CONTROL_PORT && !known) this.#controls.push(arrival);
  }

  /** Reports what can be known when the play is over. */
  async finish(): Promise<void> {
    const counters = await this.#readCounters();
    const moved = WORTH_A_WORD.flatMap((name) => {
      const more = (counters[name] ?? 0) - (this.#counters[name] ?? 0);
      return more > 0 ? [`${name} +${more}`] : [];
    });
    this.#counters = counters;
    if (moved.length > 0) this.#warn(`conntrack -S: ${moved.join(", ")}`, this.#options.now());
    await this.#reportHelpers();
  }

  async #readCounters(): Promise<Counters> {
    return parseCounters((await this.#options.host.run("conntrack", ["-S"])).stdout);
  }

  async #reportHelpers(): Promise<void> {
    const controls = this.#controls.splice(0);
    if (controls.length === 0) return;
    const { stdout } = await this.#options.host.run("conntrack", ["-L", "-p", "tcp", "--dport", String(CONTROL_PORT)]);
    const ipv6 = ["-L", "-f", "ipv6", "-p", "tcp", "--dport", String(CONTROL_PORT)];
    const listed = [stdout, (await this.#options.host.run("conntrack", ipv6)).stdout].join("\n").split("\n");
    for (const { packet, atMs } of controls) {
      const { source, sourcePort, destination } = packet;
      const entry = listed.find((line) => line.includes(`src=${source} `) && line.includes(`sport=${sourcePort} `));
      if (entry === undefined || entry.includes("helper=")) continue;
      const of = `the control connection ${source} port ${sourcePort} to ${destination}`;
      this.#warn(`conntrack -L: no helper follows ${of}${whyNoHelper(this.#options.rules)}`, atMs);
    }
  }

  #trace(line: string): void {
    const [, id = "", chain = "", told = ""] = /^trace id (\S+) (\S+ \S+ \S+) (.*?) *$/.exec(line) ?? [];
    if (told.startsWith("packet:")) {
      if (!this.#traced.has(id)) this.#traced.set(id, endsIn(told));
      return;
    }
    const text = /^policy drop/.test(told) ? "policy drop" : /^rule (.*) \(verdict drop\)$/.exec(told)?.[1];
    if (text === undefined) return;
    const ends = this.#traced.get(id);
    const arrival = this.#arrivals.find(({ packet }) => endsOf(packet) === ends);
    if (arrival === undefined) return;
    const { packet, network, atMs } = arrival;
    const rule = { path: "nftables", text: `${chain}: ${text}`, line: lineOf(this.#options.rules, chain, text) };
    const at = { interface: FIREWALL_INTERFACE[network], network, direction: "in" } as const;
    this.#options.tell({ kind: "drop", atMs, ...at, packet, reason: "match", rule: rule satisfies RulePosition });
  }

  #warn(text: string, atMs: number): void {
    this.#options.tell({ kind: "log", atMs, level: WARNING, text });
  }
}

const endsOf = ({ source, sourcePort, destination, destinationPort }: TcpPacket): string =>
  [source, sourcePort, destination, destinationPort].join(" ");

/** @example endsIn('packet: iif "em1" ip saddr 10.0.0.5 ip daddr 198.51.100.7 … tcp sport 40000 tcp dport 50000') */
function endsIn(told: string): string {
  const found = / ip6? saddr (\S+) ip6? daddr (\S+) .* sport (\d+) tcp dport (\d+)/.exec(told);
  const [, source, destination, sourcePort, destinationPort] = found ?? [];
  return [source, sourcePort, destination, destinationPort].join(" ");
}

type Counters = Readonly<Record<string, number>>;

/** Those that tell of a packet that was not followed, or was dropped. */
const WORTH_A_WORD = ["invalid", "insert_failed", "drop", "early_drop", "error"];

/** The lines of `conntrack -S`, one for each processor, as sums. */
export function parseCounters(text: string): Counters {
  const sums: Record<string, number> = {};
  for (const [, name = "", value] of text.matchAll(/(\w+)=(\d+)/g)) sums[name] = (sums[name] ?? 0) + Number(value);
  return sums;
}

/** The line of a rule as the user wrote it, or of the chain's policy; 0: not found. */
function lineOf(rules: string, chain: string, text: string): number {
  const lines = rules.split("\n").map((line) => line.trim());
  const begin = lines.findIndex((line) => line.startsWith(`chain ${chain.split(" ").at(-1)} `));
  const wanted = text === "policy drop" ? (line: string) => line.includes(text) : (line: string) => line === text;
  const at = lines.findIndex((line, index) => index > begin && wanted(line));
  return at + 1;
}

/** `ct helper` matched where it should have been set, or not there at all. */
function whyNoHelper(rules: string): string {
  const matched = rules.split("\n").findIndex((line) => /ct helper (!= )?"/.test(line));
  if (matched >= 0 && !/ct helper set/.test(rules)) {
    return `: line ${matched + 1} of the rules matches ct helper, and only "ct helper set" assigns one`;
  }
  return /ct helper set/.test(rules) ? "" : `: no rule says "ct helper set"`;
}
