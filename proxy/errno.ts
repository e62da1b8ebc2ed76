/**
 * Errnos: the strerror(3) texts as OpenBSD writes them, for ftp-proxy(8)'s log and for programs of a stand-in guest;
 * and the errors of connections, by the codes of a Host.
 *
 * @example
 * errorText("EACCES"); // "Permission denied"
 * connectionErrorOf("EPERM", "connect EPERM"); // a ConnectionError, EACCES
 */

import { ConnectionError, type ConnectionErrorCode } from "./host.ts";

/** Source: sys_errlist of OpenBSD 7.8; captures server-syn-blackhole, connect_no_route. */
const texts = {
  EPERM: "Operation not permitted",
  ENOENT: "No such file or directory",
  ESRCH: "No such process",
  EIO: "Input/output error",
  ENXIO: "Device not configured",
  EACCES: "Permission denied",
  EBUSY: "Device busy",
  EEXIST: "File exists",
  EINVAL: "Invalid argument",
  EMFILE: "Too many open files",
  ENOTTY: "Inappropriate ioctl for device",
  EPIPE: "Broken pipe",
  EOPNOTSUPP: "Operation not supported",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Can't assign requested address",
  ENETUNREACH: "Network is unreachable",
  ECONNRESET: "Connection reset by peer",
  ETIMEDOUT: "Operation timed out",
  ECONNREFUSED: "Connection refused",
  EHOSTUNREACH: "No route to host",
} as const satisfies Readonly<Record<ConnectionErrorCode, string>> & Readonly<Record<string, string>>;

export type ErrnoName = keyof typeof texts;

export const errorText = (code: ErrnoName): string => texts[code];

const CONNECTION_CODES: ReadonlySet<string> = new Set<ConnectionErrorCode>([
  "ECONNREFUSED",
  "ECONNRESET",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EACCES",
  "EADDRINUSE",
  "EADDRNOTAVAIL",
  "EPIPE",
  "EMFILE",
  "EIO",
]);

/** A firewall's refusal is EPERM on Linux; a full file table ends a connection as a full process does. */
const RENAMED: Readonly<Record<string, ConnectionErrorCode>> = { EPERM: "EACCES", ENFILE: "EMFILE" };

/** A system's errno as a connection's error; an unknown one is EIO. */
export function connectionErrorOf(code: string, message: string): ConnectionError {
  const known = CONNECTION_CODES.has(code) ? (code as ConnectionErrorCode) : RENAMED[code];
  return new ConnectionError(known ?? "EIO", message);
}
