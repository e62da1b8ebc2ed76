/**
 * Errors as Node's own net and fs make them, which libraries take apart by `code`, `syscall`, `address`, `path`.
 *
 * @example
 * networkError("ECONNREFUSED", "connect", "198.51.100.7", 21).message; // "connect ECONNREFUSED 198.51.100.7:21"
 */
import { constants } from "node:os";

/** What strerror(3) says on Linux, for the errors that Node prints with it. */
const wording: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EBADF: "bad file descriptor",
  EEXIST: "file already exists",
  EISDIR: "illegal operation on a directory",
  ENOENT: "no such file or directory",
  ENOTDIR: "not a directory",
  ENOTEMPTY: "directory not empty",
};

function errno(code: string): number {
  const known: Readonly<Record<string, number | undefined>> = constants.errno;
  return -(known[code] ?? 1);
}

/** `syscall CODE address:port`, as net's ExceptionWithHostPort. */
export function networkError(code: string, syscall: string, address?: string, port?: number): NodeJS.ErrnoException {
  const where = address === undefined ? "" : port === undefined || port === 0 ? ` ${address}` : ` ${address}:${port}`;
  const message = syscall === "listen" ? `listen ${code}: ${reason(code)}${where}` : `${syscall} ${code}${where}`;
  return Object.assign(new Error(message), {
    errno: errno(code),
    code,
    syscall,
    ...(address === undefined ? {} : { address }),
    ...(port === undefined ? {} : { port }),
  });
}

/** `CODE: why, syscall 'path'`, as fs's errors. */
export function fileError(code: string, syscall: string, path?: string): NodeJS.ErrnoException {
  const where = path === undefined ? "" : ` '${path}'`;
  return Object.assign(new Error(`${code}: ${reason(code)}, ${syscall}${where}`), {
    errno: errno(code),
    code,
    syscall,
    ...(path === undefined ? {} : { path }),
  });
}

/** An error of Node's own making (`ERR_…`), with its code in the name as Node prints it. */
export function nodeError(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}

function reason(code: string): string {
  if (code === "EADDRINUSE") return "address already in use";
  if (code === "EADDRNOTAVAIL") return "address not available";
  return wording[code] ?? "error";
}
