/**
 * The bottle's `require("fs")`: the part of Node's module that FTP software uses, on a file tree, with
 * its read and write streams.
 *
 * Each call exists as `name(…, callback)`, `nameSync(…)` and `promises.name(…)`, and takes no virtual time.
 *
 * @example
 * const fs = createFs(tree, runtime);
 * fs.createWriteStream("/upload.bin").end(bytes);
 */

import { posix } from "node:path";
import { nextTick } from "node:process";
import { Readable, Writable } from "node:stream";
import type { FileNode, FileTree, TreeNode } from "./file-tree.ts";
import type { Runtime } from "./runtime.ts";
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

/** The call with a callback at the end, which runs after the caller has returned. */
function withCallback(runtime: Runtime, call: Call): (...args: unknown[]) => void {
  return (...args) => {
    const callback = args.pop() as (error: unknown, result?: unknown) => void;
    const answer = (error: unknown, result?: unknown): void =>
      nextTick(() => runtime.enter(() => callback(error, result)));
    try {
      answer(null, call(...(args as never[])));
    } catch (error) {
      answer(error);
    }
  };
}

export function createFs(tree: FileTree, runtime: Runtime) {
  const descriptors = new Map<number, FileNode>();
  // 0, 1 and 2 are taken in every process.
  let lastDescriptor = 2;

  const clean = (path: unknown): string => posix.resolve("/", String(path));
  const fileOf = (fd: number, syscall: string): FileNode => {
    const file = descriptors.get(fd);
    if (file === undefined) throw fileError("EBADF", syscall);
    return file;
  };
  /** Opens a stream's file: by the descriptor in its options, or by path and flags. */
  const opener = (path: string, options: FileStreamOptions, flags: string) => (): FileNode =>
    options.fd === undefined ? openByFlags(tree, path, options.flags ?? flags) : fileOf(options.fd, "open");

  const calls = {
    stat: (path: unknown) => statsOf(tree.get(clean(path), "stat")),
    lstat: (path: unknown) => statsOf(tree.get(clean(path), "lstat")),
    fstat: (fd: number) => statsOf(fileOf(fd, "fstat")),
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
      descriptors.set(lastDescriptor, file);
      return lastDescriptor;
    },
    close: (fd: number) => {
      fileOf(fd, "close");
      descriptors.delete(fd);
    },
    readFile: (path: unknown, encoding?: BufferEncoding | { readonly encoding?: BufferEncoding }) => {
      const file = openByFlags(tree, clean(path), "r");
      const bytes = Buffer.from(file.room.slice(0, file.size));
      const wanted = typeof encoding === "object" ? encoding.encoding : encoding;
      return wanted === undefined ? bytes : bytes.toString(wanted);
    },
    writeFile: (path: unknown, data: string | Uint8Array) =>
      tree.writeAt(openByFlags(tree, clean(path), "w"), 0, Buffer.from(data)),
  };

  const entries = Object.entries(calls) as [string, Call][];
  return {
    constants,
    ...Object.fromEntries(entries.map(([name, call]) => [name, withCallback(runtime, call)])),
    ...Object.fromEntries(entries.map(([name, call]) => [`${name}Sync`, call])),
    existsSync: (path: unknown) => tree.find(clean(path)) !== undefined,
    promises: Object.fromEntries(
      entries.map(([name, call]) => [name, async (...args: unknown[]) => call(...(args as never[]))]),
    ),
    createReadStream: (path: unknown, options: FileStreamOptions = {}) =>
      new FileReader(clean(path), opener(clean(path), options, "r"), options),
    createWriteStream: (path: unknown, options: FileStreamOptions = {}) =>
      new FileWriter(tree, clean(path), opener(clean(path), options, "w"), options),
  };
}

interface FileStreamOptions {
  readonly flags?: string | undefined;
  readonly fd?: number;
  /** First byte. */
  readonly start?: number | undefined;
  /** Last byte, included. */
  readonly end?: number | undefined;
  readonly highWaterMark?: number | undefined;
}

type Done = (error?: Error | null) => void;

/** Opens a stream's file and reports it as fs's streams do. */
function openFor(stream: Readable | Writable, open: () => FileNode, done: Done): FileNode | undefined {
  try {
    const file = open();
    done();
    stream.emit("open", file.inode);
    stream.emit("ready");
    return file;
  } catch (error) {
    done(error as Error);
    return undefined;
  }
}

/** How much fs.createReadStream reads at once (Node 20: highWaterMark 64 KiB). */
const readSize = 64 * 1024;

class FileReader extends Readable {
  readonly path: string;
  bytesRead = 0;
  readonly #open: () => FileNode;
  readonly #end: number;
  #file: FileNode | undefined;
  #offset: number;

  constructor(path: string, open: () => FileNode, options: FileStreamOptions) {
    super({ highWaterMark: options.highWaterMark ?? readSize });
    this.path = path;
    this.#open = open;
    this.#offset = options.start ?? 0;
    this.#end = options.end ?? Number.POSITIVE_INFINITY;
  }

  override _construct(done: Done): void {
    this.#file = openFor(this, this.#open, done);
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

class FileWriter extends Writable {
  readonly path: string;
  bytesWritten = 0;
  readonly #tree: FileTree;
  readonly #open: () => FileNode;
  readonly #append: boolean;
  #file: FileNode | undefined;
  #offset: number;

  constructor(tree: FileTree, path: string, open: () => FileNode, options: FileStreamOptions) {
    super();
    this.path = path;
    this.#tree = tree;
    this.#open = open;
    this.#append = options.flags?.startsWith("a") === true;
    this.#offset = options.start ?? 0;
  }

  override _construct(done: Done): void {
    this.#file = openFor(this, this.#open, done);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Done): void {
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
function openByFlags(tree: FileTree, path: string, flags: string): FileNode {
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
