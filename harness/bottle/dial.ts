/**
 * The argument forms of net.connect and Server.listen, and the only names a bottle can look up.
 *
 * A simulated network has no name service: address literals and "localhost" resolve, all else is ENOTFOUND.
 *
 * @example
 * readArguments([21, "198.51.100.7", onConnect]).options; // { port: 21, host: "198.51.100.7" }
 */
import { isIP } from "node:net";
import { nodeError } from "./system-error.ts";

/** What `connect` and `listen` understand; the rest of Node's options has no meaning here. */
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

/** The address of a host, or ENOTFOUND as getaddrinfo(3) has it. */
export function resolveHost(host: string, family: number | undefined): string {
  if (isIP(host) !== 0) return host;
  if (host === "localhost") return family === 6 ? "::1" : "127.0.0.1";
  const error = nodeError("ENOTFOUND", `getaddrinfo ENOTFOUND ${host}`);
  throw Object.assign(error, { errno: -3008, syscall: "getaddrinfo", hostname: host });
}
