/**
 * The machine below a stand-in guest: its kernel's networking and PF, and the commands that speak with them.
 * Lives in the guest's mount and process namespaces, beside its root.
 *
 * @example
 * const machine = await Machine.boot({ root: "/tmp/stand-in/root" });
 * machine.serve();
 */

import { randomInt } from "node:crypto";
import { readlinkSync } from "node:fs";
import { Firewall } from "../../harness/pf/engine/firewall.ts";
import type { Rule } from "../../harness/pf/rule.ts";
import type { Reply } from "./commands/command.ts";
import { Files } from "./files.ts";
import { Devices } from "./kernel/devices.ts";
import { Divert } from "./kernel/divert.ts";
import { Forwarding, MANAGEMENT, WORLD } from "./kernel/forwarding.ts";
import type { Linux } from "./kernel/linux.ts";
import { Network } from "./kernel/network.ts";
import { Taps } from "./kernel/taps.ts";

/** Of the guest and of the world outside it, as QEMU's user network has them. */
export const GUEST_ADDRESS = "10.0.2.15";
export const WORLD_ADDRESS = "10.0.2.2";
/** Longer than a command takes, shorter than anybody's patience. */
const SETTLE_MS = 30;

export class Machine {
  readonly files: Files;
  readonly network = new Network();
  /** Variables of sysctl(8) that scripts ask for. */
  readonly sysctl = new Map([
    ["kern.hostname", "openbsd"],
    ["net.inet.ip.forwarding", "0"],
    ["net.inet6.ip6.forwarding", "0"],
  ]);
  readonly taps = new Taps();
  readonly firewall: Firewall;
  readonly #devices: Devices;
  readonly #divert: Divert;
  #pending: NodeJS.Timeout | undefined;

  constructor(linux: Linux, root: string) {
    this.files = new Files(root);
    const { network, sysctl, taps } = this;
    const write = (device: string, bytes: Uint8Array) => this.#devices.write(device, bytes);
    this.#devices = new Devices(linux, (name, bytes) => {
      if (name === WORLD) forwarding.arrive(MANAGEMENT, bytes);
      else forwarding.fromSockets(name, bytes);
    });
    this.#divert = new Divert(linux, this.#devices);
    this.firewall = new Firewall({
      interfaces: network.forPf(),
      now: () => Date.now(),
      random: (below) => randomInt(below),
      route: (destination, rtable) => {
        const way = network.lookup(rtable, destination);
        return way === undefined || way === "reject" ? undefined : { interface: way.interface };
      },
    });
    const forwarding = new Forwarding({ network, sysctl, taps, write, firewall: this.firewall, divert: this.#divert });
    network.changed = () => this.#networkChanged();
    this.#devices.openOutside(WORLD, [
      "link set lo up",
      `link set ${WORLD} addrgenmode none`,
      `link set ${WORLD} txqueuelen 2000`,
      `addr add ${WORLD_ADDRESS}/24 dev ${WORLD}`,
      `link set ${WORLD} up`,
    ]);
    network.addAddress("lo0", { address: "::1", prefix: 128 });
    network.addAddress("lo0", { address: "127.0.0.1", prefix: 8 });
    network.addAddress(MANAGEMENT, { address: GUEST_ADDRESS, prefix: 24 });
    network.addRoute({
      rdomain: 0,
      destination: { family: "inet", network: "0.0.0.0", length: 0 },
      gateway: WORLD_ADDRESS,
      reject: false,
    });
  }

  /** Everything on it ends with this process. */
  off(): void {
    process.kill(process.pid, "SIGKILL");
  }

  random(below: number): number {
    return randomInt(below);
  }

  /** Rules may divert to other listeners now. */
  rulesChanged(): void {
    const { firewall } = this;
    const rules: Rule[] = ["", ...firewall.anchors()].flatMap((path) =>
      (firewall.rules(path) ?? []).map(({ rule }) => rule),
    );
    this.#divert.prepare(rules);
  }

  /** Which rdomain a process is in whose network namespace has that inode. */
  rdomainOf(inode: number): number | undefined {
    return this.#devices.rdomains().find((rdomain) => {
      const fd = this.#devices.namespace(rdomain);
      return Number(/\d+/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[0]) === inode;
    });
  }

  /** The caller goes on as that command in another rdomain. */
  execIn(rdomain: number, command: readonly string[]): Reply {
    this.#settle();
    const path = `/proc/${process.pid}/fd/${this.#devices.namespace(rdomain)}`;
    return { exec: ["/linux/usr/bin/nsenter", `--net=${path}`, "--", ...command] };
  }

  /** PF knows at once; Linux is told of several changes together. */
  #networkChanged(): void {
    this.firewall.interfaces.replace(this.network.forPf());
    this.#pending ??= setTimeout(() => this.#settle(), SETTLE_MS);
  }

  #settle(): void {
    if (this.#pending === undefined) return;
    clearTimeout(this.#pending);
    this.#pending = undefined;
    this.#devices.apply(this.network);
  }
}
