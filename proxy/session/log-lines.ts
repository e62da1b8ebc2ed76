/**
 * Every line that a session logs, word for word, with its syslog(3) level.
 * Source: ftp-proxy.c 1.41 and the captures; docs/reference/ftp-proxy/session.md.
 *
 * @example
 * lines.accepted(1, "10.0.0.2"); // { level: 7, text: "#1 accepted connection from 10.0.0.2" }
 */

import type { LogLevel } from "../host.ts";

export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
}

export const critical = 2;
export const error = 3;
export const notice = 5;
export const info = 6;
export const debug = 7;

const line =
  <Arguments extends readonly unknown[]>(level: LogLevel, text: (id: number, ...rest: Arguments) => string) =>
  (id: number, ...rest: Arguments): LogLine => ({ level, text: `#${id} ${text(id, ...rest)}` });

export const accepted = line(debug, (_, client: string) => `accepted connection from ${client}`);
export const addressUnknown = line(critical, (_, reason: string) => `getsockname failed: ${reason}`);
/** Before `modern`: the state table knows no such connection. */
export const lookupFailed = line(critical, () => "server lookup failed (no rdr?)");
export const connectFailed = line(
  critical,
  (_, server: string, reason: string) => `proxy cannot connect to server ${server}: ${reason}`,
);
export const socketFailed = line(critical, (_, reason: string) => `server socket failed: ${reason}`);
export const bindFailed = line(critical, (_, reason: string) => `cannot bind fixed proxy address: ${reason}`);
/** Before `modern` there is a blank after the proxy's address. Source: ftp-proxy.c 1.13 and 1.19. */
export const started = line(
  info,
  (_, count: number, most: number, client: string, server: string, proxy: string, older: boolean) =>
    `FTP session ${count}/${most} started: client ${client} to server ${server} via proxy ${proxy}${older ? " " : ""}`,
);
export const heard = line(debug, (_, peer: "client" | "server", text: string) => `${peer}: ${text}`);
export const wrote = line(debug, (_, text: string) => `proxy: ${text}`);
export const badPort = line(critical, (_, text: string) => `bad port in '${text}'`);
export const passive = line(
  info,
  (_, port: number, via: number) => `passive: client to server port ${port} via port ${via}`,
);
export const active = line(
  info,
  (_, port: number, via: number) => `active: server to client port ${port} via port ${via}`,
);
export const loadFailed = line(critical, (_, reason: string) => `pf operation failed: ${reason}`);
export const removalFailed = line(error, (_, reason: string) => `pf rule removal failed: ${reason}`);
export const uncleanCommand = line(error, () => "client command too long or not clean");
export const uncleanReply = line(error, () => "server reply too long or not clean");
export const clientClosed = line(info, () => "client close");
export const clientReset = line(error, () => "client reset connection");
export const clientTimedOut = line(error, () => "client timeout");
export const serverClosed = line(info, () => "server close");
export const serverRefused = line(error, () => "server refused connection");
export const serverTimedOut = line(notice, () => "server timeout");
/** libevent's bits, EVBUFFER_WRITE | EVBUFFER_ERROR. */
export const clientWriteFailed = line(error, () => "client write error: 34");
export const serverWriteFailed = line(error, () => "server write error: 34");
export const ending = line(info, () => "ending session");

/** The one line of a session that carries no id. */
export const notWithIPv6: LogLine = { level: critical, text: "PASV and PORT not allowed with IPv6" };

/** Lines of the extensions; ftp-proxy(8) has no such cases. */
export const foreignAddress = line(
  error,
  (_, address: string, text: string) => `address ${address} is not the peer's in '${text}'`,
);
export const slowLine = line(error, (_, peer: "client" | "server") => `${peer} does not finish its line`);
export const refusedCommand = line(info, (_, text: string) => `refused by policy: '${text}'`);
export const tlsStarted = line(info, () => "TLS negotiated, no longer inspecting");
export const refusedSelf = line(error, (_, server: string) => `refusing to connect to ourselves at ${server}`);
