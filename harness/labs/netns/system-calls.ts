/**
 * System calls of Linux that Node does not offer, by koffi: setns(2), TUN devices, eventfd(2), poll(2). They are
 * synchronous and short, but for `poll`. A lab makes further calls from `libc` itself.
 *
 * @example
 * const calls = await openSystemCalls();
 * const fd = calls.within(namespace, () => calls.openTun("em0", IFF_NO_PI));
 */

import { openSync } from "node:fs";
import { createRequire } from "node:module";

type Koffi = typeof import("koffi");

/** The optional package that makes the calls. Undefined: not installed, or without a binary for this machine. */
export async function loadKoffi(): Promise<Koffi | undefined> {
  try {
    // A bundle does not lie beside the packages: its starter says where they are.
    return createRequire(process.env.ANCHORAGE_PACKAGES ?? import.meta.url)("koffi") as Koffi;
  } catch {
    return undefined;
  }
}

/** Source: Linux, include/uapi/linux/{sched,if_tun}.h, asm-generic/{fcntl,poll}.h. */
export const CLONE_NEWNET = 0x4000_0000;
const IFF_TUN = 0x0001;
/** For `openTun`: each packet without a header, or after a struct virtio_net_hdr. */
export const IFF_NO_PI = 0x1000;
export const IFF_VNET_HDR = 0x4000;
const TUNSETIFF = 0x4004_54ca;
const O_RDWR_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const EFD_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;
const POLLIN = 1;
/** The same numbers on x86_64 and aarch64: calls of Linux 5.3 and later are numbered alike everywhere. */
const PIDFD_OPEN = 434;
const PIDFD_GETFD = 438;
/** IPPROTO_IP, IP_TRANSPARENT; IPPROTO_IPV6, IPV6_TRANSPARENT. Source: Linux, include/uapi/linux/{in,in6}.h. */
export const TRANSPARENT = { inet: [0, 19], inet6: [41, 75] } as const;
/** struct ifreq, and its ifr_flags. */
const IFREQ_LENGTH = 40;
const IFREQ_FLAGS = 16;

export class SystemCallError extends Error {
  override readonly name = "SystemCallError";
  readonly code: string;

  constructor(call: string, code: string) {
    super(`${call}: ${code}`);
    this.code = code;
  }
}

export interface SystemCalls {
  readonly libc: ReturnType<Koffi["load"]>;
  /** The result; throws if the call failed. */
  check(call: string, result: number): number;
  /** An open descriptor of the network namespace that is current. */
  currentNetwork(): number;
  /** Runs `action`, which must be synchronous, inside the network namespace of that descriptor. */
  within<T>(namespace: number, action: () => T): T;
  /** A TUN device in the namespace that is current, not blocking. */
  openTun(name: string, flags: number): number;
  /** Bytes read into `buffer`; 0 when there is nothing. */
  read(fd: number, buffer: Uint8Array): number;
  /** False when the kernel did not take it: the device is down, or its queue full. */
  write(fd: number, bytes: Uint8Array, length?: number): boolean;
  close(fd: number): void;
  /** Lets another process's listener take connections to any address (IP_TRANSPARENT), as any may on OpenBSD. */
  makeTransparent(listener: { readonly pid: number; readonly fd: number }, family: "inet" | "inet6"): boolean;
  /** A descriptor that can be read after `wake`. */
  waker(): number;
  wake(waker: number): void;
  /** Settles when any of these can be read, and says which. A separate thread waits. */
  poll(descriptors: readonly number[]): Promise<readonly boolean[]>;
}

/** Undefined without koffi. */
export async function openSystemCalls(): Promise<SystemCalls | undefined> {
  const koffi = process.platform === "linux" ? await loadKoffi() : undefined;
  if (koffi === undefined) return undefined;
  const libc = koffi.load("libc.so.6");
  const setns = libc.func("int setns(int, int)");
  const open = libc.func("int open(const char *, int)");
  const ioctl = libc.func("int ioctl(int, unsigned long, _Inout_ uint8_t *)");
  const read = libc.func("long read(int, _Out_ uint8_t *, unsigned long)");
  const write = libc.func("long write(int, const uint8_t *, unsigned long)");
  const close = libc.func("int close(int)");
  const eventfd = libc.func("int eventfd(unsigned int, int)");
  const syscall = libc.func("long syscall(long, long, long, long)");
  const setsockopt = libc.func("int setsockopt(int, int, int, const int *, unsigned int)");
  const poll = libc.func("int poll(_Inout_ uint8_t *, unsigned long, int)");
  const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));
  const check = (call: string, result: number): number => {
    if (result < 0) throw new SystemCallError(call, names.get(koffi.errno()) ?? String(koffi.errno()));
    return result;
  };
  const currentNetwork = () => openSync("/proc/self/ns/net", "r");
  const own = currentNetwork();

  return {
    libc,
    check,
    currentNetwork,
    within(namespace, action) {
      check("setns", setns(namespace, CLONE_NEWNET) as number);
      try {
        return action();
      } finally {
        check("setns back", setns(own, CLONE_NEWNET) as number);
      }
    },
    openTun(name, flags) {
      const fd = check("open /dev/net/tun", open("/dev/net/tun", O_RDWR_NONBLOCK_CLOEXEC) as number);
      const request = new Uint8Array(IFREQ_LENGTH);
      request.set(new TextEncoder().encode(name));
      new Uint16Array(request.buffer, IFREQ_FLAGS, 1)[0] = IFF_TUN | flags;
      check(`TUNSETIFF ${name}`, ioctl(fd, TUNSETIFF, request) as number);
      return fd;
    },
    read: (fd, buffer) => Math.max(0, read(fd, buffer, buffer.length) as number),
    write: (fd, bytes, length = bytes.length) => (write(fd, bytes, length) as number) === length,
    close: (fd) => void close(fd),
    makeTransparent({ pid, fd }, family) {
      const process = syscall(PIDFD_OPEN, pid, 0, 0) as number;
      if (process < 0) return false;
      const socket = syscall(PIDFD_GETFD, process, fd, 0) as number;
      close(process);
      if (socket < 0) return false;
      const [level, option] = TRANSPARENT[family];
      const result = setsockopt(socket, level, option, [1], 4) as number;
      close(socket);
      return result === 0;
    },
    waker: () => check("eventfd", eventfd(0, EFD_NONBLOCK_CLOEXEC) as number),
    wake: (waker) => void write(waker, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), 8),
    async poll(descriptors) {
      const set = new Uint8Array(8 * descriptors.length);
      const view = new DataView(set.buffer);
      descriptors.forEach((fd, place) => {
        view.setInt32(8 * place, fd, true);
        view.setInt16(8 * place + 4, POLLIN, true);
      });
      await new Promise<void>((resolve) => poll.async(set, descriptors.length, -1, () => resolve()));
      return descriptors.map((_, place) => view.getInt16(8 * place + 6, true) !== 0);
    },
  };
}
