/**
 * What Linux's sockets can do and Node's cannot: IP_TRANSPARENT and urgent data, by koffi. Where koffi
 * or Linux is missing there is none of it, and the agent says so in its greeting.
 *
 * @example
 * const special = await linuxSockets(); // undefined: not here
 */

import type { Socket } from "node:net";
import { addressBytes, familyOf } from "../net/wire/address.ts";
import type { TransparentSockets } from "./agent-listener.ts";
import { loadKoffi } from "./koffi.ts";

/** Source: Linux, include/linux/socket.h, include/uapi/linux/in.h, in6.h, asm-generic/socket.h. */
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM_NONBLOCK_CLOEXEC = 1 | 0o4000 | 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_ERROR = 4;
const SO_LINGER = 13;
const SOL_IP = 0;
const IP_TRANSPARENT = 19;
const SOL_IPV6 = 41;
const IPV6_V6ONLY = 26;
const IPV6_TRANSPARENT = 75;
const MSG_OOB = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** Node does not tell of POLLPRI: an urgent byte that comes alone is looked for so often. */
const URGENT_LOOK_MS = 50;

export async function linuxSockets(): Promise<TransparentSockets | undefined> {
  const koffi = process.platform === "linux" ? await loadKoffi() : undefined;
  if (koffi === undefined) return undefined;
  const libc = koffi.load("libc.so.6");
  const socket = libc.func("int socket(int, int, int)");
  const setsockopt = libc.func("int setsockopt(int, int, int, const int *, unsigned int)");
  const getsockopt = libc.func("int getsockopt(int, int, int, _Out_ int *, _Inout_ unsigned int *)");
  const bind = libc.func("int bind(int, const uint8_t *, unsigned int)");
  const listen = libc.func("int listen(int, int)");
  const close = libc.func("int close(int)");
  const send = libc.func("long send(int, const uint8_t *, unsigned long, int)");
  const recv = libc.func("long recv(int, _Out_ uint8_t *, unsigned long, int)");
  const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));
  const failure = (call: string) => {
    const code = names.get(koffi.errno()) ?? "EIO";
    return Object.assign(new Error(`${call}: ${code}`), { code });
  };
  const check = (call: string, result: number) => {
    if (result < 0) throw failure(call);
    return result;
  };
  const on = (fd: number, level: number, option: number) =>
    check("setsockopt", setsockopt(fd, level, option, [1], 4) as number);
  /** Of the socket below a Node one; -1 once it is closed. */
  const descriptor = (one: Socket): number => (one as unknown as { _handle?: { fd?: number } })._handle?.fd ?? -1;
  const receivers = new WeakMap<Socket, (byte: number) => void>();

  const lookForUrgent = (one: Socket): void => {
    const fd = descriptor(one);
    const byte = new Uint8Array(1);
    if (fd >= 0 && (recv(fd, byte, 1, MSG_OOB | MSG_DONTWAIT) as number) === 1) receivers.get(one)?.(byte[0] ?? 0);
  };

  return {
    listenTransparently(address, port, backlog) {
      const inet6 = address === "" || familyOf(address) === "inet6";
      const fd = check("socket", socket(inet6 ? AF_INET6 : AF_INET, SOCK_STREAM_NONBLOCK_CLOEXEC, 0) as number);
      try {
        on(fd, SOL_SOCKET, SO_REUSEADDR);
        if (inet6) on(fd, SOL_IPV6, IPV6_TRANSPARENT);
        if (inet6 && address !== "") on(fd, SOL_IPV6, IPV6_V6ONLY);
        if (!inet6 || address === "") on(fd, SOL_IP, IP_TRANSPARENT);
        const name = socketAddress(address === "" ? "::" : address, port);
        check("bind", bind(fd, name, name.length) as number);
        check("listen", listen(fd, backlog) as number);
        return fd;
      } catch (error) {
        close(fd);
        throw error;
      }
    },
    sendUrgent(one, bytes) {
      const fd = descriptor(one);
      if (fd >= 0) send(fd, bytes, bytes.length, MSG_OOB | MSG_NOSIGNAL);
    },
    abortOnClose(one) {
      const fd = descriptor(one);
      // struct linger: on, no time.
      if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_LINGER, [1, 0], 8);
    },
    watchUrgent(one, urgent) {
      receivers.set(one, urgent);
      const timer = setInterval(() => lookForUrgent(one), URGENT_LOOK_MS);
      timer.unref();
      return () => clearInterval(timer);
    },
    lookForUrgent,
    pendingError(one) {
      const fd = descriptor(one);
      const error = [0];
      if (fd < 0 || (getsockopt(fd, SOL_SOCKET, SO_ERROR, error, [4]) as number) !== 0) return undefined;
      return names.get(error[0] ?? 0);
    },
  };
}

/** struct sockaddr_in or sockaddr_in6; the family is in the machine's own order. */
function socketAddress(address: string, port: number): Uint8Array {
  const family = familyOf(address);
  const bytes = new Uint8Array(family === "inet" ? 16 : 28);
  new Uint16Array(bytes.buffer, 0, 1)[0] = family === "inet" ? AF_INET : AF_INET6;
  bytes[2] = port >> 8;
  bytes[3] = port & 0xff;
  bytes.set(addressBytes(address), family === "inet" ? 4 : 8);
  return bytes;
}
