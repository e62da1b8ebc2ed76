/**
 * The settings of one control session: who talks to whom, and how the proxy behaves.
 *
 * @example
 * const setup: SessionSetup = { id: 1, count: 1, client: "10.0.0.2", …, ...modernDefaults };
 */

import type { LogLevel } from "../host.ts";
import type { RuleOptions } from "./ruleset.ts";

/**
 * `modern`: OpenBSD since 4.7. `classic`: the first one (ftp-proxy.c 1.13: OpenBSD until 2007, FreeBSD 7 and 8), active
 * rules wait for the server's `200 `. `late-classic`: in between, and FreeBSD since 9 (1.19), they no longer wait.
 */
export type Generation = "modern" | "classic" | "late-classic";

/** Behaviour that ftp-proxy(8) does not have, all of it off by default. */
export interface Extensions {
  /** `--match-replies`: pair each reply with its own command instead of remembering one line. */
  readonly matchReplies: boolean;
  /** `--check-peer`: refuse an address in PORT, EPRT or 227 that is not that peer's own. */
  readonly checkPeer: boolean;
  /** `--lenient-replies`: also read a 227 without parentheses and a 229 with other delimiters. */
  readonly lenientReplies: boolean;
  /** `--epsv-only`, `--passive-only`: the ways to negotiate a data connection; others are answered with 502. */
  readonly modes: ReadonlySet<NegotiationVerb>;
  /** `--reply-421`: say 421 and why before closing on a client. */
  readonly reply421: boolean;
  /** `--line-timeout`: seconds from the first byte of a line to its end; 0: as long as it takes. */
  readonly lineTimeout: number;
  /** `--tls`: after a 234 stop inspecting and pass everything on. */
  readonly tls: boolean;
}

export type NegotiationVerb = "PORT" | "EPRT" | "PASV" | "EPSV";

export const noExtensions: Extensions = {
  matchReplies: false,
  checkPeer: false,
  lenientReplies: false,
  modes: new Set<NegotiationVerb>(["PORT", "EPRT", "PASV", "EPSV"]),
  reply421: false,
  lineTimeout: 0,
  tls: false,
};

/** The options of a proxy that its sessions look at. */
export interface SessionOptions {
  /** `-m` */
  readonly maxSessions: number;
  readonly generation: Generation;
  /** Era, `-v`, `-q`, `-T`, rdomain and rtable. */
  readonly rules: RuleOptions;
  /** `-6` */
  readonly ipv6: boolean;
  /** `-A` */
  readonly anonymousOnly: boolean;
  /** `-r` */
  readonly activeFromPort20: boolean;
  /** `-t`, seconds; 0: never. */
  readonly timeout: number;
  /** `-D`; lines above this level are not made. */
  readonly logLevel: LogLevel | 0 | 1;
  readonly extensions: Extensions;
}

export interface SessionSetup extends SessionOptions {
  /** From 1, never used twice in one process. */
  readonly id: number;
  /** Sessions at the moment, this one included. */
  readonly count: number;
  readonly client: string;
  readonly original: string;
  readonly server: string;
  readonly proxy: string;
}
