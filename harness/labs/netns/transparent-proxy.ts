/**
 * A program that opens a listening socket for diverted connections (IP_TRANSPARENT), which Node cannot do on Linux, and
 * then becomes the proxy. The subject core-daemon starts it.
 *
 * @example
 * // node --import tsx transparent-proxy.ts 127.0.0.1 8021 -d -D7
 */

import { addressBytes, familyOf } from "../../net/wire/address.ts";
import { openSystemCalls, TRANSPARENT } from "./system-calls.ts";

/** Source: ftp-proxy.c 1.41, TCP_BACKLOG. */
const BACKLOG = 10;
/** Source: Linux, include/linux/socket.h, include/uapi/linux/{in,in6}.h, asm-generic/{socket,fcntl}.h. */
const AF = { inet: 2, inet6: 10 } as const;
const SOCK_STREAM_NONBLOCK_CLOEXEC = 1 | 0o4000 | 0o2000000;
const SO_REUSEADDR = [1, 2] as const;

const [node = "", , address = "", port = "", ...args] = process.argv;
const listener = await listenTransparently(address, Number(port));
process.argv = [node, "anchorage-ftp-proxy", `--listen-fd=${listener}`, ...args];
await import("../../../proxy/node/entry.ts");

/** Returns the descriptor. */
async function listenTransparently(address: string, port: number): Promise<number> {
  const calls = await openSystemCalls();
  if (calls === undefined) throw new Error("needs Linux and the optional package koffi: npm install koffi");
  const { libc, check } = calls;
  const socket = libc.func("int socket(int, int, int)");
  const setsockopt = libc.func("int setsockopt(int, int, int, const int *, unsigned int)");
  const bind = libc.func("int bind(int, const uint8_t *, unsigned int)");
  const listen = libc.func("int listen(int, int)");
  const family = familyOf(address);
  const descriptor = check("socket", socket(AF[family], SOCK_STREAM_NONBLOCK_CLOEXEC, 0) as number);
  for (const [level, option] of [SO_REUSEADDR, TRANSPARENT[family]])
    check("setsockopt", setsockopt(descriptor, level, option, [1], 4) as number);
  const name = socketAddress(address, port);
  check("bind", bind(descriptor, name, name.length) as number);
  check("listen", listen(descriptor, BACKLOG) as number);
  return descriptor;
}

/** struct sockaddr_in or sockaddr_in6; the family is in the machine's byte order. */
function socketAddress(address: string, port: number): Uint8Array {
  const family = familyOf(address);
  const bytes = new Uint8Array(family === "inet" ? 16 : 28);
  new Uint16Array(bytes.buffer, 0, 1)[0] = AF[family];
  bytes[2] = port >> 8;
  bytes[3] = port & 0xff;
  bytes.set(addressBytes(address), family === "inet" ? 4 : 8);
  return bytes;
}
