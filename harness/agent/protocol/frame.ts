/**
 * Frames of the agent protocol (docs/agent-protocol.md), both directions: to bytes and back. Pure.
 *
 * @example
 * pipe.write(frame(FRAME.connect, 1, new Body().text("192.0.2.7").u16(21).text("").u16(0).u32(0)));
 * for (const { type, id, body } of reader.add(bytes)) …
 */

export const FRAME = {
  connect: 0x01,
  listen: 0x02,
  spawn: 0x03,
  read: 0x04,
  write: 0x05,
  remove: 0x06,
  sweep: 0x07,
  clock: 0x08,
  data: 0x10,
  end: 0x11,
  credit: 0x12,
  urgent: 0x13,
  close: 0x14,
  reset: 0x15,
  keepAlive: 0x16,
  signal: 0x17,
  hello: 0x40,
  bound: 0x41,
  connected: 0x42,
  accepted: 0x43,
  started: 0x44,
  exited: 0x45,
  time: 0x46,
  closed: 0x4f,
} as const;

export const AGENT_GREETING = "anchorage-agent";
export const RUNNER_GREETING = "anchorage-runner";
export const VERSION = 1;
/** HELLO's capabilities. */
export const CAPABILITY = { transparent: 1, urgent: 2, groups: 4 } as const;
/** LISTEN's flags. */
export const LISTEN_TRANSPARENT = 1;
/** Bytes that each direction of a stream may send at first. */
export const FIRST_CREDIT = 65_536;
/** Bytes of one DATA frame at most. */
export const DATA_LIMIT = 32_768;
/** The agent's ids begin here. */
export const FIRST_AGENT_ID = 0x8000_0000;
/** Bytes after the length field at most. */
const FRAME_LIMIT = 65_541;
const HEADER = 5;
/** Characters that a message quotes of text in place of a greeting or a frame. */
const SAID_LIMIT = 80;

export interface Frame {
  readonly type: number;
  readonly id: number;
  readonly body: Uint8Array;
}

/** The other end breaks the rules of the page. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

export function frame(type: number, id: number, body: Body | Uint8Array = NOTHING): Uint8Array {
  const bytes = body instanceof Body ? body.bytes() : body;
  const out = new Uint8Array(4 + HEADER + bytes.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, HEADER + bytes.length);
  out[4] = type;
  view.setUint32(5, id);
  out.set(bytes, 4 + HEADER);
  return out;
}

const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The fields of a body, one after the other. */
export class Body {
  readonly #parts: Uint8Array[] = [];

  u8(value: number): this {
    return this.#add(Uint8Array.of(value));
  }

  u16(value: number): this {
    return this.#add(Uint8Array.of(value >> 8, value));
  }

  u32(value: number): this {
    return this.#add(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value));
  }

  u64(value: number): this {
    return this.u32(Math.floor(value / 2 ** 32)).u32(value % 2 ** 32);
  }

  text(value: string): this {
    const bytes = encoder.encode(value);
    return this.u16(bytes.length).#add(bytes);
  }

  bytes(): Uint8Array {
    return this.#parts.length === 1 && this.#parts[0] !== undefined ? this.#parts[0] : Buffer.concat(this.#parts);
  }

  #add(part: Uint8Array): this {
    this.#parts.push(part);
    return this;
  }
}

/** Reads the fields of a body. Throws ProtocolError when it is too short. */
export class Fields {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(body: Uint8Array) {
    this.#bytes = body;
    this.#view = new DataView(body.buffer, body.byteOffset, body.length);
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  u64(): number {
    return this.u32() * 2 ** 32 + this.u32();
  }

  text(): string {
    const length = this.u16();
    const at = this.#take(length);
    return decoder.decode(this.#bytes.subarray(at, at + length));
  }

  #take(length: number): number {
    const at = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new ProtocolError(`a body of ${this.#bytes.length} bytes is too short`);
    return at;
  }
}

/** Divides the pipe into frames, whose bodies are copies. */
export class FrameReader {
  #rest: Uint8Array = NOTHING;

  /** Throws ProtocolError for a length that no frame can have. */
  add(bytes: Uint8Array): Frame[] {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const view = new DataView(all.buffer, all.byteOffset, all.length);
    const frames: Frame[] = [];
    let at = 0;
    while (all.length - at >= 4) {
      const length = view.getUint32(at);
      if (length < HEADER || length > FRAME_LIMIT) throw new ProtocolError(impossible(length, all.subarray(at)));
      if (all.length - at - 4 < length) break;
      const body = new Uint8Array(all.subarray(at + 4 + HEADER, at + 4 + length));
      frames.push({ type: all[at + 4] ?? 0, id: view.getUint32(at + 5), body });
      at += 4 + length;
    }
    this.#rest = all.subarray(at);
    return frames;
  }
}

/** With the text that a program has printed on the line, if it is one. */
function impossible(length: number, bytes: Uint8Array): string {
  const [said] =
    Buffer.from(bytes.subarray(0, SAID_LIMIT))
      .toString("latin1")
      .match(/^[\t\r\n -~]{4,}/) ?? [];
  return `a frame cannot have ${length} bytes${said === undefined ? "" : `: in its place came ${JSON.stringify(said)}`}`;
}

/** Finds the other end's greeting; `rest` follows its line. Undefined: not there yet. */
export class GreetingReader {
  readonly #word: string;
  #text = Buffer.alloc(0);
  #last = "";

  constructor(word: string) {
    this.#word = word;
  }

  /** The end of other text that came, for messages; empty when none did. */
  get unread(): string {
    const said = (this.#text.toString("latin1") || this.#last).trim().slice(-SAID_LIMIT);
    return said === "" ? "" : `; instead of it came ${JSON.stringify(said)}`;
  }

  add(bytes: Uint8Array): { readonly versions: readonly number[]; readonly rest: Uint8Array } | undefined {
    this.#text = Buffer.concat([this.#text, bytes]);
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end < 0) return undefined;
      const line = this.#text.toString("latin1", 0, end).trim();
      this.#text = this.#text.subarray(end + 1);
      const at = line.indexOf(`${this.#word} `);
      if (at < 0) {
        this.#last = line;
        continue;
      }
      this.#last = "";
      const versions = line
        .slice(at + this.#word.length)
        .trim()
        .split(/\s+/)
        .map(Number);
      return { versions, rest: new Uint8Array(this.#text) };
    }
  }
}
