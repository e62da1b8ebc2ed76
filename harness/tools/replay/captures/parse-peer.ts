/**
 * Reads one side's lines (`C> send "PASV\r\n" (6 bytes)`) and pfctl's listings between them.
 * Data connections are left out: they do not pass through the proxy.
 *
 * @example
 * parsePeer(['C> ctl connected', 'C> send "QUIT\\r\\n" (6 bytes)'], "C");
 * // [{ kind: "connect", connection: 0 }, { kind: "send", connection: 0, … }]
 */

import type { PeerEvent } from "./capture.ts";
import { fromQuoted } from "./quoted.ts";

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
