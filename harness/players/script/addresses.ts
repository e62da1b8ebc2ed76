/**
 * How FTP writes addresses and ports: the host-port of RFC 959 §5.3.2, the forms of RFC 2428, the
 * long host-port of RFC 1639.
 */

import type { Endpoint } from "../../../proxy/host.ts";
import { formatWords, parseInet, parseInet6 } from "../../pf/inet.ts";
import type { Family } from "../../pf/packet.ts";

/** `h1,h2,h3,h4,p1,p2`. @example hostPort({ address: "10.0.0.5", port: 40000 }) // "10,0,0,5,156,64" */
export const hostPort = ({ address, port }: Endpoint): string =>
  `${address.replaceAll(".", ",")},${port >> 8},${port & 255}`;

/** EPRT's argument, RFC 2428 §2. @example extendedHostPort("inet6", …) // "|2|2001:db8::5|40000|" */
export const extendedHostPort = (family: Family, { address, port }: Endpoint): string =>
  `|${family === "inet" ? 1 : 2}|${address}|${port}|`;

/** LPRT's argument, RFC 1639 §2: family, address and port, each number of bytes before its bytes. @example "4,4,10,0,0,5,2,156,64" */
export function longHostPort({ address, port }: Endpoint): string {
  const inet = parseInet(address);
  const bytes =
    inet === undefined
      ? (parseInet6(address) ?? []).flatMap((word) => [word >> 8, word & 255])
      : address.split(".").map(Number);
  return [inet === undefined ? 6 : 4, bytes.length, ...bytes, 2, port >> 8, port & 255].join(",");
}

/** The address and port in a 228 reply or an LPRT. @example parseLongHostPort("228 (4,4,10,0,0,5,2,156,64)")?.port // 40000 */
export function parseLongHostPort(line: string): Endpoint | undefined {
  const numbers = (/\d+(?:,\d+)+/.exec(line)?.[0] ?? "").split(",").map(Number);
  const [, length = 0] = numbers;
  const [, high, low] = numbers.slice(2 + length);
  if (high === undefined || low === undefined) return undefined;
  const bytes = numbers.slice(2, 2 + length);
  const words = bytes.flatMap((byte, at) => (at % 2 === 0 ? [byte * 256 + (bytes[at + 1] ?? 0)] : []));
  return { address: length === 4 ? bytes.join(".") : formatWords(words), port: high * 256 + low };
}

/** The first six numbers in a line, as RFC 1123 §4.1.2.6 asks clients to look for them. */
export function parseHostPort(line: string): Endpoint | undefined {
  const match = /(\d+),(\d+),(\d+),(\d+),(\d+),(\d+)/.exec(line.slice(4));
  if (match === null) return undefined;
  const [h1, h2, h3, h4, p1, p2] = match.slice(1).map(Number) as [number, number, number, number, number, number];
  if (Math.max(h1, h2, h3, h4) > 255) return undefined;
  return { address: [h1, h2, h3, h4].join("."), port: p1 * 256 + p2 };
}

/** The port in a 229 reply, with any delimiter (RFC 2428 §3). */
export function parseExtendedPassive(line: string): number | undefined {
  const match = /\((.)\1\1(\d+)\1\)/.exec(line);
  return match === null ? undefined : Number(match[2]);
}

/** EPRT's argument, with any delimiter; the address as text of RFC 5952. */
export function parseExtendedHostPort(line: string): Endpoint | undefined {
  const match = /^EPRT (.)[12]\1(.+)\1(\d+)\1/i.exec(line);
  const [, , address = "", port] = match ?? [];
  const words = parseInet(address) ?? parseInet6(address);
  return words === undefined ? undefined : { address: formatWords(words), port: Number(port) };
}
