/**
 * Takes the address and port out of PORT, EPRT, 227 and 229 lines exactly as ftp-proxy(8) does:
 * back from the end of the line to the last blank or `(`, then a scanf-style pattern from there.
 * The strict readings answer undefined where the real program finds port 0.
 *
 * @example
 * parsePort("PORT 10,0,0,2,200,16\r\n"); // { address: "10.0.0.2", port: 51216 }
 * parseEpsvReply("229 ok (|||50000|)\r\n"); // { port: 50000 }
 */

import { Scan } from "./scan.ts";

export interface HostPort {
  /** Dotted quad or RFC 4291 text as written by the peer; absent where the line carries none (229). */
  readonly address?: string;
  /** 0 … 65535. */
  readonly port: number;
}

/** Reading starts at the last blank or left parenthesis, but never at the first character. */
function argumentOf(line: string): Scan | undefined {
  const at = Math.max(line.lastIndexOf(" "), line.lastIndexOf("("));
  return at > 0 ? new Scan(line, at) : undefined;
}

function sixNumbers(scan: Scan): HostPort | undefined {
  const numbers = scan.numbers(6, ",");
  if (numbers === undefined || numbers.some((number) => number > 255)) return undefined;
  const [a, b, c, d, high, low] = numbers as [number, number, number, number, number, number];
  return { address: `${a}.${b}.${c}.${d}`, port: high * 256 + low };
}

/** The argument of PORT: a blank, six numbers below 256. */
export function parsePort(line: string): HostPort | undefined {
  const scan = argumentOf(line);
  scan?.skipWhiteSpace();
  return scan && sixNumbers(scan);
}

/** The argument of EPRT: `|1|a.b.c.d|port` or `|2|hex and colons|port`; the last `|` may be missing. */
export function parseEprt(line: string): HostPort | undefined {
  const [four, six] = [argumentOf(line), argumentOf(line)];
  if (four === undefined || six === undefined) return undefined;
  four.skipWhiteSpace();
  if (four.literal("|1|")) {
    const octets = four.numbers(4, ".");
    const port = octets !== undefined && four.literal("|") ? four.number() : undefined;
    if (octets?.every((octet) => octet < 256) && port !== undefined && port < 65536) {
      return { address: octets.join("."), port };
    }
  }
  six.skipWhiteSpace();
  if (!six.literal("|2|")) return undefined;
  const address = six.rest.slice(0, six.rest.indexOf("|"));
  if (!six.oneOrMore(/[a-fA-F0-9:]/) || !six.literal("|")) return undefined;
  const port = six.number();
  return port !== undefined && port < 65536 ? { address, port } : undefined;
}

/** The tuple of a 227: `(` and six numbers below 256; the `)` is not required. */
export function parsePasvReply(line: string): HostPort | undefined {
  const scan = argumentOf(line);
  return scan?.literal("(") ? sixNumbers(scan) : undefined;
}

/** The port of a 229: `(|||port`; other delimiters are not read. */
export function parseEpsvReply(line: string): HostPort | undefined {
  const scan = argumentOf(line);
  const port = scan?.literal("(|||") ? scan.number() : undefined;
  return port !== undefined && port < 65536 ? { port } : undefined;
}

/**
 * `--lenient-replies`: the first six numbers after the code, whatever is around them
 * (RFC 1123, 4.1.2.6: scan for the first digit; parentheses are not promised).
 */
export function parsePasvReplyLeniently(line: string): HostPort | undefined {
  const found = /\D(\d{1,3}) *, *(\d{1,3}) *, *(\d{1,3}) *, *(\d{1,3}) *, *(\d{1,3}) *, *(\d{1,3})(?!\d)/.exec(
    line.slice(3),
  );
  if (found === null) return undefined;
  return sixNumbers(new Scan(found.slice(1).join(",")));
}

/** `--lenient-replies`: any delimiter of RFC 2428 (ASCII 33 to 126), fields may be filled, text may follow. */
export function parseEpsvReplyLeniently(line: string): HostPort | undefined {
  const found = /([!-/:-~])(?:1|2)?\1[0-9A-Fa-f.:]*\1(\d{1,5})\1/.exec(line.slice(4));
  const port = Number(found?.[2] ?? Number.NaN);
  return port < 65536 ? { port } : undefined;
}
