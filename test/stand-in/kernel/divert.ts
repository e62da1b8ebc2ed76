/**
 * divert-to on Linux: TPROXY. On OpenBSD any listener takes what PF diverts to it, whatever the address; here it is
 * looked up among the guest's processes and given IP_TRANSPARENT from outside, when the first packet for it comes.
 *
 * @example
 * divert.prepare(rules);
 * divert.deliver(bytes, packet, { address: "127.0.0.1", port: 8021 });
 */

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { type DivertTarget, divertRules, divertTargets, divertTtl } from "../../../harness/labs/netns/divert.ts";
import { DIVERT_DEVICE } from "../../../harness/labs/netns/layout.ts";
import { listenerAt, ownerOf } from "../../../harness/labs/netns/listening-sockets.ts";
import { familyOf } from "../../../harness/net/wire/address.ts";
import { rewrite } from "../../../harness/net/wire/rewrite.ts";
import { isTcp, type Packet, TCP_FLAG } from "../../../harness/pf/packet.ts";
import type { Rule } from "../../../harness/pf/rule.ts";
import type { Devices } from "./devices.ts";
import type { Linux } from "./linux.ts";

export class Divert {
  readonly #linux: Linux;
  readonly #devices: Devices;
  #targets: readonly DivertTarget[] = [];
  #loaded = "";
  /** Inodes of listeners that take any address by now. */
  readonly #transparent = new Set<string>();

  constructor(linux: Linux, devices: Devices) {
    this.#linux = linux;
    this.#devices = devices;
  }

  /** Tells nft(8) of every listener that the rules divert to. */
  prepare(rules: readonly Rule[]): void {
    this.#targets = divertTargets(rules);
    const text = divertRules(this.#targets);
    if (text === this.#loaded) return;
    this.#loaded = text;
    this.#linux.within(this.#devices.namespace(0), () => spawnSync("nft", ["-f", "-"], { input: text }));
  }

  deliver(bytes: Uint8Array, packet: Packet, to: DivertTarget | "reply"): void {
    if (to !== "reply" && isTcp(packet) && (packet.flags & TCP_FLAG.S) !== 0) this.#open(to);
    this.#devices.write(DIVERT_DEVICE, rewrite(bytes, { ...packet, ttl: divertTtl(this.#targets, to) }));
  }

  #open(target: DivertTarget): void {
    const family = familyOf(target.address);
    const inode = this.#linux.within(this.#devices.namespace(0), () => listenerAt("/proc/self", target));
    if (inode === undefined || this.#transparent.has(inode)) return;
    const owner = ownerOf(inode, readdirSync("/proc").map(Number).filter(Number.isInteger));
    if (owner !== undefined && this.#linux.makeTransparent(owner, family)) this.#transparent.add(inode);
  }
}
