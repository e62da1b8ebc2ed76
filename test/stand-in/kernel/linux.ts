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

export interface Linux
  extends Pick<SystemCalls, "within" | "read" | "write" | "close" | "makeTransparent" | "waker" | "wake"> {
  /** A new, empty network namespace: an open descriptor of it. */
  newNetwork(): number;
  /** A TUN device in the namespace that is current; IP packets without a header, not blocking. */
  openTun(name: string): number;
  /** Settles when any of these can be read, and says which. */
  readonly wait: SystemCalls["poll"];
}

/** Undefined where there is no koffi. */
export async function openLinux(): Promise<Linux | undefined> {
  const calls = await openSystemCalls();
  if (calls === undefined) return undefined;
  const { libc, check, currentNetwork, within, read, write, close, makeTransparent, waker, wake, poll } = calls;
  const unshare = libc.func("int unshare(int)");
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
    makeTransparent,
  };
}
