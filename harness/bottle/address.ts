/**
 * Addresses, ports and arguments as node:net takes and shows them: family names, IPv4 peers of a
 * dual-stack server as `::ffff:…`, the forms of `connect` and `listen`, names without a resolver.
 *
 * @example
 * nodeAddress({ address: "2001:db8::7", port: 21 }); // { address: "2001:db8::7", port: 21, family: "IPv6" }
 */

import { isIP } from "node:net";
import type { Endpoint } from "../../proxy/host.ts";
import { nodeError } from "./system-error.ts";

export interface NodeAddress {
  readonly address: string;
  readonly port: number;
  readonly family: "IPv4" | "IPv6";
}

/** A server on the wildcard address takes both families on one IPv6 socket (ip6(4), IPV6_V6ONLY off). */
export function nodeAddress(endpoint: Endpoint, dualStack = false): NodeAddress {
  const isIPv6 = endpoint.address.includes(":");
  if (isIPv6) return { address: endpoint.address, port: endpoint.port, family: "IPv6" };
  if (dualStack) return { address: `::ffff:${endpoint.address}`, port: endpoint.port, family: "IPv6" };
  return { address: endpoint.address, port: endpoint.port, family: "IPv4" };
}

/** The address on the wire: without the IPv6 wrapping of an IPv4 address. */
export function networkAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return mapped?.[1] ?? address;
}

/** The options of `connect` and `listen` that have a meaning here. */
export interface DialOptions {
  readonly host?: string | undefined;
  readonly port?: number | string | null | undefined;
  readonly family?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly backlog?: number | undefined;
}

export interface DialArguments {
  readonly options: DialOptions;
  readonly listener: ((...args: unknown[]) => void) | undefined;
}

/** `(options, listener?)`, `(port, host?, backlog?, listener?)` and `(listener)`. */
export function readArguments(args: readonly unknown[]): DialArguments {
  const last = args.at(-1);
  const listener = typeof last === "function" ? (last as (...args: unknown[]) => void) : undefined;
  const [first, second, third] = args;
  if (typeof first === "object" && first !== null) {
    if ("path" in first && first.path !== undefined) {
      throw nodeError("ERR_INVALID_ARG_VALUE", "A bottle has no local sockets: give a host and a port, not a path.");
    }
    return { options: first, listener };
  }
  const backlog = [second, third].find((argument) => typeof argument === "number");
  return {
    options: {
      port: typeof first === "number" || typeof first === "string" ? first : 0,
      ...(typeof second === "string" ? { host: second } : {}),
      ...(typeof backlog === "number" ? { backlog } : {}),
    },
    listener,
  };
}

/** 0 … 65535, or Node's error. */
export function readPort(port: unknown): number {
  const number = typeof port === "string" && port.trim() !== "" ? Number(port) : port;
  if (typeof number === "number" && Number.isInteger(number) && number >= 0 && number <= 65535) return number;
  const error = new RangeError(`Port should be >= 0 and < 65536. Received ${String(port)}.`);
  throw Object.assign(error, { code: "ERR_SOCKET_BAD_PORT" });
}

/** An address literal or localhost; any other name is ENOTFOUND, as from getaddrinfo(3). */
export function resolveHost(host: string, family: number | undefined): string {
  if (isIP(host) !== 0) return host;
  if (host === "localhost") return family === 6 ? "::1" : "127.0.0.1";
  const error = nodeError("ENOTFOUND", `getaddrinfo ENOTFOUND ${host}`);
  throw Object.assign(error, { errno: -3008, syscall: "getaddrinfo", hostname: host });
}
