/**
 * Recognises the four commands that negotiate a data connection, and the users that `-A` lets in,
 * as ftp-proxy(8) does: nothing before the verb, `PASV` and `EPSV` by their first four bytes,
 * `PORT` and `EPRT` with a blank behind.
 *
 * @example
 * negotiationVerb("pasv please\r\n"); // "PASV"
 * negotiationVerb("PORT\t10,0,0,2,200,16\r\n"); // undefined
 */

import type { NegotiationVerb } from "./setup.ts";

/** Shorter lines, their ending included, are never looked at. Source: ftp-proxy.c 1.41, client_parse. */
export const shortestInspected = 4;

export function negotiationVerb(line: string): NegotiationVerb | undefined {
  switch (line.slice(0, 4).toUpperCase()) {
    case "PASV":
      return "PASV";
    case "EPSV":
      return "EPSV";
    case "PORT":
      return line.charAt(4) === " " ? "PORT" : undefined;
    case "EPRT":
      return line.charAt(4) === " " ? "EPRT" : undefined;
    default:
      return undefined;
  }
}

/** With `-A`, the only two lines beginning with U that pass. Source: the same, client_parse_anon. */
export function isAnonymousUser(line: string): boolean {
  const lowered = line.toLowerCase();
  return lowered === "user ftp\r\n" || lowered === "user anonymous\r\n";
}
