/**
 * divert-to on Linux: TPROXY. On OpenBSD any listener takes what PF diverts to it, whatever the address; here it is
 * looked up among the guest's processes and given IP_TRANSPARENT from outside, when the first packet for it comes.
 *
 * @example
 * divert.prepare(rules);
 * divert.deliver(bytes, packet, { address: "127.0.0.1", port: 8021 });
 */

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { type DivertTarget, divertRules, divertTargets, divertTtl } from "../../../harness/labs/netns/divert.ts";
import { DIVERT_DEVICE } from "../../../harness/labs/netns/layout.ts";
import { addressBytes, familyOf } from "../../../harness/net/wire/address.ts";
import { rewrite } from "../../../harness/net/wire/rewrite.ts";
import { isTcp, type Packet, TCP_FLAG } from "../../../harness/pf/packet.ts";
import type { Rule } from "../../../harness/pf/rule.ts";
import type { Devices } from "./devices.ts";
import type { Linux } from "./linux.ts";

/** proc(5): TCP_LISTEN in /proc/net/tcp. */
const LISTENING = "0A";

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
    const inode = this.#linux.within(this.#devices.namespace(0), () => listenerAt(target));
    if (inode === undefined || this.#transparent.has(inode)) return;
    const owner = ownerOf(inode);
    if (owner !== undefined && this.#linux.makeTransparent(owner.pid, owner.fd, family)) this.#transparent.add(inode);
  }
}

/** The socket's inode, in the namespace that is current. */
function listenerAt({ address, port }: DivertTarget): string | undefined {
  const inet = familyOf(address) === "inet";
  const wanted = `${procAddress(addressBytes(address))}:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const line of readFileSync(`/proc/self/net/${inet ? "tcp" : "tcp6"}`, "latin1").split("\n")) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === wanted && fields[3] === LISTENING) return fields[9];
  }
  return undefined;
}

/** proc(5): words of 32 bits as the machine has them; all that we run on are little-endian. */
function procAddress(bytes: Uint8Array): string {
  const words: string[] = [];
  for (let at = 0; at < bytes.length; at += 4)
    words.push(Buffer.from(bytes.slice(at, at + 4).reverse()).toString("hex"));
  return words.join("").toUpperCase();
}

function ownerOf(inode: string): { readonly pid: number; readonly fd: number } | undefined {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        if (readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`) return { pid: Number(pid), fd: Number(fd) };
      }
    } catch {
      // It has ended meanwhile.
    }
  }
  return undefined;
}
