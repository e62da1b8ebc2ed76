/**
 * A Lab is its hosts, a firewall and a capture (docs/decisions/labs.md). A scenario sees nothing else, so it plays in
 * every lab that can carry it. Each lab is one file in `labs/` that exports a `LabKind`, which opens a `Lab` for a play.
 *
 * @example
 * const lab = await sim.open({ seed: 1, side: "forward", pfConf, ... });
 * lab.observe((event) => timeline.add(event));
 * await lab.run(play(), { limitMs: 600_000 });
 * await lab.close();
 */

import type { Endpoint, Host, ProcessResult } from "../../proxy/host.ts";
import type { RulePosition } from "../pf/decision.ts";
import type { Family, Packet } from "../pf/packet.ts";

/** Which peer is inside. `forward`: the client; `reverse`: the server, as with `ftp-proxy -R`. */
export type Side = "forward" | "reverse";

/** The two ends of an FTP session. */
export type Peer = "client" | "server";

/** Which PF language the firewall speaks (docs/glossary.md). */
export type Era = "divert-to" | "rdr-to" | "rdr-anchor";

/** A capability beyond sockets and rules, which a scenario may need of a lab. */
export type Need =
  /** Virtual time: hours pass in milliseconds. */
  | "virtual-time"
  /** Half a minute or more passes, for timers of proxy and PF. In real time only on request. */
  | "long-waits"
  /** Loss, delay, reordering, duplication on a link; an MTU that IPv6 would not have. */
  | "faults"
  /** Links with a small MTU, of at least 1280 bytes. */
  | "mtu"
  /** TCP urgent data can be sent and seen. */
  | "urgent-data"
  /** A TCP connection can be reset at will. */
  | "reset"
  /** JavaScript libraries run unmodified on the hosts. */
  | "bottles"
  /** Programs of the machine run on the hosts. */
  | "processes"
  /** Containers of this machine can join the hosts' networks. */
  | "containers"
  /** A connection can be redirected to the firewall's loopback address, and its socket reports that address. */
  | "redirect-to-loopback"
  /** When PF blocks a packet that the firewall itself sends, connect(2) fails at once. */
  | "own-packet-refusal"
  /** A host refuses connections to a port by ICMP, as its packet filter may. */
  | "icmp-refusal"
  /** The client can dial from its link-local address (RFC 4007). */
  | "link-local"
  /** The play can have another pf.conf. */
  | "own-pf-conf"
  /** The firewall can have other interfaces and addresses than the lab's. */
  | "own-network"
  /** Programs on the hosts may become other users. */
  | "other-users"
  /** The firewall can have a second address on each network (`LabSetup.secondAddress`). */
  | "second-address"
  /** The firewall is Linux, and its kernel can forward and filter instead of PF. */
  | "kernel-forwarding";

export type HostName = "client" | "firewall" | "server" | "inside-intruder" | "outside-intruder";

export interface LabHost extends Host {
  /** The host's address on its network; the firewall's is the outside one. */
  address(family: Family): string;
  /** Its link-local address, without scope, to dial from where the lab carries `link-local`. */
  readonly linkLocal?: string | undefined;
  /** A process of this machine in the host's network namespace, where the lab carries `containers`. */
  readonly pid?: number | undefined;
  /** From now on that process of the host is not ended between two plays. Present beside `pid`. */
  readonly keeps?: (pid: number) => void;
  /** Until the end of the play, answers SYNs to that port with ICMP "port unreachable". Needs `icmp-refusal`. */
  refuseByIcmp?(port: number): Promise<void>;
}

