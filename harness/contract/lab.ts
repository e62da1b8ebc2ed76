/**
 * A Lab is its hosts, a firewall and a capture (docs/decisions/labs.md). A scenario sees nothing else,
 * so it plays wherever a lab can carry it. Each lab is one file in `labs/` that exports a
 * `LabKind`; opened for one play, it gives a `Lab`.
 *
 * @example
 * const lab = await sim.open({ seed: 1, side: "forward", pfConf, ... });
 * lab.observe((event) => transcript.add(event));
 * await lab.run(play(), { limitMs: 600_000 });
 * await lab.close();
 */

import type { Endpoint, Host, ProcessResult } from "../../proxy/host.ts";
import type { RulePosition } from "../pf/decision.ts";
import type { Family, Packet } from "../pf/packet.ts";

/** `forward`: the client inside; `reverse`: the server inside, `ftp-proxy -R`. */
export type Side = "forward" | "reverse";

/** The two ends of an FTP session. */
export type Peer = "client" | "server";

/** Which PF language the firewall speaks (docs/glossary.md). */
export type Era = "divert-to" | "rdr-to" | "rdr-anchor";

/** What a scenario may ask of a lab beyond sockets and rules. */
export type Need =
  /** Virtual time: hours pass in milliseconds. */
  | "virtual-time"
  /** Half a minute passes or two, as timers of proxy and PF want it: where time is real only when the scenario is asked for. */
  | "long-waits"
  /** Loss, delay, reordering, duplication on a link; an MTU that IPv6 would not have. */
  | "faults"
  /** Links of an MTU of 1280 or more bytes. */
  | "mtu"
  /** TCP urgent data can be sent and seen. */
  | "urgent-data"
  /** A TCP connection can be reset at will. */
  | "reset"
  /** JavaScript libraries run unmodified on the hosts. */
  | "bottles"
  /** Programs of the machine run on the hosts. */
  | "processes"
  /** A connection can be redirected to the firewall's loopback address, and its socket tells that address. */
  | "redirect-to-loopback"
  /** PF's block of a packet of the firewall's own lets connect(2) fail at once. */
  | "own-packet-refusal"
  /** A host refuses connections to a port by ICMP, as a packet filter of its own does. */
  | "icmp-refusal"
  /** The client can dial from its link-local address (RFC 4007). */
  | "link-local"
  /** The text of pf.conf can be changed for the play. */
  | "own-pf-conf"
  /** Programs on the hosts may become other users. */
  | "other-users"
  /** The firewall is Linux, and its own kernel can forward and filter in PF's place. */
  | "kernel-forwarding";

export type HostName = "client" | "firewall" | "server" | "inside-intruder" | "outside-intruder";

export interface LabHost extends Host {
  /** The host's address on the network where it sits; the firewall's is the outside one. */
  address(family: Family): string;
  /** Its link-local address, without scope: one can dial from it where the lab carries `link-local`. */
  readonly linkLocal?: string | undefined;
  /** From now to the end of the play, SYNs to that port are answered by ICMP "port unreachable". Needs `icmp-refusal`. */
  refuseByIcmp?(port: number): Promise<void>;
}

/** Every thing that a lab can see happen at its firewall, in the order in which it happened. */
export type LabEvent =
  /** A packet crossed a wire of the firewall: what arrived (`in`), or what was sent after translation (`out`). */
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
      readonly reason: string;
      readonly rule?: RulePosition;
    }
  /** An anchor below `ftp-proxy` now holds these rules (pfctl -sr lines, after those of -sn in the era `rdr-anchor`); none: it is gone. */
  | {
      readonly kind: "anchor";
      readonly atMs: number;
      readonly anchor: string;
      readonly rules: readonly string[];
      /** It was read, not watched: then it did not hold them yet. */
      readonly afterMs?: number;
    }
  | { readonly kind: "state"; readonly atMs: number; readonly event: "created" | "removed"; readonly state: string }
  /** The firewall's kernel has read of a connection that is to come, and will let it in (Linux: nf_conntrack_ftp). */
  | { readonly kind: "expectation"; readonly atMs: number; readonly to: Endpoint; readonly text: string }
  /** A line that a program on the firewall logged. */
  | { readonly kind: "log"; readonly atMs: number; readonly level: number; readonly text: string };

export interface LabFirewall {
  readonly inside: Readonly<Record<Family, string>>;
  readonly outside: Readonly<Record<Family, string>>;
  /** Where connections are redirected to, if not to the loopback address. */
  readonly listenAt?: Partial<Readonly<Record<Family, string>>>;
  /** Where processes on the firewall reach a pfctl that is no program there (proxy/pf/pfctl-socket.ts). */
  readonly pfctlSocket?: Endpoint;
  /** The firewall's own pfctl(8), real or model. */
  pfctl(args: readonly string[], stdin?: string): Promise<ProcessResult>;
}

