/**
 * Listening sockets of programs, found by proc(5): which one is at an address and port, and whose it is.
 *
 * @example
 * const inode = listenerAt("/proc/4711", { address: "127.0.0.1", port: 8021 });
 * inode && ownerOf(inode, [4711, 4712]) // { pid: 4712, fd: 5 }
 */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Endpoint } from "../../../proxy/host.ts";
import { addressBytes, familyOf } from "../../net/wire/address.ts";

/** A descriptor of a process. */
export interface SocketOwner {
  readonly pid: number;
  readonly fd: number;
}

/** proc(5): TCP_LISTEN in /proc/net/tcp. */
const LISTENING = "0A";

/**
 * The socket's inode. `process`: a folder of /proc whose process is in the network namespace. A socket of all addresses
 * counts, and one of IPv6 that takes IPv4, too.
 */
export function listenerAt(process: string, { address, port }: Endpoint): string | undefined {
  const family = familyOf(address);
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  const at = (table: "tcp" | "tcp6", bytes: Uint8Array) => inodeIn(process, table, `${procAddress(bytes)}:${hexPort}`);
  const own = family === "inet" ? "tcp" : "tcp6";
  return (
    at(own, addressBytes(address)) ??
    at(own, new Uint8Array(family === "inet" ? 4 : 16)) ??
    (family === "inet" ? at("tcp6", new Uint8Array(16)) : undefined)
  );
}

function inodeIn(process: string, table: "tcp" | "tcp6", local: string): string | undefined {
  for (const line of readFileSync(`${process}/net/${table}`, "latin1").split("\n")) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === local && fields[3] === LISTENING) return fields[9];
  }
  return undefined;
}

/** proc(5): words of 32 bits as the machine has them; all that we run on are little-endian. */
function procAddress(bytes: Uint8Array): string {
  const words: string[] = [];
  for (let at = 0; at < bytes.length; at += 4)
    words.push(Buffer.from(bytes.slice(at, at + 4).reverse()).toString("hex"));
  return words.join("").toUpperCase();
}

/** The first of these processes that has the socket. */
export function ownerOf(inode: string, processes: readonly number[]): SocketOwner | undefined {
  for (const pid of processes) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        if (readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`) return { pid, fd: Number(fd) };
      }
    } catch {
      // It has ended meanwhile.
    }
  }
  return undefined;
}
