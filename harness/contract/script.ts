/**
 * The functions of a play for scripts and players: steps on the time line, addresses, the anchor, the log.
 *
 * Comparing words, rules or log lines never stops a script: a difference is noted, for the letter. A script stops only by
 * a `StepFailure`, when it cannot go on.
 *
 * @example
 * await script.step("client", "sends PASV", () => connection.write(toBytes("PASV\r\n")));
 */

import type { Endpoint } from "../../proxy/host.ts";
import type { LetterDifference } from "../../reports/model.ts";
import type { Family } from "../pf/packet.ts";
import type { HostName, LabHost, Side } from "./lab.ts";
import type { Roles } from "./roles.ts";
import type { Profile } from "./subject.ts";

/** Why a step could not happen. */
export type Cause =
  /** No byte came in time on an open connection. */
  | "silence"
  /** The peer sent FIN, or the connection was closed. */
  | "closed"
  | "reset"
  /** A SYN was answered by RST. */
  | "refused"
  /** A SYN got no answer. */
  | "no-answer"
  /** Another line, or other bytes, than the script awaits. */
  | "other-bytes"
  /** The control connection should be closed and is not: the subject did not hang up as its reference does. */
  | "still-open"
  /** A program or library gave up; `actual` has its message. */
  | "gave-up";

/** Whose step it is. */
export type Who = "client" | "server" | "firewall" | "intruder" | "play";

/** A step after which the script cannot go on. */
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

/** Thrown inside a step after which the script cannot go on; the script adds the step's name. */
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

/** Notes inside a step that something differs from what the script says; the script goes on. */
export type Differs = (about: LetterDifference["about"], expected: string, actual: string) => void;

/** Questions about the anchor `ftp-proxy/*`. No-ops with a subject that has no reference. */
export interface AnchorView {
  /** Exactly the rules of ftp-proxy(8) for PASV or EPSV. `proxyPort`: in the client's reply; `serverPort`: in the server's. */
  holdsPassive(ports: { readonly proxyPort: number; readonly serverPort: number }): Promise<void>;
  /** Exactly the rules for PORT or EPRT. `proxyPort`: in the server's command; `clientPort`: in the client's. */
  holdsActive(ports: {
    readonly proxyPort: number;
    readonly clientPort: number;
    /** EPRT: `-r` has no effect on it. */
    readonly extended?: boolean;
    /** The server has not answered `200 ` to it, so the classic generation has loaded nothing. */
    readonly withoutConsent?: boolean;
  }): Promise<void>;
  /** No session has rules. */
  isEmpty(): Promise<void>;
  /** Exactly the rules of these negotiations, one for each session, in the anchors' order. */
  holdsTogether(negotiations: readonly Negotiation[]): Promise<void>;
}

/** The data connection of one session; see `holdsPassive` and `holdsActive`. */
export type Negotiation =
  | { readonly mode: "passive"; readonly proxyPort: number; readonly serverPort: number }
  | { readonly mode: "active"; readonly proxyPort: number; readonly clientPort: number; readonly extended?: boolean };

export interface LogView {
  /** The subject has logged a line with this text. A no-op with a subject that has no reference. */
  says(text: string): Promise<void>;
}

/** The proxy under test, as its administrator controls it. */
export interface ProxyView {
  /** Sends SIGTERM and waits for its end. A no-op with a subject that is not a program. */
  terminates(): Promise<void>;
}

/** Hosts without a part in the play. What they find is harm; it never stops the play. */
export interface ThirdHostView {
  /** That host tries to connect, without waiting. No attempt is made where nothing may disturb the play. */
  tries(host: HostName, door: Endpoint): void;
  /** A connection from that address came to a third host. */
  wasVisited(door: Endpoint, by: string): void;
}

/** How long a step may wait for its peer, given its patience in virtual time. Milliseconds. */
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
  readonly thirdHost: ThirdHostView;
  /** Runs one step, an action of a player with a name, and records it. A Deviation inside becomes a StepFailure. */
  step<T>(who: Who, text: string, action: (patience: Patience, differs: Differs) => T | Promise<T>): Promise<T>;
  /** Records something that a player did by itself. It stops nothing. */
  noted(who: Who, text: string, ok: boolean): void;
  /** How long a player that acts by itself waits for its peer, given its patience in virtual time. */
  readonly patience: Patience;
  /** Waits on the lab's clock. */
  wait(milliseconds: number): Promise<void>;
  /** A span that no timer measures: the whole of it in virtual time, at most half a second in real time. Milliseconds. */
  abridged(milliseconds: number): number;
}
