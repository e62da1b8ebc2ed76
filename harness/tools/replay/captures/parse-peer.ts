/**
 * Reads one peer's lines (`C> send "PASV\r\n" (6 bytes)`) and pfctl's listings between them, and turns
 * quoted text back into bytes. Data connections are left out: they do not pass through the proxy.
 *
 * @example
 * parsePeer(['C> ctl connected', 'C> send "QUIT\\r\\n" (6 bytes)'], "C");
 * // [{ kind: "connect", connection: 0 }, { kind: "send", connection: 0, … }]
 */

import type { PeerEvent } from "./capture.ts";

export function parsePeer(lines: readonly string[], letter: "C" | "S"): readonly PeerEvent[] {
  const events: PeerEvent[] = [];
  const numbers = new Map<string, number>();
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.startsWith("--- pfctl -a") || line.startsWith('anchor "')) {
      const headline = line.startsWith("---");
      const printed = listing(lines, headline ? at + 1 : at);
      // `anchor "NAME" all` alone, without braces, is the main ruleset.
      if (headline || printed.length > 1) events.push({ kind: "anchors", printed: printed.join("\n") });
      at += Math.max(0, printed.length - (headline ? 0 : 1));
      continue;
    }
    const [, peer, actor = "", text = ""] = /^([CS])(\d*)> (.*)$/.exec(line) ?? [];
    if (peer !== letter) continue;
    // `C2> ctl connected` and `C> ctl2 connected` both name a further connection.
    const numberOf = (suffix = ""): number => {
      const key = `${actor}/${suffix}`;
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      return number;
    };
    const event = eventOf(text, numberOf);
    if (event !== undefined) events.push(event);
  }
  return events;
}

function listing(lines: readonly string[], from: number): readonly string[] {
  const end = lines.findIndex(
    (line, at) => at >= from && !/^(anchor "\d+\.\d+" all \{| {2}(pass|match) |\})/.test(line),
  );
  return lines.slice(from, end < 0 ? lines.length : end);
}

function eventOf(text: string, numberOf: (suffix?: string) => number): PeerEvent | undefined {
  const opened = /^ctl(\d*) (connected|accepted-from|local)/.exec(text);
  if (opened !== null) return { kind: "connect", connection: numberOf(opened[1]) };
  const traffic = /^(send|recv)(\d*)( MSG_OOB| byte by byte, \d+ ms apart:)? "(.*)" \(\d+ bytes\)$/s.exec(text);
  if (traffic !== null) {
    const [, verb, suffix, style, quoted = ""] = traffic;
    const common = { connection: numberOf(suffix), bytes: fromQuoted(quoted) };
    if (verb === "recv") return { kind: "receive", ...common };
    const how = style === undefined ? "segment" : style.includes("OOB") ? "urgent" : "byte-by-byte";
    return { kind: "send", ...common, how };
  }
  const ended = /^recv(\d*) EOF$/.exec(text);
  if (ended !== null) return { kind: "receive-end", connection: numberOf(ended[1]) };
  if (text === "shutdown(WR)") return { kind: "finish", connection: numberOf() };
  const closed = /^close(\d*)( with RST)?$/.exec(text);
  if (closed === null) return undefined;
  return { kind: closed[2] === undefined ? "finish" : "reset", connection: numberOf(closed[1]) };
}

const letters: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, a: 7, b: 8, v: 11, f: 12, s: 32 };

/** As the peers' recorder quotes: C's letters, and `\xHH`. */
export function fromQuoted(text: string): Uint8Array {
  return decode(text, /\\(?:x([0-9a-fA-F]{2})|(.))/gs, (hex, letter) =>
    hex === undefined ? plain(letter) : Number.parseInt(hex, 16),
  );
}

/** As the proxy logs. Source: vis(3), VIS_CSTYLE. */
export function fromVisible(text: string): Uint8Array {
  return decode(text, /\\(?:(M?\^.|M-.)|([0-7]{1,3})|(.))/gs, (control, octal, letter) => {
    if (octal !== undefined) return Number.parseInt(octal, 8);
    if (control === undefined) return plain(letter);
    const last = control.charCodeAt(control.length - 1);
    if (control.startsWith("M-")) return last | 0x80;
    const low = last === 0x3f ? 0x7f : last - 0x40;
    return control.startsWith("M") ? low | 0x80 : low;
  });
}

const plain = (letter = ""): number => letters[letter] ?? letter.charCodeAt(0);

type ByteOf = (...groups: (string | undefined)[]) => number;

/** Each character is a byte, and each match of `sequence` is the byte that `byteOf` makes of its groups. */
function decode(text: string, sequence: RegExp, byteOf: ByteOf): Uint8Array {
  const replaced = text.replace(sequence, (_match, ...groups) => String.fromCharCode(byteOf(...groups)));
  return Uint8Array.from(replaced, (character) => character.charCodeAt(0));
}