/** An event at the firewall, in the order of events. */
export type LabEvent =
  /** A packet crossed a wire of the firewall: it arrived (`in`), or was sent after translation (`out`). */
  | {
      readonly kind: "packet";
      readonly atMs: number;
      readonly network: "inside" | "outside";
      readonly direction: "in" | "out";
      readonly packet: Packet;
    }
  | {
      readonly kind: "drop";
      readonly atMs: number;
      readonly interface: string;
      readonly network: "inside" | "outside";
      readonly direction: "in" | "out";
      readonly packet: Packet;
      /** As pf counts it; or, when the packet passed the rules and got stuck: `ttl`, `no-route`, `no-neighbour` … */
      readonly reason: string;
      /** The rule that dropped it, or that routed it to where it got stuck. */
      readonly rule?: RulePosition;
      /** Where it got stuck, in words: `no host has the address 198.51.100.254`. */
      readonly stuck?: string;
    }
  /** An anchor below `ftp-proxy` now holds these rules: lines of pfctl -sr, after those of -sn in the era `rdr-anchor`. */
  | {
      readonly kind: "anchor";
      readonly atMs: number;
      readonly anchor: string;
      readonly rules: readonly string[];
      /** The anchor was read, not watched: at this earlier time it did not hold them yet. */
      readonly afterMs?: number;
    }
  | {
      readonly kind: "state";
      readonly atMs: number;
      readonly event: "created" | "removed";
      readonly state: string;
      /** It timed out, at this time; the purge comes by later. */
      readonly timedOut?: StateTimeout;
    }
  /** The firewall's kernel expects a connection and will let it in (Linux: nf_conntrack_ftp). */
  | { readonly kind: "expectation"; readonly atMs: number; readonly to: Endpoint; readonly text: string }
  /** A line that a program on the firewall logged. */
  | { readonly kind: "log"; readonly atMs: number; readonly level: number; readonly text: string };

/** `tcp.established 300`: the timeout that ended a state, and when. */
export interface StateTimeout {
  readonly name: string;
  readonly seconds: number;
  readonly atMs: number;
}

export interface LabFirewall {
  readonly inside: Readonly<Record<Family, string>>;
  readonly outside: Readonly<Record<Family, string>>;
  /** Its second addresses, where the play has asked for them. */
  readonly second?: Readonly<Record<"inside" | "outside", Readonly<Record<Family, string>>>>;
  /** The address that PF redirects connections to, if not the loopback address. */
  readonly listenAt?: Partial<Readonly<Record<Family, string>>>;
  /** The socket by which processes on the firewall reach a pfctl that is not a program there (proxy/pf/pfctl-socket.ts). */
  readonly pfctlSocket?: Endpoint;
  /** Absent: no program of the user's can run there. */
  readonly programs?: FirewallPrograms;
  /** The firewall's own pfctl(8), real or model. */
  pfctl(args: readonly string[], stdin?: string): Promise<ProcessResult>;
}

/** For programs that a user runs on the firewall. */
export interface FirewallPrograms {
  /** The path of a pfctl(8). */
  readonly pfctl: string;
  /** Whether a program listens there and can be reached, also by connections that PF diverts. */
  listens(at: Endpoint): Promise<boolean>;
}

export interface Lab {
  readonly name: string;
  readonly hosts: Readonly<Record<HostName, LabHost>>;
  readonly firewall: LabFirewall;
  /** rc.d(8) of the firewall, where it is a whole BSD system. */
  readonly services?: Services;
  /** "sampled": a process on the firewall may change an anchor between two readings. Absent: every change is reported. */
  readonly anchors?: "sampled";
  /**
   * Present: the lab reports events late and out of order. When `pace.quiet` settles, it has reported all events from
   * before that call, and this function restores their order and times.
   */
  inOrder?(events: readonly LabEvent[]): LabEvent[];
  /** Reports all events from now on, to several observers if asked. An observer must not throw. */
  observe(observer: (event: LabEvent) => void): void;
  /**
   * Lets time pass until the promise settles. Rejects with LimitError after `limitMs` of the lab's clock, or when no
   * further event can happen.
   */
  run<T>(promise: Promise<T>, options: { readonly limitMs: number }): Promise<T>;
  /** Present: time is real, and this is how long to wait. Absent: time is virtual, and waiting costs nothing. */
  readonly pace?: Pace;
  /** The packets of every interface of the firewall, as pcapng. */
  capture(): Promise<Uint8Array>;
  /** Rejects with LabLost when the lab was lost during the play, so that its result means nothing. */
  close(): Promise<void>;
}

/** The proxies that run as services of the firewall. */
export interface Services {
  /** Settles when it runs. Rejects with the system's message. */
  start(service: "ftp-proxy" | "core-daemon", family: Family, flags: readonly string[]): Promise<void>;
  stop(service: "ftp-proxy" | "core-daemon", family: Family): Promise<void>;
}

export interface Pace {
  /** Longer than any answer takes to come. */
  readonly answerMs: number;
  /** Longer than the firewall's programs take when an answer waits for them. Absent: they take no time. */
  readonly programsMs?: number;
  /** Settles when no packet has crossed the firewall's wires for a while, or after `limitMs`. */
  quiet(limitMs: number): Promise<void>;
}

