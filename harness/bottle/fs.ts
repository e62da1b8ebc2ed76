/**
 * The bottle's `require("fs")`: the part of Node's module that FTP software uses, on a file tree.
 *
 * Each call is there as `name(…, callback)`, `nameSync(…)` and `promises.name(…)`. An answer takes no virtual time.
 *
 * @example
 * const fs = createFs(tree, inside);
 * fs.createWriteStream("/upload.bin").end(bytes);
 */

import { posix } from "node:path";
import { nextTick } from "node:process";
import { Readable, Writable } from "node:stream";
import type { FileNode, FileTree, TreeNode } from "./file-tree.ts";
import type { Inside } from "./inside.ts";
import { fileError } from "./system-error.ts";

/** fs.constants of Linux, as far as `access` and `open` need them. */
const constants = { F_OK: 0, X_OK: 1, W_OK: 2, R_OK: 4, O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2 };

type Call = (...args: never[]) => unknown;

function statsOf(node: TreeNode) {
  const modified = new Date(node.modified);
  return {
    dev: 1,
    ino: node.inode,
    mode: node.mode,
    nlink: 1,
    uid: 1000,
    gid: 1000,
    size: node.kind === "file" ? node.size : 4096,
    atime: modified,
    mtime: modified,
    ctime: modified,
    birthtime: modified,
    atimeMs: node.modified,
    mtimeMs: node.modified,
    ctimeMs: node.modified,
    isFile: () => node.kind === "file",
    isDirectory: () => node.kind === "directory",
    isSymbolicLink: () => false,
  };
}

/** The same calls with a callback at the end, told after the caller has returned. */
function withCallback(inside: Inside, call: Call): (...args: unknown[]) => void {
  return (...args) => {
    const callback = args.pop() as (error: unknown, result?: unknown) => void;
    const answer = (error: unknown, result?: unknown): void =>
      nextTick(() => inside.enter(() => callback(error, result)));
    try {
      answer(null, call(...(args as never[])));
    } catch (error) {
      answer(error);
    }
  };
}

export function createFs(tree: FileTree, inside: Inside) {
  const open = new Map<number, { readonly path: string; readonly file: FileNode }>();
  // 0, 1 and 2 are taken in every process.
  let lastDescriptor = 2;

  const clean = (path: unknown): string => posix.resolve("/", String(path));
  const descriptor = (fd: number, syscall: string): { readonly path: string; readonly file: FileNode } => {
    const found = open.get(fd);
    if (found === undefined) throw fileError("EBADF", syscall);
    return found;
  };
  /** How a stream gets its file: by the descriptor in its options, or by path and flags. */
  const opener =
    (path: unknown, options: FileStreamOptions & { readonly fd?: number }, flags: string) => (): FileNode =>
      options.fd === undefined
        ? openByFlags(tree, clean(path), options.flags ?? flags)
        : descriptor(options.fd, "open").file;

  const calls = {
    stat: (path: unknown) => statsOf(tree.get(clean(path), "stat")),
    lstat: (path: unknown) => statsOf(tree.get(clean(path), "lstat")),
    fstat: (fd: number) => statsOf(descriptor(fd, "fstat").file),
    access: (path: unknown) => void tree.get(clean(path), "access"),
    readdir: (path: unknown) => tree.names(clean(path)),
    mkdir: (path: unknown, options?: { readonly recursive?: boolean }) =>
      tree.makeDirectory(clean(path), options?.recursive === true),
    rmdir: (path: unknown) => tree.remove(clean(path), "directory"),
    unlink: (path: unknown) => tree.remove(clean(path), "file"),
    rename: (from: unknown, to: unknown) => tree.rename(clean(from), clean(to)),
    chmod: (path: unknown, mode: number) => tree.changeMode(clean(path), mode),
    open: (path: unknown, flags = "r") => {
      const file = openByFlags(tree, clean(path), flags);
      lastDescriptor += 1;
      open.set(lastDescriptor, { path: clean(path), file });
      return lastDescriptor;
    },
    close: (fd: number) => {
      descriptor(fd, "close");
      open.delete(fd);
    },
    readFile: (path: unknown, encoding?: BufferEncoding | { readonly encoding?: BufferEncoding }) => {
      const file = openByFlags(tree, clean(path), "r");
      const bytes = Buffer.from(file.room.slice(0, file.size));
      const wanted = typeof encoding === "object" ? encoding.encoding : encoding;
      return wanted === undefined ? bytes : bytes.toString(wanted);
    },
    writeFile: (path: unknown, data: string | Uint8Array) => {
      const file = openByFlags(tree, clean(path), "w");
      tree.writeAt(file, 0, typeof data === "string" ? Buffer.from(data) : data);
    },
  };

  const entries = Object.entries(calls) as [string, Call][];
  return {
    constants,
    ...Object.fromEntries(entries.map(([name, call]) => [name, withCallback(inside, call)])),
    ...Object.fromEntries(entries.map(([name, call]) => [`${name}Sync`, call])),
    existsSync: (path: unknown) => tree.find(clean(path)) !== undefined,
    promises: Object.fromEntries(
      entries.map(([name, call]) => [name, async (...args: unknown[]) => call(...(args as never[]))]),
    ),
    createReadStream: (path: unknown, options: FileStreamOptions & { readonly fd?: number } = {}) =>
      new FileReader(clean(path), opener(path, options, "r"), options),
    createWriteStream: (path: unknown, options: FileStreamOptions & { readonly fd?: number } = {}) =>
      new FileWriter(tree, clean(path), opener(path, options, "w"), options),
  };
}

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
