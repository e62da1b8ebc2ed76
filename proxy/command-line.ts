/**
 * The command line of ftp-proxy(8): every option with its range, default and error text. Pure: `resolveOptions`
 * (options.ts) looks names up later.
 *
 * @example
 * parseCommandLine(["-d", "-D7", "-b", "10.0.0.1"]);
 * // { kind: "run", options: { foreground: true, logLevel: 7, listenAddress: "10.0.0.1", … } }
 */

import { getopt, strtonum } from "./getopt.ts";
import type { LogLevel } from "./host.ts";

export interface CommandLine {
  readonly ipv6: boolean;
  readonly anonymousOnly: boolean;
  readonly sourceAddress?: string;
  readonly listenAddress: string;
  readonly logLevel: LogLevel | 0 | 1;
  readonly foreground: boolean;
  readonly maxSessions: number;
  readonly fixedServerPort: string;
  readonly listenPort: string;
  readonly queue?: string;
  readonly fixedServer?: string;
  readonly activeFromPort20: boolean;
  readonly tag?: string;
  /** Seconds. */
  readonly timeout: number;
  readonly verbose: 0 | 1 | 2;
}

export type ParsedCommandLine =
  | { readonly kind: "run"; readonly options: CommandLine }
  /** Text for stderr; the exit status is 1. */
  | { readonly kind: "refused"; readonly stderr: string };

/** Source: capture usage_errors.txt. */
export const usage = `usage: ftp-proxy [-6Adrv] [-a sourceaddr] [-b address] [-D level] [-m maxsessions]
                 [-P port] [-p port] [-q queue] [-R address] [-T tag]
                 [-t timeout]
`;

/** Source: ftp-proxy.c 1.41, main. */
const letters = "6Aa:b:D:dm:P:p:q:R:rT:t:v";
/** Source: sys/net/pfvar.h, PF_QNAME_SIZE and PF_TAG_NAME_SIZE. */
const nameSize = 64;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function parseCommandLine(args: readonly string[]): ParsedCommandLine {
  const options: Mutable<CommandLine> = {
    ipv6: false,
    anonymousOnly: false,
    listenAddress: "",
    logLevel: 5,
    foreground: false,
    maxSessions: 100,
    fixedServerPort: "21",
    listenPort: "8021",
    activeFromPort20: false,
    timeout: 86_400,
    verbose: 0,
  };
  for (const found of getopt(args, letters).options) {
    const refusal = "problem" in found ? `ftp-proxy: ${found.problem}\n${usage}` : take(options, found);
    if (refusal !== undefined) return { kind: "refused", stderr: refusal };
  }
  if (options.listenAddress === "") options.listenAddress = options.ipv6 ? "::1" : "127.0.0.1";
  return { kind: "run", options };
}

/** Returns the refusal, as printed. */
function take(options: Mutable<CommandLine>, found: { option: string; argument?: string }): string | undefined {
  const argument = found.argument ?? "";
  switch (found.option) {
    case "6":
      options.ipv6 = true;
      return undefined;
    case "A":
      options.anonymousOnly = true;
      return undefined;
    case "a":
      options.sourceAddress = argument;
      return undefined;
    case "b":
      options.listenAddress = argument;
      return undefined;
    case "D":
      return number("loglevel", argument, 0, 7, (level) => {
        options.logLevel = level as LogLevel;
      });
    case "d":
      options.foreground = true;
      return undefined;
    case "m":
      return number("max sessions", argument, 1, 500, (most) => {
        options.maxSessions = most;
      });
    case "P":
      options.fixedServerPort = argument;
      return undefined;
    case "p":
      options.listenPort = argument;
      return undefined;
    case "q":
      options.queue = argument;
      return argument.length < nameSize ? undefined : "ftp-proxy: queuename too long\n";
    case "R":
      options.fixedServer = argument;
      return undefined;
    case "r":
      options.activeFromPort20 = true;
      return undefined;
    case "T":
      options.tag = argument;
      return argument.length < nameSize ? undefined : "ftp-proxy: tagname too long\n";
    case "t":
      return number("timeout", argument, 0, 86_400, (seconds) => {
        options.timeout = seconds;
      });
    case "v":
      if (options.verbose === 2) return usage;
      options.verbose++;
      return undefined;
    default:
      return usage;
  }
}

function number(what: string, text: string, least: number, most: number, use: (value: number) => void) {
  const value = strtonum(text, least, most);
  if (typeof value === "string") return `ftp-proxy: ${what} ${value}\n`;
  use(value);
  return undefined;
}
