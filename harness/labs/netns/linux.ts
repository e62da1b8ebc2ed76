/**
 * Linux system calls that the netns lab needs and Node does not offer: setns(2), TUN devices, poll(2).
 * By koffi; the calls are synchronous and short, but for `wait`.
 *
 * @example
 * const linux = await openLinux();
 * const fd = linux.within("/run/netns/client", () => linux.openTun("em0"));
 */

import { closeSync, openSync } from "node:fs";
import { loadKoffi } from "../../agent/koffi.ts";
import { pollTogether, type Wait } from "./poll-together.ts";

/** Source: Linux, include/uapi/linux/sched.h, if_tun.h, asm-generic/fcntl.h, poll.h. */
const CLONE_NEWNET = 0x4000_0000;
const TUNSETIFF = 0x4004_54ca;
const TUNSETOFFLOAD = 0x4004_54d0;
const IFF_TUN_NO_PI_VNET_HDR = 0x5001;
/** TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6. */
const OFFLOADS = 1 | 2 | 4;
const O_RDWR_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const POLLIN = 1;
/** struct ifreq. */
const IFREQ_LENGTH = 40;
const EFD_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;

export class SystemCallError extends Error {
  override readonly name = "SystemCallError";
  readonly code: string;

  constructor(call: string, code: string) {
    super(`${call}: ${code}`);
    this.code = code;
  }
}

export interface Linux {
  /** Runs `action` inside the network namespace of that file; it must be synchronous. */
  within<T>(namespace: string, action: () => T): T;
  /** A TUN device in the namespace that is current, not blocking; before each packet stands the header of harness/wire/offload.ts. */
  openTun(name: string): number;
  /** Whether the kernel leaves to the reader what it leaves to network cards: long TCP segments, checksums. */
  offload(tun: number, on: boolean): void;
  /** Bytes read into `buffer`; 0 when there is nothing. */
  read(fd: number, buffer: Uint8Array): number;
  /** False when the kernel did not take it: the device is down, or its queue full. */
  write(fd: number, bytes: Uint8Array, length?: number): boolean;
  close(fd: number): void;
  /** A descriptor that can be read once it has been told to `wake`. */
  waker(): number;
  wake(waker: number): void;
  /** Several may wait at once. */
  readonly wait: Wait;
  /** Ends the call that waits: before it exits, a process waits for its threads. */
  release(): void;
}

/** Undefined where there is no koffi. */
export async function openLinux(): Promise<Linux | undefined> {
  const koffi = process.platform === "linux" ? await loadKoffi() : undefined;
  if (koffi === undefined) return undefined;
  const libc = koffi.load("libc.so.6");
  const setns = libc.func("int setns(int, int)");
  const open = libc.func("int open(const char *, int)");
  const ioctl = libc.func("int ioctl(int, unsigned long, _Inout_ uint8_t *)");
  const ioctlNumber = libc.func("int ioctl(int, unsigned long, unsigned long)");
  const read = libc.func("long read(int, _Out_ uint8_t *, unsigned long)");
  const write = libc.func("long write(int, const uint8_t *, unsigned long)");
  const close = libc.func("int close(int)");
  const eventfd = libc.func("int eventfd(unsigned int, int)");
  const poll = libc.func("int poll(_Inout_ uint8_t *, unsigned long, int)");
  const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));
  const check = (call: string, result: number): number => {
    if (result < 0) throw new SystemCallError(call, names.get(koffi.errno()) ?? String(koffi.errno()));
    return result;
  };
  const own = openSync("/proc/self/ns/net", "r");

  const waker = () => check("eventfd", eventfd(0, EFD_NONBLOCK_CLOEXEC) as number);
  const wake = (descriptor: number) => void write(descriptor, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), 8);
  const pollOnce: Wait = async (descriptors) => {
    const set = new Uint8Array(8 * descriptors.length);
    const view = new DataView(set.buffer);
    descriptors.forEach((fd, place) => {
      view.setInt32(8 * place, fd, true);
      view.setInt16(8 * place + 4, POLLIN, true);
    });
    await new Promise<void>((resolve) => poll.async(set, descriptors.length, -1, () => resolve()));
    return descriptors.map((_, place) => view.getInt16(8 * place + 6, true) !== 0);
  };
  const descriptor = waker();
  const shared = { descriptor, wake: () => wake(descriptor), rest: () => void read(descriptor, new Uint8Array(8), 8) };

  return {
    within(namespace, action) {
      const fd = openSync(namespace, "r");
      try {
        check(`setns ${namespace}`, setns(fd, CLONE_NEWNET) as number);
        try {
          return action();
        } finally {
          check("setns back", setns(own, CLONE_NEWNET) as number);
        }
      } finally {
        closeSync(fd);
      }
    },
    openTun(name) {
      const fd = check("open /dev/net/tun", open("/dev/net/tun", O_RDWR_NONBLOCK_CLOEXEC) as number);
      const request = new Uint8Array(IFREQ_LENGTH);
      request.set(new TextEncoder().encode(name));
      new Uint16Array(request.buffer, 16, 1)[0] = IFF_TUN_NO_PI_VNET_HDR;
      check(`TUNSETIFF ${name}`, ioctl(fd, TUNSETIFF, request) as number);
      return fd;
    },
    offload: (tun, on) => void check("TUNSETOFFLOAD", ioctlNumber(tun, TUNSETOFFLOAD, on ? OFFLOADS : 0) as number),
    read: (fd, buffer) => Math.max(0, read(fd, buffer, buffer.length) as number),
    write: (fd, bytes, length = bytes.length) => (write(fd, bytes, length) as number) === length,
    close: (fd) => void close(fd),
    waker,
    wake,
    wait: pollTogether(pollOnce, shared),
    release: shared.wake,
  };
}
