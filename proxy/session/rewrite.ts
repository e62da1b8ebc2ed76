/**
 * The port and the lines that the proxy puts in place of a peer's own. The port is uniform in 49152 … 65534,
 * whether in use or not; the lines end with CR LF.
 * Source: ftp-proxy.c 1.41, proxy_reply and pick_proxy_port; captures port4, eprt6, pasv4, epsv4.
 *
 * @example
 * rewritePort("198.51.100.1", pickProxyPort(host.random)); // "PORT 198,51,100,1,241,112\r\n"
 */

import type { Random } from "../host.ts";

function tuple(address: string, port: number): string {
  return `${address.replaceAll(".", ",")},${Math.floor(port / 256)},${port % 256}`;
}

/** `inet6` for text with a colon. */
export function familyOf(address: string): "inet" | "inet6" {
  return address.includes(":") ? "inet6" : "inet";
}

export function rewritePort(address: string, port: number): string {
  return `PORT ${tuple(address, port)}\r\n`;
}

export function rewriteEprt(address: string, port: number): string {
  return `EPRT |${familyOf(address) === "inet" ? 1 : 2}|${address}|${port}|\r\n`;
}

export function rewritePasvReply(address: string, port: number): string {
  return `227 Entering Passive Mode (${tuple(address, port)})\r\n`;
}

export function rewriteEpsvReply(port: number): string {
  return `229 Entering Extended Passive Mode (|||${port}|)\r\n`;
}

/** Source: ftp-proxy.c 1.41, pick_proxy_port: IPPORT_HIFIRSTAUTO, IPPORT_HILASTAUTO (65535) never reached. */
const lowest = 49152;
const choices = 16383;

/** Lower ports that a peer names are refused. Source: the same, MIN_PORT. */
export const lowestPort = 1024;

export function pickProxyPort(random: Random): number {
  return lowest + random.below(choices);
}
