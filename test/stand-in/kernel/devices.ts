/**
 * Carries out a Network on Linux: a network namespace for each rdomain, a TUN device for each
 * interface that carries IP, addresses and routes in them. Reads what their kernels send.
 *
 * @example
 * const devices = new Devices(linux, (name, bytes) => forwarding.fromSockets(name, bytes));
 * devices.apply(network);
 * devices.write("pair1", bytes);
 */

import { spawnSync } from "node:child_process";
import { DIVERT_MARK, DIVERT_TABLE } from "../../../harness/labs/netns/divert.ts";
import { DIVERT_DEVICE } from "../../../harness/labs/netns/layout.ts";
import { applySettings, forAllDevices, NAMESPACE_SETTINGS } from "../../../harness/labs/netns/linux.ts";
import { familyOf } from "../../../harness/net/wire/address.ts";
import type { Linux } from "./linux.ts";
import { type Network, WIRED } from "./network.ts";

/** Packets that one device may bring before the others and the rest of the process have their turn. */
const TURN = 64;
const LONGEST = 65_536;

/** A link that went down and comes up again has its addresses, as on OpenBSD. */
const SETTINGS = { ...NAMESPACE_SETTINGS, ...forAllDevices("ipv6", { keep_addr_on_down: "1" }) };

interface Device {
  readonly rdomain: number;
  readonly fd: number;
}

export class Devices {
  readonly #linux: Linux;
  readonly #receive: (name: string, bytes: Uint8Array) => void;
  readonly #namespaces = new Map<number, number>();
  readonly #devices = new Map<string, Device>();
  /** ip(8) commands that hold in an rdomain, as they were given. */
  readonly #held = new Map<number, ReadonlySet<string>>();
  readonly #buffer = new Uint8Array(LONGEST);
  readonly #waker: number;

  constructor(linux: Linux, receive: (name: string, bytes: Uint8Array) => void) {
    this.#linux = linux;
    this.#receive = receive;
    this.#waker = linux.waker();
    void this.#watch();
  }

  /** An open descriptor of an rdomain's network namespace. */
  namespace(rdomain: number): number {
    let fd = this.#namespaces.get(rdomain);
    if (fd === undefined) {
      fd = this.#linux.newNetwork();
      this.#namespaces.set(rdomain, fd);
      this.#linux.within(fd, () => applySettings(SETTINGS));
      if (rdomain === 0) this.#prepareDivert(fd);
    }
    return fd;
  }

  rdomains(): readonly number[] {
    return [...this.#namespaces.keys()];
  }

  /** A device outside all rdomains, in the namespace of this very process. */
  openOutside(name: string, commands: readonly string[]): void {
    this.#devices.set(name, { rdomain: -1, fd: this.#linux.openTun(name) });
    ip(commands);
    this.#linux.wake(this.#waker);
  }

  write(name: string, bytes: Uint8Array): void {
    const device = this.#devices.get(name);
    if (device !== undefined) this.#linux.write(device.fd, bytes);
  }

  /** Makes Linux as the network says. */
  apply(network: Network): void {
    for (const [name, { rdomain, fd }] of this.#devices) {
      if (rdomain < 0 || name === DIVERT_DEVICE || network.interfaces.get(name)?.rdomain === rdomain) continue;
      // Closing is not enough: as long as it is waited for, the kernel keeps it, and its name.
      this.#linux.within(this.namespace(rdomain), () => ip([`link del dev ${name}`]));
      this.#linux.close(fd);
      this.#devices.delete(name);
      this.#held.set(
        rdomain,
        new Set([...(this.#held.get(rdomain) ?? [])].filter((line) => !line.endsWith(` dev ${name}`))),
      );
    }
    for (const rdomain of network.rdomains) {
      const namespace = this.namespace(rdomain);
      for (const { name, kind, rdomain: own } of network.interfaces.values()) {
        if (own !== rdomain || !WIRED.has(kind) || this.#devices.has(name)) continue;
        const fd = this.#linux.within(namespace, () => this.#linux.openTun(name));
        this.#devices.set(name, { rdomain, fd });
      }
      this.#configure(namespace, rdomain, commandsFor(network, rdomain));
    }
    this.#linux.wake(this.#waker);
  }

  #configure(namespace: number, rdomain: number, wanted: readonly string[]): void {
    const held = this.#held.get(rdomain) ?? new Set();
    const gone = [...held].filter((line) => !wanted.includes(line)).reverse();
    const news = wanted.filter((line) => !held.has(line));
    if (gone.length + news.length === 0) return;
    // A link that goes down takes its routes along: all are said again.
    const routes = wanted.filter((line) => line.includes("route ") && !news.includes(line));
    this.#linux.within(namespace, () => ip([...gone.map(undo), ...news, ...routes]));
    this.#held.set(rdomain, new Set(wanted));
  }

  #prepareDivert(namespace: number): void {
    this.#linux.within(namespace, () => {
      this.#devices.set(DIVERT_DEVICE, { rdomain: 0, fd: this.#linux.openTun(DIVERT_DEVICE) });
      const rules = ["", "-6 "].flatMap((family) => [
        `${family}rule add fwmark ${DIVERT_MARK} lookup ${DIVERT_TABLE}`,
        `${family}route add local ${family === "" ? "0.0.0.0/0" : "::/0"} dev lo table ${DIVERT_TABLE}`,
      ]);
      ip([
        "link set lo up",
        `link set ${DIVERT_DEVICE} addrgenmode none`,
        `link set ${DIVERT_DEVICE} txqueuelen 2000`,
        `link set ${DIVERT_DEVICE} up`,
        ...rules,
      ]);
    });
  }

