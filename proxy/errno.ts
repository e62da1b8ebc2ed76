/**
 * strerror(3) texts as OpenBSD writes them, for the errors that reach ftp-proxy(8)'s log.
 *
 * @example
 * errorText("EACCES"); // "Permission denied"
 */

import type { ConnectionErrorCode } from "./host.ts";

/** Source: sys_errlist of OpenBSD 7.8; captures server-syn-blackhole, connect_no_route. */
const texts: Readonly<Record<ConnectionErrorCode, string>> = {
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  ETIMEDOUT: "Operation timed out",
  EHOSTUNREACH: "No route to host",
  ENETUNREACH: "Network is unreachable",
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Can't assign requested address",
  EPIPE: "Broken pipe",
  EMFILE: "Too many open files",
  EIO: "Input/output error",
};

export function errorText(code: ConnectionErrorCode): string {
  return texts[code];
}
