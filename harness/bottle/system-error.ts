/**
 * Errors as Node's net and fs make them; libraries read their `code`, `syscall`, `address` and `path`.
 *
 * @example
 * networkError("ECONNREFUSED", "connect", "198.51.100.7", 21).message; // "connect ECONNREFUSED 198.51.100.7:21"
 */
import { getSystemErrorMap } from "node:util";

/** By name: libuv's number on this machine, and its words. */
const known = new Map([...getSystemErrorMap()].map(([number, [code, words]]) => [code, { number, words }]));

const errno = (code: string): number => known.get(code)?.number ?? -1;
const reason = (code: string): string => known.get(code)?.words ?? "error";

/** `syscall CODE address:port`, as net's ExceptionWithHostPort. */
export function networkError(code: string, syscall: string, address?: string, port?: number): NodeJS.ErrnoException {
  const where = address === undefined ? "" : port === undefined || port === 0 ? ` ${address}` : ` ${address}:${port}`;
  const message = syscall === "listen" ? `listen ${code}: ${reason(code)}${where}` : `${syscall} ${code}${where}`;
  return Object.assign(new Error(message), {
    errno: errno(code),
    code,
    syscall,
    ...(address === undefined ? {} : { address }),
    ...(port === undefined ? {} : { port }),
  });
}

/** `CODE: why, syscall 'path'`, as fs's errors. */
export function fileError(code: string, syscall: string, path?: string): NodeJS.ErrnoException {
  const where = path === undefined ? "" : ` '${path}'`;
  return Object.assign(new Error(`${code}: ${reason(code)}, ${syscall}${where}`), {
    errno: errno(code),
    code,
    syscall,
    ...(path === undefined ? {} : { path }),
  });
}

/** An error of Node itself (`ERR_…`). */
export function nodeError(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}