  async #watch(): Promise<void> {
    for (;;) {
      const devices = [...this.#devices];
      const ready = await this.#linux.wait([this.#waker, ...devices.map(([, { fd }]) => fd)]);
      if (ready[0]) this.#linux.read(this.#waker, this.#buffer.subarray(0, 8));
      devices.forEach(([name, device], place) => {
        // A device that was closed meanwhile may have given its number to another.
        if (ready[place + 1] && this.#devices.get(name) === device) this.#drain(name, device.fd);
      });
    }
  }

  #drain(name: string, fd: number): void {
    for (let count = 0; count < TURN; count++) {
      const length = this.#linux.read(fd, this.#buffer);
      if (length === 0) return;
      this.#receive(name, this.#buffer.slice(0, length));
    }
  }
}

/** Each line can be said again, and taken back by `undo`. */
function commandsFor(network: Network, rdomain: number): string[] {
  const links: string[] = [];
  const addresses: string[] = [];
  for (const one of network.interfaces.values()) {
    if (one.rdomain !== rdomain) continue;
    if (one.kind === "lo" && one.addresses.length > 0 && one.up) links.push("link set up dev lo");
    if (!WIRED.has(one.kind)) continue;
    const { name } = one;
    links.push(
      `link set addrgenmode none dev ${name}`,
      `link set txqueuelen 2000 dev ${name}`,
      `link set mtu ${one.mtu} dev ${name}`,
    );
    for (const { address, prefix } of one.addresses) {
      addresses.push(`addr add ${address}/${prefix}${familyOf(address) === "inet6" ? " nodad" : ""} dev ${name}`);
    }
    if (one.up) links.push(`link set up dev ${name}`);
  }
  const routes = network.routes
    .filter((route) => route.rdomain === rdomain)
    .map(({ destination, gateway, interface: name, reject }) => {
      const family = destination.family === "inet6" ? "-6 " : "";
      const to = `${destination.network}/${destination.length}`;
      return reject
        ? `${family}route replace unreachable ${to}`
        : `${family}route replace ${to} via ${gateway} dev ${name}`;
    });
  return [...links, ...addresses, ...routes];
}

function undo(line: string): string {
  if (line.startsWith("link set up")) return line.replace("up", "down");
  if (line.startsWith("addr add")) return line.replace("addr add", "addr del").replace(" nodad", "");
  return line.includes("route replace") ? line.replace("replace", "del") : "link show dev lo";
}

/** Several ip(8) commands; what is to be taken away may be gone already. `-6` at the beginning of a line: batches have no options. */
function ip(lines: readonly string[]): void {
  for (const six of [false, true]) {
    const chosen = lines.filter((line) => line.startsWith("-6 ") === six).map((line) => line.replace("-6 ", ""));
    if (chosen.length === 0) continue;
    const family = six ? ["-6"] : [];
    const result = spawnSync("ip", [...family, "-force", "-batch", "-"], {
      input: `${chosen.join("\n")}\n`,
      encoding: "utf8",
      stdio: ["pipe", "ignore", "pipe"],
    });
    const wrong = result.stderr
      .split("\n")
      .filter((line) => line !== "" && !/^Command failed|No such process|Cannot assign|Cannot find device/.test(line));
    if (wrong.length > 0) process.stderr.write(`stand-in: ip: ${wrong.join("; ")}\n`);
  }
}
