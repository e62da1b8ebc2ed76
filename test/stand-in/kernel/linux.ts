/**
 * The system calls of Linux that a stand-in guest is made of and that Node does not offer: network
 * namespaces, TUN devices, and a hand on another process's sockets. By koffi; short and synchronous but for `wait`.
 *
 * @example
 * const linux = await openLinux();
 * const namespace = linux.newNetwork();
 * const device = linux.within(namespace, () => linux.openTun("pair1"));
 */

import { openSync } from "node:fs";
import { loadKoffi } from "../../../harness/agent/koffi.ts";

/** Source: Linux, include/uapi/linux/{sched,if_tun,in,in6}.h, asm-generic/{fcntl,poll}.h, asm/unistd_64.h. */
const CLONE_NEWNET = 0x4000_0000;
const TUNSETIFF = 0x4004_54ca;
const IFF_TUN_NO_PI = 0x1001;
const O_RDWR_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const EFD_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;
const POLLIN = 1;
const IFREQ_LENGTH = 40;
/** The same numbers on x86_64 and aarch64: calls of Linux 5.3 and later are numbered alike everywhere. */
const PIDFD_OPEN = 434;
const PIDFD_GETFD = 438;
const TRANSPARENT = { inet: [0, 19], inet6: [41, 75] } as const;

export interface Linux {
  /** A new, empty network namespace: an open descriptor of it. */
  newNetwork(): number;
  /** Runs `action`, which must be synchronous, inside a network namespace. */
  within<T>(namespace: number, action: () => T): T;
  /** A TUN device in the namespace that is current; IP packets without a header, not blocking. */
  openTun(name: string): number;
  /** Bytes read into `buffer`; 0 when there is nothing. */
  read(fd: number, buffer: Uint8Array): number;
  write(fd: number, bytes: Uint8Array): void;
  close(fd: number): void;
  waker(): number;
  wake(waker: number): void;
  /** Settles when any of these can be read, and says which. */
  wait(descriptors: readonly number[]): Promise<readonly boolean[]>;
  /** Lets another process's listener take connections to any address (IP_TRANSPARENT), as any may on OpenBSD. */
  makeTransparent(pid: number, fd: number, family: "inet" | "inet6"): boolean;
}

/** Undefined where there is no koffi. */
export async function openLinux(): Promise<Linux | undefined> {
  const koffi = process.platform === "linux" ? await loadKoffi() : undefined;
  if (koffi === undefined) return undefined;
  const libc = koffi.load("libc.so.6");
  const setns = libc.func("int setns(int, int)");
  const unshare = libc.func("int unshare(int)");
  const open = libc.func("int open(const char *, int)");
  const ioctl = libc.func("int ioctl(int, unsigned long, _Inout_ uint8_t *)");
  const read = libc.func("long read(int, _Out_ uint8_t *, unsigned long)");
  const write = libc.func("long write(int, const uint8_t *, unsigned long)");
  const close = libc.func("int close(int)");
  const eventfd = libc.func("int eventfd(unsigned int, int)");
  const poll = libc.func("int poll(_Inout_ uint8_t *, unsigned long, int)");
  const syscall = libc.func("long syscall(long, long, long, long)");
  const setsockopt = libc.func("int setsockopt(int, int, int, const int *, unsigned int)");
  const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));
  const check = (call: string, result: number): number => {
    if (result < 0) throw new Error(`${call}: ${names.get(koffi.errno()) ?? koffi.errno()}`);
    return result;
  };
  const own = openSync("/proc/self/ns/net", "r");
  const enter = (namespace: number) => check("setns", setns(namespace, CLONE_NEWNET) as number);

  return {
    newNetwork() {
      check("unshare", unshare(CLONE_NEWNET) as number);
      try {
        return openSync("/proc/self/ns/net", "r");
      } finally {
        enter(own);
      }
    },
    within(namespace, action) {
      enter(namespace);
      try {
        return action();
      } finally {
        enter(own);
      }
    },
    openTun(name) {
      const fd = check("open /dev/net/tun", open("/dev/net/tun", O_RDWR_NONBLOCK_CLOEXEC) as number);
      const request = new Uint8Array(IFREQ_LENGTH);
      request.set(new TextEncoder().encode(name));
      new Uint16Array(request.buffer, 16, 1)[0] = IFF_TUN_NO_PI;
      check(`TUNSETIFF ${name}`, ioctl(fd, TUNSETIFF, request) as number);
      return fd;
    },
    read: (fd, buffer) => Math.max(0, read(fd, buffer, buffer.length) as number),
    write: (fd, bytes) => void write(fd, bytes, bytes.length),
    close: (fd) => void close(fd),
    waker: () => check("eventfd", eventfd(0, EFD_NONBLOCK_CLOEXEC) as number),
    wake: (waker) => void write(waker, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), 8),
    async wait(descriptors) {
      const set = new Uint8Array(8 * descriptors.length);
      const view = new DataView(set.buffer);
      descriptors.forEach((fd, place) => {
        view.setInt32(8 * place, fd, true);
        view.setInt16(8 * place + 4, POLLIN, true);
      });
      await new Promise<void>((resolve) => poll.async(set, descriptors.length, -1, () => resolve()));
      return descriptors.map((_, place) => view.getInt16(8 * place + 6, true) !== 0);
    },
    makeTransparent(pid, fd, family) {
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
  };
}
