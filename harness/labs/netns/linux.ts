/**
 * Linux as the netns lab uses it: namespaces by their files, TUN devices with offload, and one wait for all
 * places of the process.
 *
 * @example
 * const linux = await openLinux();
 * const fd = linux.within("/run/netns/client", () => linux.openTun("em0"));
 */

import { closeSync, openSync } from "node:fs";
import { pollTogether, type Wait } from "./poll-together.ts";
import { IFF_NO_PI, IFF_VNET_HDR, openSystemCalls, type SystemCalls } from "./system-calls.ts";

/** Source: Linux, include/uapi/linux/if_tun.h. */
const TUNSETOFFLOAD = 0x4004_54d0;
/** TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6. */
const OFFLOADS = 1 | 2 | 4;

export interface Linux extends Pick<SystemCalls, "read" | "write" | "close" | "waker" | "wake"> {
  /** Runs `action` inside the network namespace of that file; it must be synchronous. */
  within<T>(namespace: string, action: () => T): T;
  /** A TUN device in the namespace that is current, not blocking; before each packet stands the header of harness/net/wire/offload.ts. */
  openTun(name: string): number;
  /** Whether the kernel leaves to the reader what it leaves to network cards: long TCP segments, checksums. */
  offload(tun: number, on: boolean): void;
  /** Several may wait at once. */
  readonly wait: Wait;
  /** Ends the call that waits: before it exits, a process waits for its threads. */
  release(): void;
}

/** Undefined where there is no koffi. */
export async function openLinux(): Promise<Linux | undefined> {
  const calls = await openSystemCalls();
  if (calls === undefined) return undefined;
  const { check, read, write, close, waker, wake, poll } = calls;
  const ioctl = calls.libc.func("int ioctl(int, unsigned long, unsigned long)");
  const descriptor = waker();
  const shared = { descriptor, wake: () => wake(descriptor), rest: () => void read(descriptor, new Uint8Array(8)) };

  return {
    within(namespace, action) {
      const fd = openSync(namespace, "r");
      try {
        return calls.within(fd, action);
      } finally {
        closeSync(fd);
      }
    },
    openTun: (name) => calls.openTun(name, IFF_NO_PI | IFF_VNET_HDR),
    offload: (tun, on) => void check("TUNSETOFFLOAD", ioctl(tun, TUNSETOFFLOAD, on ? OFFLOADS : 0) as number),
    read,
    write,
    close,
    waker,
    wake,
    wait: pollTogether(poll, shared),
    release: shared.wake,
  };
}
