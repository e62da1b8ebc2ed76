/**
 * The files of a simulated host: a tree in memory, by absolute path.
 *
 * @example
 * const files = new MemoryFiles({ "/etc/pf.conf": "pass\n" });
 */

import type { Files } from "../../../proxy/host.ts";

/** The code of node:fs, so that callers treat both alike. */
class FileError extends Error {
  override readonly name = "FileError";
  readonly code: "ENOENT";
  readonly path: string;

  constructor(path: string) {
    super(`ENOENT: no such file: ${path}`);
    this.code = "ENOENT";
    this.path = path;
  }
}

export class MemoryFiles implements Files {
  readonly #files = new Map<string, Uint8Array>();

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [path, content] of Object.entries(files)) this.#put(path, content);
  }

  /** Paths, sorted. */
  get paths(): readonly string[] {
    return [...this.#files.keys()].sort();
  }

  /** The file as text, at once; undefined: there is none. */
  text(path: string): string | undefined {
    const bytes = this.#files.get(path);
    return bytes && new TextDecoder().decode(bytes);
  }

  /** Rejects with FileError. */
  async read(path: string): Promise<Uint8Array> {
    const bytes = this.#files.get(path);
    if (bytes === undefined) throw new FileError(path);
    return new Uint8Array(bytes);
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    this.#put(path, bytes);
  }

  /** Rejects with FileError. */
  async remove(path: string): Promise<void> {
    if (!this.#files.delete(path)) throw new FileError(path);
  }

  #put(path: string, content: string | Uint8Array): void {
    this.#files.set(path, typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content));
  }
}
