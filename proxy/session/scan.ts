/**
 * Reads numbers and literals from text the way sscanf(3) does on OpenBSD, because ftp-proxy(8)
 * parses ports with it and its tolerance is part of what peers see: `%u` skips white space, takes a
 * sign and leading zeros, and keeps the low 32 bits of a 64-bit conversion.
 *
 * @example
 * const scan = new Scan(" 4294967300,1");
 * scan.number(); // 4: 2^32 + 4 wraps
 * scan.literal(","); // true
 */

/** Source: isspace(3) in the C locale. */
const whiteSpace = " \t\n\v\f\r";
const uint64 = 1n << 64n;

export class Scan {
  readonly #text: string;
  #at: number;

  constructor(text: string, at = 0) {
    this.#text = text;
    this.#at = at;
  }

  /** What has not been read yet. */
  get rest(): string {
    return this.#text.slice(this.#at);
  }

  /** A blank in a scanf format: any white space, also none. */
  skipWhiteSpace(): void {
    while (this.#at < this.#text.length && whiteSpace.includes(this.#text.charAt(this.#at))) this.#at++;
  }

  /** These very characters; nothing is consumed after the first that differs. */
  literal(characters: string): boolean {
    for (const character of characters) {
      if (this.#text.charAt(this.#at) !== character) return false;
      this.#at++;
    }
    return true;
  }

  /** One or more characters of a set, as `%[...]`. */
  oneOrMore(set: RegExp): boolean {
    const start = this.#at;
    while (this.#at < this.#text.length && set.test(this.#text.charAt(this.#at))) this.#at++;
    return this.#at > start;
  }

  /** `%u`: 0 … 2^32 − 1, or undefined when there is no digit. */
  number(): number | undefined {
    this.skipWhiteSpace();
    const sign = this.#text.charAt(this.#at);
    if (sign === "+" || sign === "-") this.#at++;
    const start = this.#at;
    while (this.#at < this.#text.length && isDigit(this.#text.charCodeAt(this.#at))) this.#at++;
    if (this.#at === start) return undefined;
    const digits = this.#text.slice(start, this.#at);
    if (digits.length <= 9 && sign !== "-") return Number(digits);
    // strtoumax(3): too big saturates, a minus negates in 64 bits. Seen: quirks-seen no. 9, 2^32 + 4 and 2^64 + 4.
    let value = BigInt(digits);
    if (value >= uint64) value = uint64 - 1n;
    else if (sign === "-") value = (uint64 - value) % uint64;
    return Number(value & 0xffffffffn);
  }

  /** Several numbers with the same literal between them; undefined when any is missing. */
  numbers(count: number, separator: string): readonly number[] | undefined {
    const found: number[] = [];
    for (let index = 0; index < count; index++) {
      if (index > 0 && !this.literal(separator)) return undefined;
      const number = this.number();
      if (number === undefined) return undefined;
      found.push(number);
    }
    return found;
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
