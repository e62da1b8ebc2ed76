/**
 * Linux as the netns lab uses it: network namespaces and their sysctl settings, TUN devices with offload, and one wait
 * for the devices of all plays.
 *
 * @example
 * const linux = await openLinux();
 * const fd = linux.within("/run/netns/client", () => linux.openTun("em0"));
 */

import { closeSync, openSync, writeFileSync } from "node:fs";
import { pollTogether, type Wait } from "./poll-together.ts";
import { IFF_NO_PI, IFF_VNET_HDR, openSystemCalls, type SystemCalls } from "./system-calls.ts";

/** Source: Linux, include/uapi/linux/if_tun.h. */
const TUNSETOFFLOAD = 0x4004_54d0;
/** TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6. */
const OFFLOADS = 1 | 2 | 4;

export interface Linux extends Pick<SystemCalls, "read" | "write" | "close" | "makeTransparent" | "waker" | "wake"> {
  /** Runs `action` inside the network namespace of that file; it must be synchronous. */
  within<T>(namespace: string, action: () => T): T;
  /** A TUN device in the current namespace, not blocking; each packet has the header of harness/net/wire/offload.ts. */
  openTun(name: string): number;
  /** Whether the kernel leaves the work of a network card to the reader: long TCP segments, checksums. */
  offload(tun: number, on: boolean): void;
  /** Several may wait at once. */
  readonly wait: Wait;
  /** Ends the call that waits: before it exits, a process waits for its threads. */
  release(): void;
}

/** Undefined without koffi. */
export async function openLinux(): Promise<Linux | undefined> {
  const calls = await openSystemCalls();
  if (calls === undefined) return undefined;
  const { check, read, write, close, makeTransparent, waker, wake, poll } = calls;
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
    makeTransparent,
    waker,
    wake,
    wait: pollTogether(poll, shared),
    release: shared.wake,
  };
}

/** For sysctl(8): paths below /proc/sys. Source: Linux, Documentation/networking/ip-sysctl.rst. */
export type Settings = Readonly<Record<string, string>>;

/** Of a fresh namespace, before it has devices. */
export const NAMESPACE_SETTINGS: Settings = {
  // Addresses can be used at once, and no host solicits routers.
  ...forAllDevices("ipv6", { accept_dad: "0", dad_transmits: "0", router_solicitations: "0", accept_ra: "0" }),
  // Packets come as PF lets them: also diverted ones and those to loopback addresses.
  ...forAllDevices("ipv4", { rp_filter: "0", route_localnet: "1" }),
  // The engine answers for the network, at the rate of its packets.
  "net/ipv4/icmp_ratelimit": "0",
  "net/ipv6/icmp/ratelimit": "0",
};

/** For present and future devices. */
export function forAllDevices(family: "ipv4" | "ipv6", settings: Settings): Settings {
  return Object.fromEntries(
    ["all", "default"].flatMap((scope) =>
      Object.entries(settings).map(([name, value]) => [`net/${family}/conf/${scope}/${name}`, value]),
    ),
  );
}

/** In the namespace that is current. */
export function applySettings(settings: Settings): void {
  for (const [path, value] of Object.entries(settings)) writeFileSync(`/proc/sys/${path}`, value);
}
