/**
 * What every script and every player holds while a play goes on: the time line of steps, who has
 * which address, the anchor, the log. `StepFailure` is the one way in which a script stops.
 */

import type { Family } from "../pf/packet.ts";
import type { HostName, LabHost, Side } from "./lab.ts";
import type { Roles } from "./roles.ts";
import type { Profile } from "./subject.ts";

/** Why a step could not happen. */
export type Cause =
  /** Nothing came in time on an open connection. */
  | "silence"
  /** The peer sent FIN, or the connection was closed. */
  | "closed"
  | "reset"
  /** A SYN was answered by RST. */
  | "refused"
  /** A SYN was answered by nothing. */
  | "no-answer"
  /** Another line, or other bytes, than the script awaits. */
  | "other-bytes"
  /** The anchor does not hold what it must. */
  | "other-rules"
  /** A program or library gave up; `actual` has its words. */
  | "gave-up";

export type Who = "client" | "server" | "firewall" | "intruder" | "play";

export class StepFailure extends Error {
  override readonly name = "StepFailure";
  readonly step: string;
  readonly failureCause: Cause;
  readonly expected: string;
  readonly actual: string;

  constructor(step: string, cause: Cause, expected: string, actual: string) {
    super(`${step}: expected ${expected}, got ${actual}`);
    this.step = step;
    this.failureCause = cause;
    this.expected = expected;
    this.actual = actual;
  }
}

/** Thrown inside a step; the script adds which step it was. */
export class Deviation extends Error {
  override readonly name = "Deviation";
  readonly deviationCause: Cause;
  readonly expected: string;
  readonly actual: string;

  constructor(cause: Cause, expected: string, actual: string) {
    super(`expected ${expected}, got ${actual}`);
    this.deviationCause = cause;
    this.expected = expected;
    this.actual = actual;
  }
}

/** The anchor `ftp-proxy/*` as the script asks about it. With a subject that has none, every question is a no-op. */
export interface AnchorView {
  /** Exactly the rules of ftp-proxy(8) for PASV or EPSV. `proxyPort`: what the client was told; `serverPort`: what the server said. */
  holdsPassive(ports: { readonly proxyPort: number; readonly serverPort: number }): Promise<void>;
  /** Exactly the rules for PORT or EPRT. `proxyPort`: what the server was told; `clientPort`: what the client said. */
  holdsActive(ports: {
    readonly proxyPort: number;
    readonly clientPort: number;
    /** EPRT: `-r` has no effect on it. */
    readonly extended?: boolean;
  }): Promise<void>;
  /** No session has rules. */
  isEmpty(): Promise<void>;
  /** Exactly the rules of these negotiations, one a session, in the anchors' order. */
  holdsTogether(negotiations: readonly Negotiation[]): Promise<void>;
}

/** What one session has agreed on; see `holdsPassive` and `holdsActive`. */
export type Negotiation =
  | { readonly mode: "passive"; readonly proxyPort: number; readonly serverPort: number }
  | { readonly mode: "active"; readonly proxyPort: number; readonly clientPort: number; readonly extended?: boolean };

export interface LogView {
  /** The subject has logged a line that contains this text. With a subject that keeps no such log, a no-op. */
  says(text: string): Promise<void>;
}

/** The proxy under test as its administrator holds it. */
export interface ProxyView {
  /** Gets SIGTERM, and has ended. With a subject that is no program, a no-op. */
  terminates(): Promise<void>;
}

/** How long a step may wait for its peer, who would have so long in virtual time. Milliseconds. */
export type Patience = (milliseconds: number) => number;

export interface Script {
  readonly side: Side;
  readonly family: Family;
  readonly profile: Profile;
  readonly roles: Roles;
  readonly hosts: Readonly<Record<HostName, LabHost>>;
  readonly anchor: AnchorView;
  readonly log: LogView;
  readonly proxy: ProxyView;
  /** Runs one step and puts it on the time line: `step("client", "sends PASV", …)`. A Deviation inside becomes a StepFailure. */
  step<T>(who: Who, text: string, action: (patience: Patience) => T | Promise<T>): Promise<T>;
  /** Waits on the lab's clock. */
  wait(milliseconds: number): Promise<void>;
  /** A span that nobody's timer measures: all of it where time is virtual, half a second at most where it is real. Milliseconds. */
  abridged(milliseconds: number): number;
}
