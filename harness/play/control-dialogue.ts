/**
 * The dialogue of one FTP session as it crossed the wires: on the client's side and, with a proxy
 * between, on the server's side. Splits bytes into lines, and tells which line the proxy sent on
 * instead of which.
 */

export type Leg = "client" | "server";

/** Who a direction goes to, seen along its leg. */
export type Towards = "client" | "server";

/** One line (or an opaque chunk) that crossed a leg. */
export interface CrossedLine {
  readonly leg: Leg;
  readonly towards: Towards;
  readonly text: string;
  readonly opaque: boolean;
  /** The line as a receiver without SO_OOBINLINE reads it, when an urgent byte is in it. */
  readonly inline?: string;
  /** Only on what the proxy sends: the line that it got, when that is another one. */
  readonly insteadOf?: string;
}

class Direction {
  buffer = "";
  /** Places of urgent bytes in the buffer. */
  urgent: number[] = [];
  readonly lines: string[] = [];
}

/**
 * Bytes that no FTP implementation would call a line: TLS records (RFC 8446 §5.1). A NUL is in the length of a short one,
 * or in that of the handshake's message: what begins so without one is an odd line, and proxies read on behind it.
 */
const looksOpaque = (text: string): boolean => /^[\x14-\x17]\x03[\0-\x04].{0,3}\0/s.test(text);

export class ControlDialogue {
  readonly number: number;
  /** Does a proxy end the client's connection and open one of its own? */
  readonly #split: boolean;
  readonly #directions: Readonly<Record<Leg, Readonly<Record<Towards, Direction>>>> = {
    client: { client: new Direction(), server: new Direction() },
    server: { client: new Direction(), server: new Direction() },
  };
  /** Lines that the proxy has got and not yet sent on. */
  readonly #waiting: Readonly<Record<Towards, string[]>> = { client: [], server: [] };
  #opaque = false;

  readonly #authored: (reply: string) => boolean;

  /** `authored`: may the proxy have written this reply itself? */
  constructor(number: number, split: boolean, authored: (reply: string) => boolean = () => false) {
    this.number = number;
    this.#split = split;
    this.#authored = authored;
  }

  /** Takes bytes that crossed a leg; returns the lines that they complete. */
  add(leg: Leg, towards: Towards, bytes: Uint8Array, urgentAt: readonly number[] = []): CrossedLine[] {
    const direction = this.#directions[leg][towards];
    direction.urgent.push(...urgentAt.map((place) => direction.buffer.length + place));
    direction.buffer += String.fromCharCode(...bytes);
    const crossed: CrossedLine[] = [];
    for (;;) {
      // It may come right behind a line, in the same segment.
      this.#opaque ||= looksOpaque(direction.buffer);
      if (this.#opaque) return [...crossed, ...this.#takeOpaque(leg, towards)];
      const end = direction.buffer.indexOf("\n");
      if (end < 0) return crossed;
      const text = direction.buffer.slice(0, end + 1);
      const urgent = direction.urgent.filter((place) => place <= end);
      direction.buffer = direction.buffer.slice(end + 1);
      direction.urgent = direction.urgent.filter((place) => place > end).map((place) => place - end - 1);
      crossed.push(this.#cross(leg, towards, text, { opaque: false, urgent }));
    }
  }

  /** What came without an end of line. */
  fragment(leg: Leg, towards: Towards): string {
    return this.#directions[leg][towards].buffer;
  }

  /** Everything that crossed a leg in one direction, line by line. */
  lines(leg: Leg, towards: Towards): readonly string[] {
    return this.#directions[leg][towards].lines;
  }

  #takeOpaque(leg: Leg, towards: Towards): CrossedLine[] {
    const direction = this.#directions[leg][towards];
    const text = direction.buffer;
    direction.buffer = "";
    return text === "" ? [] : [this.#cross(leg, towards, text, { opaque: true, urgent: [] })];
  }

  #cross(
    leg: Leg,
    towards: Towards,
    text: string,
    { opaque, urgent }: { readonly opaque: boolean; readonly urgent: readonly number[] },
  ): CrossedLine {
    this.#directions[leg][towards].lines.push(text);
    const inline = urgent.length === 0 ? text : [...text].filter((_, place) => !urgent.includes(place)).join("");
    // Towards the server, the client's leg comes first; towards the client, the server's.
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

  /** What is no lines is a stream: a proxy may send it on in other pieces. */
  #isNext(towards: Towards, text: string): boolean {
    const waiting = this.#waiting[towards];
    const stream = waiting.join("");
    if (!stream.startsWith(text)) return false;
    const rest = stream.slice(text.length);
    waiting.splice(0, waiting.length, ...(rest === "" ? [] : [rest]));
    return true;
  }

  #replaced(towards: Towards, text: string): string | undefined {
    if (towards === "client" && this.#waiting.client[0] !== text && this.#authored(text)) return undefined;
    const original = this.#waiting[towards].shift();
    return original === undefined || original === text ? undefined : original;
  }
}
