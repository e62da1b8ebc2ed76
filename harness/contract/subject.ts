/**
 * A subject is the proxy under test. Each is one file in `subjects/` that exports a `Subject`.
 * The contract: started on the lab's firewall, it handles control connections until it is stopped,
 * and leaves nothing behind.
 */

import type { Family } from "../pf/packet.ts";
import type { Era, Lab, LabKind, Side } from "./lab.ts";

/** Which expectations apply: two subjects with one profile must behave alike. */
export type Profile =
  /** ftp-proxy(8) of OpenBSD 7.8, to the letter; FreeBSD's of today acts at the same moments. */
  | "ftp-proxy"
  /** The classic generation, whose active rules wait for `200 `: OpenBSD 3.9 to 4.1, FreeBSD 7 and 8. */
  | "classic"
  /** Linux nf_conntrack_ftp. */
  | "conntrack"
  /** The same firewall, no proxy. */
  | "none";

export interface SubjectSetup {
  readonly side: Side;
  readonly family: Family;
  readonly era: Era;
  /** Options of ftp-proxy(8) that the scenario asks for, such as `["-A"]`. */
  readonly args: readonly string[];
}

export interface RunningSubject {
  /** As one would type it. */
  readonly command?: string;
  /** Sends SIGTERM, or whatever ends it in order. Safe to call twice. */
  stop(): Promise<void>;
}

export interface Subject {
  readonly name: string;
  readonly title: string;
  /** Depends on the era: the proxy of one generation may be asked to behave as the other. */
  profile(era: Era): Profile;
  /** It runs in the runner, so every change that it makes to an anchor goes through the lab's own pfctl. */
  readonly inRunner?: true;
  /** Control connections end at it (a proxy), or pass through (none, conntrack). */
  readonly terminates: boolean;
  /** nft(8) rules of a firewall whose own kernel is the subject. Absent: PF is the firewall. */
  kernelRules?(side: Side): string;
  /** Why it cannot be played so; undefined when it can. */
  lacks(setup: SubjectSetup, lab: LabKind): string | undefined;
  start(lab: Lab, setup: SubjectSetup): Promise<RunningSubject>;
}
