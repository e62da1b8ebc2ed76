/**
 * The files of a plain server: what a client may fetch, and what it stored. No two lines of a file are alike, so a
 * missing or doubled piece shows.
 *
 * @example
 * const files = new Files();
 * files.read("file.bin"); // 46,890 bytes
 */

const numbered = (length: number): string =>
  Array.from({ length: length / 15 }, (_, line) => `line ${`${line}`.padStart(8, "0")}\r\n`).join("");

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

/** What clients of a play fetch, and what they store. */
export const FETCHED = "file.bin";
export const STORED = "stored.bin";
/** 46,890 bytes: several segments, and more than one window of an old TCP. */
export const FILE: string = numbered(46_890);
/** The same as bytes. */
export const CONTENTS: Uint8Array = bytesOf(FILE);
const SMALL = "small.bin";

export class Files {
  readonly #files = new Map<string, Uint8Array>([
    [FETCHED, CONTENTS],
    [SMALL, bytesOf(numbered(1_005))],
  ]);

  readonly #initial = new Set(this.#files.values());

  /** What has been stored since the beginning, by name. */
  get stored(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#files].filter(([, bytes]) => !this.#initial.has(bytes)));
  }

  read(path: string): Uint8Array | undefined {
    return this.#files.get(nameOf(path));
  }

  write(path: string, bytes: Uint8Array): void {
    this.#files.set(nameOf(path), bytes);
  }

  remove(path: string): boolean {
    return this.#files.delete(nameOf(path));
  }

  names(): string {
    return [...this.#files.keys()].map((name) => `${name}\r\n`).join("");
  }

  /** As `ls -l` of a Unix server. */
  listing(): string {
    const line = ([name, { length }]: [string, Uint8Array]) =>
      `-rw-r--r--   1 ftp      ftp      ${`${length}`.padStart(8)} Jan 01  2026 ${name}\r\n`;
    return [...this.#files].map(line).join("");
  }
}

/** There is one folder. */
const nameOf = (path: string): string => path.split("/").at(-1) ?? path;
