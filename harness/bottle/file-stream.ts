/**
 * fs.createReadStream and fs.createWriteStream over a file tree.
 *
 * @example
 * new FileReader(tree, "/pub/hello.txt", { start: 100 }).pipe(socket);
 */
import { Readable, Writable } from "node:stream";
import type { FileNode, FileTree } from "./file-tree.ts";
import { fileError } from "./system-error.ts";

export interface FileStreamOptions {
  readonly flags?: string | undefined;
  /** First byte. */
  readonly start?: number | undefined;
  /** Last byte, included. */
  readonly end?: number | undefined;
  readonly highWaterMark?: number | undefined;
}

type Opened = (error?: Error | null) => void;

/** How much fs.createReadStream reads at once (Node 20: highWaterMark 64 KiB). */
const readSize = 64 * 1024;

export class FileReader extends Readable {
  readonly path: string;
  bytesRead = 0;
  readonly #open: () => FileNode;
  readonly #end: number;
  #file: FileNode | undefined;
  #offset: number;

  constructor(path: string, open: () => FileNode, options: FileStreamOptions = {}) {
    super({ highWaterMark: options.highWaterMark ?? readSize });
    this.path = path;
    this.#open = open;
    this.#offset = options.start ?? 0;
    this.#end = options.end ?? Number.POSITIVE_INFINITY;
  }

  override _construct(done: Opened): void {
    try {
      this.#file = this.#open();
      done();
      this.emit("open", this.#file.inode);
      this.emit("ready");
    } catch (error) {
      done(error as Error);
    }
  }

  override _read(size: number): void {
    const file = this.#file;
    if (file === undefined) return;
    const end = Math.min(this.#offset + size, file.size, this.#end + 1);
    const bytes = file.room.slice(this.#offset, Math.max(this.#offset, end));
    this.#offset += bytes.length;
    this.bytesRead += bytes.length;
    this.push(bytes.length === 0 ? null : Buffer.from(bytes.buffer));
  }
}

export class FileWriter extends Writable {
  readonly path: string;
  bytesWritten = 0;
  readonly #tree: FileTree;
  readonly #open: () => FileNode;
  readonly #append: boolean;
  #file: FileNode | undefined;
  #offset: number;

  constructor(tree: FileTree, path: string, open: () => FileNode, options: FileStreamOptions = {}) {
    super();
    this.path = path;
    this.#tree = tree;
    this.#open = open;
    this.#append = options.flags?.startsWith("a") === true;
    this.#offset = options.start ?? 0;
  }

  override _construct(done: Opened): void {
    try {
      this.#file = this.#open();
      done();
      this.emit("open", this.#file.inode);
      this.emit("ready");
    } catch (error) {
      done(error as Error);
    }
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Opened): void {
    const file = this.#file;
    if (file === undefined) {
      callback(fileError("EBADF", "write"));
      return;
    }
    this.#tree.writeAt(file, this.#append ? file.size : this.#offset, chunk);
    this.#offset += chunk.length;
    this.bytesWritten += chunk.length;
    callback();
  }
}

/** Opens as open(2) does for Node's flags: "w" empties, "x" insists on a new file, "r" on an old one. */
export function openByFlags(tree: FileTree, path: string, flags: string): FileNode {
  if (flags.includes("x") && tree.find(path) !== undefined) throw fileError("EEXIST", "open", path);
  if (flags.startsWith("r")) {
    const node = tree.get(path, "open");
    if (node.kind === "directory") throw fileError("EISDIR", "open", path);
    return node;
  }
  const file = tree.openFile(path, "open");
  if (flags.startsWith("w")) file.size = 0;
  return file;
}
