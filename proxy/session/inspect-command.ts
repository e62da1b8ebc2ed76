/**
 * Decides about one line from the client: ftp-proxy(8)'s reading of PORT, EPRT, PASV, EPSV and, with
 * `-A`, of USER, plus the extensions' policies.
 *
 * @example
 * inspectCommand(toBytes("PORT 10,0,0,2,200,16\r\n"), setup, random);
 * // { kind: "open", line: "PORT 198,51,100,1,241,112\r\n", path: { mode: "active", … }, … }
 */

import type { Random } from "../host.ts";
import { parseEprt, parsePort } from "./host-port.ts";
import * as lines from "./log-lines.ts";
import { toText } from "./octets.ts";
import { lowestPort, pickProxyPort, rewriteEprt, rewritePort } from "./rewrite.ts";
import type { NegotiationVerb, SessionSetup } from "./setup.ts";
import { forward, type Verdict } from "./verdict.ts";

const letterE = 0x65;
const letterP = 0x70;
const letterU = 0x75;

export function inspectCommand(bytes: Uint8Array, setup: SessionSetup, random: Random): Verdict {
  if (bytes.length < shortestInspected) return forward;
  const first = (bytes[0] ?? 0) | 0x20;
  if (first === letterP || first === letterE) {
    const line = toText(bytes);
    const verb = negotiationVerb(line);
    return verb === undefined ? forward : negotiate(verb, line, setup, random);
  }
  if (setup.anonymousOnly && first === letterU && !isAnonymousUser(toText(bytes))) {
    return answer(setup.id, "500 Only anonymous FTP allowed\r\n");
  }
  return forward;
}

function negotiate(verb: NegotiationVerb, line: string, setup: SessionSetup, random: Random): Verdict {
  if (setup.ipv6 && (verb === "PASV" || verb === "PORT")) {
    return { kind: "end", log: lines.notWithIPv6, why: "PASV and PORT not allowed with IPv6" };
  }
  if (!setup.extensions.modes.has(verb)) {
    return answer(setup.id, `502 ${verb} not allowed here\r\n`, lines.refusedCommand(setup.id, line));
  }
  if (verb === "PASV" || verb === "EPSV") return { kind: "forward", pending: { verb } };
  return active(verb, line, setup, random);
}

function active(verb: "PORT" | "EPRT", line: string, setup: SessionSetup, random: Random): Verdict {
  const { id, proxy, extensions } = setup;
  const named = verb === "PORT" ? parsePort(line) : parseEprt(line);
  if (named === undefined || named.port < lowestPort) {
    return { kind: "end", log: lines.badPort(id, line), why: "Bad port" };
  }
  if (extensions.checkPeer && !sameAddress(named.address, setup.client)) {
    const log = lines.foreignAddress(id, named.address ?? "none", line);
    return answer(id, `500 Illegal ${verb} command\r\n`, log);
  }
  const offer = { port: named.port, proxyPort: pickProxyPort(random) };
  const rewritten = verb === "PORT" ? rewritePort(proxy, offer.proxyPort) : rewriteEprt(proxy, offer.proxyPort);
  const wrote = lines.wrote(id, rewritten);
  if (setup.generation === "classic") {
    return { kind: "rewrite", line: rewritten, logs: [wrote], pending: { verb, offer } };
  }
  return {
    kind: "open",
    path: activePath(verb, offer, setup),
    line: rewritten,
    logs: [wrote, lines.active(id, offer.port, offer.proxyPort)],
  };
}

export function activePath(
  verb: NegotiationVerb,
  offer: { readonly port: number; readonly proxyPort: number },
  { client, original, server, proxy, activeFromPort20 }: SessionSetup,
) {
  // Source: ftp-proxy.c 1.41, allow_data_connection: -r is for PORT, never for EPRT.
  const fromPort20 = activeFromPort20 && verb === "PORT";
  return { mode: "active", client, original, server, proxy, ...offer, fromPort20 } as const;
}

function answer(id: number, line: string, ...logs: readonly lines.LogLine[]): Verdict {
  return { kind: "answer", line, logs: [...logs, lines.wrote(id, line)] };
}

/** Text of the same address; IPv6 in any spelling of RFC 4291. */
export function sameAddress(named: string | undefined, peer: string): boolean {
  if (named === undefined) return false;
  if (!named.includes(":")) return named === peer;
  try {
    return new URL(`http://[${named}]/`).hostname === new URL(`http://[${peer}]/`).hostname;
  } catch {
    return false;
  }
}

/** Shorter lines, their ending included, are never looked at. Source: ftp-proxy.c 1.41, client_parse. */
export const shortestInspected = 4;

/**
 * Recognises a negotiating command as ftp-proxy(8) does: nothing before the verb, PASV and EPSV by their first
 * four bytes, PORT and EPRT with a blank behind. So `pasv please` is PASV, and PORT with a tab is not PORT.
 */
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
