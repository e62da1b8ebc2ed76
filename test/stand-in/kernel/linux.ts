/**
 * The system calls of a stand-in guest: network namespaces without names, TUN devices, and options of another
 * process's sockets.
 *
 * @example
 * const linux = await openLinux();
 * const namespace = linux.newNetwork();
 * const device = linux.within(namespace, () => linux.openTun("pair1"));
 */

import {
  CLONE_NEWNET,
  IFF_NO_PI,
  openSystemCalls,
  type SystemCalls,
} from "../../../harness/labs/netns/system-calls.ts";

/** The same numbers on x86_64 and aarch64: calls of Linux 5.3 and later are numbered alike everywhere. */
const PIDFD_OPEN = 434;
const PIDFD_GETFD = 438;
/** IPPROTO_IP, IP_TRANSPARENT; IPPROTO_IPV6, IPV6_TRANSPARENT. Source: Linux, include/uapi/linux/{in,in6}.h. */
const TRANSPARENT = { inet: [0, 19], inet6: [41, 75] } as const;

export interface Linux extends Pick<SystemCalls, "within" | "read" | "write" | "close" | "waker" | "wake"> {
  /** A new, empty network namespace: an open descriptor of it. */
  newNetwork(): number;
  /** A TUN device in the namespace that is current; IP packets without a header, not blocking. */
  openTun(name: string): number;
  /** Settles when any of these can be read, and says which. */
  readonly wait: SystemCalls["poll"];
  /** Lets another process's listener take connections to any address (IP_TRANSPARENT), as any may on OpenBSD. */
  makeTransparent(pid: number, fd: number, family: "inet" | "inet6"): boolean;
}

/** Undefined where there is no koffi. */
export async function openLinux(): Promise<Linux | undefined> {
  const calls = await openSystemCalls();
  if (calls === undefined) return undefined;
  const { libc, check, currentNetwork, within, read, write, close, waker, wake, poll } = calls;
  const unshare = libc.func("int unshare(int)");
  const syscall = libc.func("long syscall(long, long, long, long)");
  const setsockopt = libc.func("int setsockopt(int, int, int, const int *, unsigned int)");
  const own = currentNetwork();

  return {
    newNetwork: () =>
      within(own, () => {
        check("unshare", unshare(CLONE_NEWNET) as number);
        return currentNetwork();
      }),
    within,
    openTun: (name) => calls.openTun(name, IFF_NO_PI),
    read,
    write,
    close,
    waker,
    wake,
    wait: poll,
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
