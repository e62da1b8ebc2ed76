/**
 * Turns a parsed command line into what the daemon runs with: names into addresses, services into
 * ports, in the order and with the errors of ftp-proxy(8).
 *
 * @example
 * const resolved = await resolveOptions(options, resolver, { pid: 4711 });
 * if (resolved.kind === "refused") stderr.write(resolved.stderr);
 */

import { canonicalAddress } from "./address-text.ts";
import type { CommandLine } from "./command-line.ts";
import type { Endpoint } from "./host.ts";
import { type ProxyOptions, proxyOptions } from "./proxy-options.ts";
import type { RuleOptions } from "./session/ruleset.ts";

/** What getaddrinfo(3) would look up elsewhere. */
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

/** What the command line and the platform say about the rules. */
export function ruleOptions(line: CommandLine, changes?: RuleOptions): RuleOptions {
  return {
    dialect: "divert-to",
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
