/**
 * The files of a bottle: a tree in memory with the operations that FTP software needs. Paths are
 * absolute POSIX paths. Errors have errno(2)'s names.
 *
 * @example
 * const files = new FileTree(() => host.clock.now());
 * files.write("/pub/hello.txt", encode("hello"));
 * files.names("/pub"); // ["hello.txt"]
 */
import { posix } from "node:path";
import { fileError } from "./system-error.ts";

export interface FileNode {
  readonly kind: "file";
  readonly inode: number;
  /** At least `size` long; the rest is room to grow. */
  room: Uint8Array;
  size: number;
  mode: number;
  modified: number;
}

export interface DirectoryNode {
  readonly kind: "directory";
  readonly inode: number;
  readonly entries: Map<string, TreeNode>;
  mode: number;
  modified: number;
}

export type TreeNode = FileNode | DirectoryNode;

export class FileTree {
  readonly #now: () => number;
  #lastInode = 1;
  readonly #root: DirectoryNode;

  /** `now` in milliseconds since the Unix epoch. */
  constructor(now: () => number) {
    this.#now = now;
    this.#root = this.#newDirectory();
  }

  /** The bytes of a file, or undefined when there is none. */
  read(path: string): Uint8Array | undefined {
    const node = this.find(path);
    return node?.kind === "file" ? node.room.slice(0, node.size) : undefined;
  }

  /** Replaces or makes a file, and the directories on the way. */
  write(path: string, bytes: Uint8Array): void {
    this.makeDirectory(posix.dirname(path), true);
    const file = this.openFile(path, "open");
    file.size = 0;
    this.writeAt(file, 0, bytes);
  }

  /** The paths of all files, sorted. */
  paths(): string[] {
    const found: string[] = [];
    const walk = (directory: DirectoryNode, prefix: string): void => {
      for (const [name, node] of directory.entries) {
        if (node.kind === "file") found.push(`${prefix}/${name}`);
        else walk(node, `${prefix}/${name}`);
      }
    };
    walk(this.#root, "");
    return found.sort();
  }

  find(path: string): TreeNode | undefined {
    let node: TreeNode | undefined = this.#root;
    for (const name of path.split("/").filter((part) => part !== "")) {
      if (node?.kind !== "directory") return undefined;
      node = node.entries.get(name);
    }
    return node;
  }

  get(path: string, syscall: string): TreeNode {
    const node = this.find(path);
    if (node === undefined) throw fileError("ENOENT", syscall, path);
    return node;
  }

  names(path: string): string[] {
    const node = this.get(path, "scandir");
    if (node.kind !== "directory") throw fileError("ENOTDIR", "scandir", path);
    return [...node.entries.keys()].sort();
  }

  /** The file at this path; made if there is none. */
  openFile(path: string, syscall: string): FileNode {
    const { parent, name } = this.#place(path, syscall);
    const node = parent.entries.get(name);
    if (node?.kind === "directory") throw fileError("EISDIR", syscall, path);
    if (node !== undefined) return node;
    this.#lastInode += 1;
    const modified = this.#now();
    // 0o100644: a regular file under umask 022.
    const made: FileNode = {
      kind: "file",
      inode: this.#lastInode,
      room: new Uint8Array(0),
      size: 0,
      mode: 0o100644,
      modified,
    };
    parent.entries.set(name, made);
    return made;
  }

  /** Writes at an offset; a gap before it is zeros, as in a sparse file. */
  writeAt(file: FileNode, offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    if (end > file.room.length) {
      const room = new Uint8Array(Math.max(end, file.room.length * 2));
      room.set(file.room.subarray(0, file.size));
      file.room = room;
    }
    if (offset > file.size) file.room.fill(0, file.size, offset);
    file.room.set(bytes, offset);
    file.size = Math.max(file.size, end);
    file.modified = this.#now();
  }

  makeDirectory(path: string, withParents: boolean): void {
    if (posix.normalize(path) === "/") return;
    const parentPath = posix.dirname(path);
    if (withParents && this.find(parentPath) === undefined) this.makeDirectory(parentPath, true);
    const { parent, name } = this.#place(path, "mkdir");
    const node = parent.entries.get(name);
    if (node === undefined) parent.entries.set(name, this.#newDirectory());
    else if (node.kind === "file" || !withParents) throw fileError("EEXIST", "mkdir", path);
  }

  remove(path: string, kind: "file" | "directory"): void {
    const syscall = kind === "file" ? "unlink" : "rmdir";
    const node = this.get(path, syscall);
    if (kind === "file" && node.kind === "directory") throw fileError("EISDIR", syscall, path);
    if (kind === "directory" && node.kind === "file") throw fileError("ENOTDIR", syscall, path);
    if (node.kind === "directory" && node.entries.size > 0) throw fileError("ENOTEMPTY", syscall, path);
    const { parent, name } = this.#place(path, syscall);
    parent.entries.delete(name);
  }

  rename(from: string, to: string): void {
    const node = this.get(from, "rename");
    const target = this.#place(to, "rename");
    const source = this.#place(from, "rename");
    source.parent.entries.delete(source.name);
    target.parent.entries.set(target.name, node);
  }

  changeMode(path: string, mode: number): void {
    const node = this.get(path, "chmod");
    node.mode = (node.mode & ~0o7777) | (mode & 0o7777);
  }

  #place(path: string, syscall: string): { readonly parent: DirectoryNode; readonly name: string } {
    const parent = this.get(posix.dirname(path), syscall);
    if (parent.kind !== "directory") throw fileError("ENOTDIR", syscall, path);
    return { parent, name: posix.basename(path) };
  }

  #newDirectory(): DirectoryNode {
    this.#lastInode += 1;
    return { kind: "directory", inode: this.#lastInode, entries: new Map(), mode: 0o40755, modified: this.#now() };
  }
}