export interface Lab {
  readonly name: string;
  readonly hosts: Readonly<Record<HostName, LabHost>>;
  readonly firewall: LabFirewall;
  /** rc.d(8) of the firewall, where it is a whole system. */
  readonly services?: Services;
  /** "sampled": a process on the firewall may change an anchor between two readings. Absent: every change is told. */
  readonly anchors?: "sampled";
  /**
   * Present: events are told late and out of order; those of the time before `pace.quiet` was called have been told when
   * it settles, and then this gives them the order and the times in which they happened.
   */
  inOrder?(events: readonly LabEvent[]): LabEvent[];
  /** All events from now on; several observers may listen. Observers must not throw. */
  observe(observer: (event: LabEvent) => void): void;
  /**
   * Lets time pass until the promise settles. Rejects with LimitError when it has not after
   * `limitMs` of the lab's clock, or when nothing more can ever happen.
   */
  run<T>(promise: Promise<T>, options: { readonly limitMs: number }): Promise<T>;
  /** Real time passes here: how long it is worth to wait. Absent: time is virtual, and waiting costs nothing. */
  readonly pace?: Pace;
  /** The packets of every interface of the firewall, as pcapng. */
  capture(): Promise<Uint8Array>;
  /** Rejects with LabLost when that happened under the play, whose result is then worth nothing. */
  close(): Promise<void>;
}

/** The proxies that an administrator of the firewall starts as services. */
export interface Services {
  /** Settles when it runs. Rejects with what the system answered. */
  start(service: "ftp-proxy" | "core-daemon", family: Family, flags: readonly string[]): Promise<void>;
  stop(service: "ftp-proxy" | "core-daemon", family: Family): Promise<void>;
}

export interface Pace {
  /** Longer than any answer takes to come. */
  readonly answerMs: number;
  /** Longer than the firewall's programs take that stand before an answer which waits for them. Absent: no time at all. */
  readonly programsMs?: number;
  /** Settles when nothing has crossed the firewall's wires for a while, or after `limitMs`. */
  quiet(limitMs: number): Promise<void>;
}

export interface LabSetup {
  readonly seed: number;
  readonly side: Side;
  readonly family: Family;
  readonly era: Era;
  /** pf.conf text for the firewall. */
  readonly pfConf: string;
  /** nft(8) text. Present: PF is out of the way, and the firewall's own kernel forwards by these rules. Needs `kernel-forwarding`. */
  readonly kernelRules?: string;
  readonly link?: LinkOptions;
  readonly signal?: AbortSignal;
  /** Told what people should know of the lab and the play need not: "client: ip ended by SIGKILL, between two plays; …". */
  readonly note?: (text: string) => void;
}

/** How the two networks behave; only labs that carry `faults` obey, and of the MTU those that carry `mtu`. */
export interface LinkOptions {
  readonly latencyMs?: number;
  /** 0 … 1, per packet. */
  readonly loss?: number;
  readonly reorder?: number;
  readonly duplicate?: number;
  /** Bytes. In `sim` the hosts know it; in labs of real kernels they find it out. */
  readonly mtu?: number;
}

/** Words that must stand before this program's command line (`unshare …`), or why none would help. */
export type StartedBy = { readonly words: readonly string[] } | { readonly refused: string };

/** Makes labs of one sort. */
export interface LabKind {
  readonly name: string;
  readonly title: string;
  readonly eras: readonly Era[];
  /** Why this lab cannot carry the need; undefined when it can. Asked before the play. */
  lacks(need: Need): string | undefined;
  /** What it takes for this program to have the lab, if it must be started in another way; undefined: nothing. */
  startedBy?(): StartedBy | undefined;
  /** Why this lab cannot be opened on this machine at all; undefined when it can. */
  unavailable(): Promise<string | undefined>;
  open(setup: LabSetup): Promise<Lab>;
  /** Client and server change sides slowly here: plays of one side are played one after the other. */
  readonly turnsSlowly?: true;
  /** The firewall is a whole BSD system: its labs have `services`. */
  readonly services?: true;
  /** This lab at another place: `openbsd@7.8`. Absent: there is one place only. */
  at?(place: LabPlace): LabKind;
  /** Why it cannot be played in any more, although it could; undefined: it can. */
  lost?(): string | undefined;
  /** How many plays may well go on at once, each in a place of its own. Absent: one at a time. */
  readonly plays?: number;
  /** Puts away what plays share; asked once, after the last of them. */
  shutDown?(): Promise<void>;
}

/** Which machine a lab is, and the way to it. */
export interface LabPlace {
  readonly release?: string;
  /** A file of ssh_config(5) whose first Host it is. */
  readonly sshConfig?: string;
  /** What starts an agent on `{host}`, instead of ssh. */
  readonly agentCommand?: string;
}

/** A host of the lab is gone under a play, which says nothing of the subject. */
export class LabLost extends Error {
  override readonly name = "LabLost";
}

/** The play did not end within its time. */
export class LimitError extends Error {
  override readonly name = "LimitError";
}
