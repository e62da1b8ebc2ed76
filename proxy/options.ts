/**
 * The options of one proxy, with every name resolved. `resolveOptions` makes them from the parsed command
 * line, in the order and with the errors of ftp-proxy(8); a lab makes its own with `proxyOptions`.
 *
 * @example
 * const resolved = await resolveOptions(commandLine, resolver, { pid: 4711 });
 * if (resolved.kind === "refused") stderr.write(resolved.stderr);
 */

import { canonicalAddress } from "./address-text.ts";
import type { CommandLine } from "./command-line.ts";
import type { Endpoint } from "./host.ts";
import type { OriginalDestination } from "./original-destination.ts";
import type { RuleOptions } from "./session/ruleset.ts";
import { noExtensions, type SessionOptions } from "./session/setup.ts";

export interface ProxyOptions extends SessionOptions {
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
  /** `-d`: cut long lines as the terminal output of ftp-proxy does. */
  readonly foreground: boolean;
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
    rules: { era: "divert-to" },
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

/** Looks up names, as getaddrinfo(3) does. */
export interface Resolver {
  /** All addresses of a host name in one family; empty when there are none. */
  addresses(name: string, family: "inet" | "inet6"): Promise<readonly string[]>;
  /** The TCP port of a service name (`ftp` → 21). */
  service(name: string): Promise<number | undefined>;
}

export type ResolvedOptions =
  | { readonly kind: "run"; readonly options: ProxyOptions }
  | { readonly kind: "refused"; readonly stderr: string };

/** gai_strerror(3) texts. Source: capture usage_errors.txt. */
const notNumeric = "name or service is not known";
const noAddress = "no address associated with name";
const noService = "service not supported for ai_socktype";

class Refusal extends Error {
  override readonly name = "Refusal";
}

export async function resolveOptions(
  line: CommandLine,
  resolver: Resolver,
  changes: Partial<ProxyOptions> & { readonly pid: number },
): Promise<ResolvedOptions> {
  try {
    const sourceAddress =
      line.sourceAddress === undefined ? undefined : numeric(line, line.sourceAddress, "fixed proxy");
    const fixedServer = line.fixedServer === undefined ? undefined : await server(line, line.fixedServer, resolver);
    const listen = {
      address: numeric(line, line.listenAddress, "listen"),
      port: await port(line.listenPort, "listen", resolver),
    };
    return { kind: "run", options: assemble(line, changes, listen, sourceAddress, fixedServer) };
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refused", stderr: `ftp-proxy: ${error.message}\n` };
    throw error;
  }
}

/** The options of the rules: those of the command line and those of the platform. */
export function ruleOptions(line: CommandLine, changes?: RuleOptions): RuleOptions {
  return {
    era: "divert-to",
    log: line.verbose,
    ...(line.queue !== undefined && { queue: line.queue }),
    ...(line.tag !== undefined && { tag: line.tag }),
    ...changes,
  };
}

function assemble(
  line: CommandLine,
  changes: Partial<ProxyOptions> & { readonly pid: number },
  listen: Endpoint,
  sourceAddress: string | undefined,
  fixedServer: Endpoint | undefined,
): ProxyOptions {
  const rules = ruleOptions(line, changes.rules);
  const { ipv6, anonymousOnly, activeFromPort20, timeout, maxSessions, logLevel, foreground } = line;
  return proxyOptions({
    listen,
    listenText: { address: line.listenAddress, port: line.listenPort },
    ...(sourceAddress !== undefined && { sourceAddress }),
    ...(fixedServer !== undefined && { fixedServer }),
    ...{ ipv6, anonymousOnly, activeFromPort20, timeout, maxSessions, logLevel, foreground },
    ...changes,
    rules,
  });
}

function family(line: CommandLine): "inet" | "inet6" {
  return line.ipv6 ? "inet6" : "inet";
}

function numeric(line: CommandLine, text: string, what: string): string {
  const address = canonicalAddress(text, family(line));
  if (address === undefined) throw new Refusal(`getaddrinfo ${what} address failed: ${notNumeric}`);
  return address;
}

/** Source: ftp-proxy.c 1.41: the first result only. */
async function server(line: CommandLine, name: string, resolver: Resolver): Promise<Endpoint> {
  const known = canonicalAddress(name, family(line));
  const address = known ?? (await resolver.addresses(name, family(line)))[0];
  if (address === undefined) throw new Refusal(`getaddrinfo fixed server address failed: ${noAddress}`);
  return { address, port: await port(line.fixedServerPort, "fixed server", resolver) };
}

async function port(text: string, what: string, resolver: Resolver): Promise<number> {
  const found = /^\d+$/.test(text) ? Number(text) : await resolver.service(text);
  if (found !== undefined && found < 65_536) return found;
  throw new Refusal(`getaddrinfo ${what} address failed: ${noService}`);
}