export interface LabSetup {
  readonly seed: number;
  readonly side: Side;
  readonly family: Family;
  readonly era: Era;
  /** pf.conf text for the firewall. */
  readonly pfConf: string;
  /** nft(8) text. Present: the firewall's kernel forwards by these rules, without PF. Needs `kernel-forwarding`. */
  readonly kernelRules?: string;
  /** The firewall has a second address on each network. Needs `second-address`. */
  readonly secondAddress?: boolean;
  /** The lab's own plan by default. */
  readonly network?: NetworkPlan;
  readonly link?: LinkOptions;
  readonly signal?: AbortSignal;
  /** Gets messages for people about the lab: "client: ip ended by SIGKILL, between two plays; …". */
  readonly note?: (text: string) => void;
}

/** Names and addresses of the lab's two networks, for a pf.conf that has others than the lab's. Needs `own-network`. */
export interface NetworkPlan {
  readonly inside: PlannedNetwork;
  readonly outside: PlannedNetwork;
  /** Further interfaces of the firewall, with no host behind them. */
  readonly others: readonly PlannedInterface[];
  /** Files that the pf.conf includes or fills tables from. */
  readonly readFile?: (path: string) => string | undefined;
  /** The release whose pfctl loads the pf.conf. */
  readonly release?: string;
  /** Tables that are filled at run time: here they hold everybody. */
  readonly filledTables?: readonly string[];
}

export interface PlannedInterface {
  readonly name: string;
  readonly groups: readonly string[];
  /** `10.0.0.1/24`; the first one of each family is the firewall's main one. */
  readonly addresses: readonly string[];
}

export interface PlannedNetwork extends PlannedInterface {
  /** The client or the server, whichever is there. */
  readonly peer: Readonly<Record<Family, string>>;
  readonly intruder: Readonly<Record<Family, string>>;
}

/** The behaviour of the two networks, in labs that carry `faults`; the MTU in those that carry `mtu`. */
export interface LinkOptions {
  readonly latencyMs?: number;
  /** 0 … 1, per packet. */
  readonly loss?: number;
  readonly reorder?: number;
  readonly duplicate?: number;
  /** Bytes. In `sim` the hosts know it; in labs of real kernels they discover it. */
  readonly mtu?: number;
}

/** Words to put before this program's command line (`unshare …`), or why none would help. */
export type StartedBy = { readonly words: readonly string[] } | { readonly refused: string };

/** A sort of lab: opens one for each play. */
export interface LabKind {
  readonly name: string;
  readonly title: string;
  readonly eras: readonly Era[];
  /** Why this lab cannot carry the need; undefined when it can. Asked before the play. */
  lacks(need: Need): string | undefined;
  /** How this program must be started to have the lab; undefined: as it was. */
  startedBy?(): StartedBy | undefined;
  /** Why this lab cannot be opened on this machine at all; undefined when it can. */
  unavailable(): Promise<string | undefined>;
  open(setup: LabSetup): Promise<Lab>;
  /** Changing sides is slow here, so the plays of one side are played together. */
  readonly slowSideChange?: true;
  /** The firewall is a whole BSD system: its labs have `services`. */
  readonly services?: true;
  /** The lab on a given machine: `openbsd@7.8`. Absent: there is only one. */
  at?(place: LabPlace): LabKind;
  /** Why it can no longer be played in; undefined when it can. */
  lost?(): string | undefined;
  /** How many plays to run at once, each in separate hosts. Absent: one at a time. */
  readonly plays?: number;
  /** A play is computation alone, so threads can share the plays of a run. */
  readonly inThreads?: true;
  /** Removes whatever plays share; called once, after the last play. */
  shutDown?(): Promise<void>;
}

/** A lab's machine, and the way to it. */
export interface LabPlace {
  readonly release?: string;
  /** A file of ssh_config(5); its first Host is the machine. */
  readonly sshConfig?: string;
  /** The command that starts an agent on `{host}`, instead of ssh. */
  readonly agentCommand?: string;
}

/** A host of the lab was lost during a play; that says nothing about the subject. */
export class LabLost extends Error {
  override readonly name = "LabLost";
}

/** The play did not end within its time. */
export class LimitError extends Error {
  override readonly name = "LimitError";
}
