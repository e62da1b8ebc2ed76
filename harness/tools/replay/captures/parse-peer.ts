/**
 * Reads one side's lines (`C> send "PASV\r\n" (6 bytes)`) and pfctl's listings between them.
 * Data connections are left out: they do not pass through the proxy.
 *
 * @example
 * parsePeer(['C> ctl connected', 'C> send "QUIT\\r\\n" (6 bytes)'], "C");
 * // [{ kind: "connect", connection: 0 }, { kind: "send", connection: 0, … }]
 */

import type { PeerEvent } from "./capture.ts";

export function parsePeer(lines: readonly string[], side: "C" | "S"): readonly PeerEvent[] {
  const events: PeerEvent[] = [];
  const connections = new Connections();
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.startsWith("--- pfctl -a") || line.startsWith('anchor "')) {
      const printed = listing(lines, line.startsWith("---") ? at + 1 : at);
      // "anchor "NAME" all" alone, without braces, is the main ruleset.
      if (line.startsWith("---") || printed.length > 1) events.push({ kind: "anchors", printed: printed.join("\n") });
      at += Math.max(0, printed.length - (line.startsWith("---") ? 0 : 1));
      continue;
    }
    const peer = /^([CS])(\d*)> (.*)$/.exec(line);
    if (peer?.[1] !== side) continue;
    const event = eventOf(peer[3] ?? "", peer[2] ?? "", connections);
    if (event !== undefined) events.push(event);
  }
  return events;
}

function listing(lines: readonly string[], from: number): string[] {
  const printed: string[] = [];
  for (let at = from; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (!/^(anchor "\d+\.\d+" all \{| {2}(pass|match) |\})/.test(line)) break;
    printed.push(line);
  }
  return printed;
}

/** `C2> ctl connected` and `C> ctl2 connected` both name a further connection. */
class Connections {
  readonly #numbers = new Map<string, number>();

  number(actor: string, suffix: string): number {
    const key = `${actor}/${suffix}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}

function eventOf(text: string, actor: string, connections: Connections): PeerEvent | undefined {
  const opened = /^ctl(\d*) (connected|accepted-from)/.exec(text);
  if (opened !== null) return { kind: "connect", connection: connections.number(actor, opened[1] ?? "") };
  const local = /^ctl(\d*) local (\S+) \d+$/.exec(text);
  if (local?.[2] !== undefined) {
    return { kind: "connect", connection: connections.number(actor, local[1] ?? ""), local: local[2] };
  }
  const traffic = /^(send|recv)(\d*)( MSG_OOB| byte by byte, \d+ ms apart:)? "(.*)" \(\d+ bytes\)$/s.exec(text);
  if (traffic !== null) {
    const connection = connections.number(actor, traffic[2] ?? "");
    const bytes = fromQuoted(traffic[4] ?? "");
    if (traffic[1] === "recv") return { kind: "receive", connection, bytes };
    const how = traffic[3] === undefined ? "segment" : traffic[3].includes("OOB") ? "urgent" : "byte-by-byte";
    return { kind: "send", connection, bytes, how };
  }
  const quiet = /^recv\d* nothing in (\d+) ms$/.exec(text);
  if (quiet !== null) return { kind: "quiet", milliseconds: Number(quiet[1]) };
  const ended = /^recv(\d*) (EOF|ERR Connection reset by peer)$/.exec(text);
  if (ended !== null) {
    const kind = ended[2] === "EOF" ? "receive-end" : "receive-error";
    return { kind, connection: connections.number(actor, ended[1] ?? "") };
  }
  if (text === "shutdown(WR)") return { kind: "finish", connection: connections.number(actor, "") };
  const closed = /^close(\d*)( with RST)?$/.exec(text);
  if (closed === null) return undefined;
  const connection = connections.number(actor, closed[1] ?? "");
  return { kind: closed[2] === undefined ? "finish" : "reset", connection };
}

const letters: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, a: 7, b: 8, v: 11, f: 12, s: 32 };

export function fromQuoted(text: string): Uint8Array {
  return decode(text, (sequence) => {
    const hex = /^x([0-9a-fA-F]{2})/.exec(sequence);
    return hex?.[1] === undefined ? undefined : { byte: Number.parseInt(hex[1], 16), length: 3 };
  });
}

/** Source: vis(3), VIS_CSTYLE. */
export function fromVisible(text: string): Uint8Array {
  return decode(text, (sequence) => {
    const control = /^(M?)\^(.)/.exec(sequence);
    if (control?.[2] !== undefined) {
      const low = control[2] === "?" ? 0x7f : control[2].charCodeAt(0) - 0x40;
      return { byte: low | (control[1] === "M" ? 0x80 : 0), length: control[0].length };
    }
    if (/^M-./.test(sequence)) return { byte: sequence.charCodeAt(2) | 0x80, length: 3 };
    const octal = /^[0-7]{1,3}/.exec(sequence);
    return octal === null ? undefined : { byte: Number.parseInt(octal[0], 8), length: octal[0].length };
  });
}

type Escape = { readonly byte: number; readonly length: number };

function decode(text: string, special: (sequence: string) => Escape | undefined): Uint8Array {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text.charAt(at) !== "\\") {
      bytes.push(text.charCodeAt(at));
      continue;
    }
    const found = special(text.slice(at + 1, at + 5)) ?? plain(text.charAt(at + 1));
    bytes.push(found.byte);
    at += found.length;
  }
  return Uint8Array.from(bytes);
}

function plain(letter: string): Escape {
  return { byte: letters[letter] ?? letter.charCodeAt(0), length: 1 };
}
