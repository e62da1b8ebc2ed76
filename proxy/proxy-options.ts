/**
 * How one proxy shall run, with every name already resolved. The command line (command-line.ts) makes
 * one; a lab makes its own with `proxyOptions`.
 *
 * @example
 * const options = proxyOptions({ pid: 4711, logLevel: 7 });
 */

import type { Endpoint, LogLevel } from "./host.ts";
import type { OriginalDestination } from "./original-destination.ts";
import type { RuleOptions } from "./session/ruleset.ts";
import { type Extensions, type Generation, noExtensions } from "./session/setup.ts";

export interface ProxyOptions {
  /** Names the anchors: `ftp-proxy/PID.ID`. */
  readonly pid: number;
  readonly listen: Endpoint;
  /** The listen address as the command line gave it, for the log. */
  readonly listenText: { readonly address: string; readonly port: string };
  /** Linux labs: accept by TPROXY. */
  readonly transparent: boolean;
  /** `-a` */
  readonly sourceAddress?: string;
  /** `-R`, `-P` */
  readonly fixedServer?: Endpoint;
  readonly generation: Generation;
  /** Dialect, `-v`, `-q`, `-T`, rdomain and rtable. */
  readonly rules: RuleOptions;
  readonly ipv6: boolean;
  readonly anonymousOnly: boolean;
  readonly activeFromPort20: boolean;
  /** Seconds; 0: never. */
  readonly timeout: number;
  readonly maxSessions: number;
  readonly logLevel: LogLevel | 0 | 1;
  /** `-d`: cut long lines as the terminal output of ftp-proxy does. */
  readonly foreground: boolean;
  readonly extensions: Extensions;
  /** `--refuse-self` */
  readonly refuseSelf: boolean;
  /** Absent: the accepted socket's address (divert-to). */
  readonly originalDestination?: OriginalDestination;
  /** Between the listener and the first client: open the firewall, give up privileges. */
  readonly beforeServing?: () => Promise<void>;
  /** The anchor that the main ruleset evaluates as `ftp-proxy/*`. */
  readonly anchorParent: string;
}

/** The defaults of ftp-proxy(8), changed where the caller says so. */
export function proxyOptions(changes: Partial<ProxyOptions> & { readonly pid: number }): ProxyOptions {
  const address = changes.ipv6 === true ? "::1" : "127.0.0.1";
  const listen = changes.listen ?? { address, port: 8021 };
  return {
    listen,
    listenText: { address: listen.address, port: String(listen.port) },
    transparent: false,
    generation: "modern",
    rules: { dialect: "divert-to" },
    ipv6: false,
    anonymousOnly: false,
    activeFromPort20: false,
    timeout: 86_400,
    maxSessions: 100,
    logLevel: 5,
    foreground: true,
    extensions: noExtensions,
    refuseSelf: false,
    anchorParent: "ftp-proxy",
    ...changes,
  };
}
