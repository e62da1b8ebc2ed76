/**
 * A subject is the proxy under test: one file in `subjects/` that exports a `Subject`. Started on the lab's firewall, it
 * handles control connections until it is stopped, and leaves nothing behind.
 */

import type { Family } from "../pf/packet.ts";
import type { Era, Lab, LabKind, Side } from "./lab.ts";

/** The set of expectations that applies: subjects with the same profile must behave alike. */
export type Profile =
  /** ftp-proxy(8) of OpenBSD 7.8, to the letter; FreeBSD's of today acts at the same moments. */
  | "ftp-proxy"
  /** The classic generation, whose active rules wait for `200 `: OpenBSD 3.9 to 4.1, FreeBSD 7 and 8. */
  | "classic"
  /** A proxy without a reference: held to service and harm, never to the letter. */
  | "proxy"
  /** Linux nf_conntrack_ftp. */
  | "conntrack"
  /** The same firewall, no proxy. */
  | "none";

/** Whether its subjects claim to be ftp-proxy(8), so that they are compared with it to the letter. */
export const hasReference = (profile: Profile): boolean => profile === "ftp-proxy" || profile === "classic";

export interface SubjectSetup {
  readonly side: Side;
  readonly family: Family;
  readonly era: Era;
  /** Options of ftp-proxy(8) that the scenario asks for, such as `["-A"]`. */
  readonly args: readonly string[];
  /** Sessions at once that it should allow (`-m`), unless `args` has a limit. */
  readonly maxSessions?: number;
}

export interface RunningSubject {
  /** Its command line. */
  readonly command?: string;
  /** Why it has ended by itself, if it has. */
  gone?(): Promise<string | undefined>;
  /** Sends SIGTERM, or stops it in another orderly way. May be called twice. */
  stop(): Promise<void>;
}

export interface Subject {
  readonly name: string;
  readonly title: string;
  /** Options of the command line that made it, needed to repeat a play. */
  readonly options?: string;
  /** May depend on the era, since a proxy can play another generation. */
  profile(era: Era): Profile;
  /** It runs in the runner, so it changes anchors only through the lab's pfctl. */
  readonly inRunner?: true;
  /** Whether control connections end at it (a proxy) or pass through (none, conntrack). */
  readonly terminates: boolean;
  /** nft(8) rules of a firewall whose kernel is the subject. Absent: PF is the firewall. */
  kernelRules?(side: Side): string;
  /** Why it cannot be played in this way; undefined when it can. */
  lacks(setup: SubjectSetup, lab: LabKind): string | undefined;
  start(lab: Lab, setup: SubjectSetup): Promise<RunningSubject>;
}
