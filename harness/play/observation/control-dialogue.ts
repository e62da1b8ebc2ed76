/**
 * The dialogue of one FTP session as it crossed the wires: on the client's network and, with a proxy between, on the
 * server's. Splits bytes into lines, and pairs each line that the proxy sent with the one that it replaces.
 *
 * @example
 * dialogue.add("client", "server", bytesOf("PORT 10,0,0,5,156,64\r\n"));
 * dialogue.add("server", "server", bytesOf("PORT 198,51,100,1,200,1\r\n")); // [{ …, insteadOf: "PORT 10,0,0,5,156,64\r\n" }]
 */

import type { Peer } from "../../contract/lab.ts";

/** One line, or a chunk of bytes that are not text, on one of the session's control connections. */
export interface DialogueLine {
  /** Whose control connection it crossed: client to proxy, or proxy to server. */
  readonly leg: Peer;
  readonly towards: Peer;
  readonly text: string;
  /** Not text: TLS records, say. */
  readonly opaque: boolean;
  /** The line as a receiver without SO_OOBINLINE reads it, when it contains an urgent byte. */
  readonly inline?: string;
  /** Only on lines that the proxy sends: the line that it got, when that differs. */
  readonly insteadOf?: string;
}

/** Replies that the proxy writes itself, and commands that it answers with them instead of passing them on. */
interface ProxyReply {
  /** The option that allows it. */
  readonly option: string;
  readonly reply: RegExp;
  readonly answers?: RegExp;
}

/** ftp-proxy(8) has only the first (ftp-proxy.md §15); the others are our own options. */
const PROXY_REPLIES: readonly ProxyReply[] = [
  { option: "-A", reply: /^500 Only anonymous FTP allowed\r\n$/, answers: /^u/i },
  { option: "--check-peer", reply: /^500 Illegal (PORT|EPRT) command\r\n$/, answers: /^(PORT|EPRT) /i },
  { option: "--epsv-only", reply: /^502 /, answers: /^(PASV|PORT |EPRT )/i },
  { option: "--passive-only", reply: /^502 /, answers: /^(PORT |EPRT )/i },
  { option: "--reply-421", reply: /^421 / },
];

const allowed = (args: readonly string[]): ProxyReply[] => PROXY_REPLIES.filter(({ option }) => args.includes(option));

/** Whether a proxy with these options may have written the reply itself. */
export const mayBeProxyReply = (args: readonly string[], text: string): boolean =>
  allowed(args).some(({ reply }) => reply.test(text));

/** Whether a proxy with these options may have answered the command itself. */
export const mayStayWithProxy = (args: readonly string[], command: string): boolean =>
  allowed(args).some(({ answers }) => answers?.test(command) === true);

/** Bytes of one way of a control connection that do not end in a line yet. */
class LineBuffer {
  text = "";
  /** Offsets of urgent bytes. */
  urgent: number[] = [];
}

const buffers = (): Readonly<Record<Peer, LineBuffer>> => ({ client: new LineBuffer(), server: new LineBuffer() });

/**
 * Bytes that no FTP implementation would read as a line: TLS records (RFC 8446 §5.1). The length of a short record, or
 * of its handshake message, contains a NUL. Without one it is an odd line, and proxies go on reading after it.
 */
const looksOpaque = (text: string): boolean => /^[\x14-\x17]\x03[\0-\x04].{0,3}\0/s.test(text);

/** A command or reply after CCC (RFC 4217 §12.3), which ends TLS on the control connection. */
const looksPlainAgain = (text: string): boolean => /^(\d{3} [ -~]*|[A-Z]{3,4}( [ -~]*)?)\r\n$/.test(text);

export class ControlDialogue {
  readonly number: number;
  /** Whether a proxy ends the client's connection and opens its own. */
  readonly #split: boolean;
  readonly #proxyArgs: readonly string[];
  readonly #buffers = { client: buffers(), server: buffers() };
  /** Lines that the proxy has got and not yet sent on. */
  readonly #waiting: Readonly<Record<Peer, string[]>> = { client: [], server: [] };
  #opaque = false;

  constructor(number: number, split: boolean, proxyArgs: readonly string[] = []) {
    this.number = number;
    this.#split = split;
    this.#proxyArgs = proxyArgs;
  }

  /** Takes bytes that crossed a leg; returns the lines that they complete. */
  add(leg: Peer, towards: Peer, bytes: Uint8Array, urgentAt: readonly number[] = []): DialogueLine[] {
    const buffer = this.#buffers[leg][towards];
    buffer.urgent.push(...urgentAt.map((offset) => buffer.text.length + offset));
    buffer.text += String.fromCharCode(...bytes);
    if (looksPlainAgain(buffer.text)) this.#opaque = false;
    const lines: DialogueLine[] = [];
    for (;;) {
      // TLS may begin in the same segment, right after a line.
      this.#opaque ||= looksOpaque(buffer.text);
      if (this.#opaque) return [...lines, ...this.#takeOpaque(leg, towards)];
      const end = buffer.text.indexOf("\n");
      if (end < 0) return lines;
      const text = buffer.text.slice(0, end + 1);
      const urgent = buffer.urgent.filter((offset) => offset <= end);
      buffer.text = buffer.text.slice(end + 1);
      buffer.urgent = buffer.urgent.filter((offset) => offset > end).map((offset) => offset - end - 1);
      lines.push(this.#line(leg, towards, text, { opaque: false, urgent }));
    }
  }

  /** Bytes on a leg that did not become a line. */
  unfinished(leg: Peer, towards: Peer): string {
    return this.#buffers[leg][towards].text;
  }

  #takeOpaque(leg: Peer, towards: Peer): DialogueLine[] {
    const buffer = this.#buffers[leg][towards];
    const { text } = buffer;
    buffer.text = "";
    return text === "" ? [] : [this.#line(leg, towards, text, { opaque: true, urgent: [] })];
  }

  #line(
    leg: Peer,
    towards: Peer,
    text: string,
    { opaque, urgent }: { readonly opaque: boolean; readonly urgent: readonly number[] },
  ): DialogueLine {
    const inline = urgent.length === 0 ? text : [...text].filter((_, offset) => !urgent.includes(offset)).join("");
    // Towards the server, a line crosses the client's leg first; towards the client, the server's.
    const arriving = leg !== towards;
    if (arriving) this.#waiting[towards].push(inline);
    const passed = opaque && !arriving && this.#isNext(towards, text);
    const insteadOf = this.#split && !arriving && !passed ? this.#replaced(towards, text) : undefined;
    return {
      ...{ leg, towards, text, opaque },
      ...(inline === text ? {} : { inline }),
      ...(insteadOf === undefined ? {} : { insteadOf }),
    };
  }

  /** Opaque bytes are a stream, which a proxy may send on in other pieces. */
  #isNext(towards: Peer, text: string): boolean {
    const waiting = this.#waiting[towards];
    const stream = waiting.join("");
    if (!stream.startsWith(text)) return false;
    const rest = stream.slice(text.length);
    waiting.splice(0, waiting.length, ...(rest === "" ? [] : [rest]));
    return true;
  }

  #replaced(towards: Peer, text: string): string | undefined {
    const isOwnReply =
      towards === "client" && this.#waiting.client[0] !== text && mayBeProxyReply(this.#proxyArgs, text);
    if (isOwnReply) return undefined;
    const original = this.#waiting[towards].shift();
    return original === undefined || original === text ? undefined : original;
  }
}
