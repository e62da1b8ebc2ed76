/** The guest's files as its commands see them: paths below its root. */

import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

export class Files {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Undefined: there is no such file. */
  read(path: string, cwd = "/"): string | undefined {
    try {
      return readFileSync(this.at(path, cwd), "utf8");
    } catch {
      return undefined;
    }
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), text, { mode });
  }

  remove(path: string): void {
    rmSync(this.at(path), { force: true });
  }

  exists(path: string): boolean {
    return lstatSync(this.at(path), { throwIfNoEntry: false }) !== undefined;
  }

  list(path: string): string[] {
    return readdirSync(this.at(path)).sort();
  }

  at(path: string, cwd = "/"): string {
    return join(this.root, posix.resolve("/", cwd, path));
  }
}
