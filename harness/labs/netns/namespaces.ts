/**
 * The five network namespaces of one side, with their TUN devices and agents. They serve one play after the other, and
 * are deleted when the run ends.
 *
 * @example
 * const namespaces = await Namespaces.make({ linux, folder, side: "forward", name: "forward", random });
 * namespaces.wires.receiver = (device, bytes) => path.receive(device, bytes);
 * await namespaces.close();
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Random } from "../../../proxy/host.ts";
import { AgentHost } from "../../agent/runner/agent-host.ts";
import { agentCommand, startAgent } from "../../agent/runner/pipe.ts";
import { realClock } from "../../agent/runner/real-clock.ts";
import type { HostName, LabHost, Side } from "../../contract/lab.ts";
import { isLinkLocal } from "../../net/wire/address.ts";
import type { Family } from "../../pf/packet.ts";
import { DIVERT_MARK, DIVERT_TABLE, LOOPBACK6 } from "./divert.ts";
import { EarlierConnections } from "./earlier-connections.ts";
import { type Device, DIVERT_DEVICE, devices, HOSTS } from "./layout.ts";
import type { Linux } from "./linux.ts";
import { applySettings, NAMESPACE_SETTINGS } from "./namespace-settings.ts";
import { killAllIn, processesIn } from "./processes.ts";
import type { RunFolder } from "./run-folder.ts";
import { Wires } from "./wires.ts";

/** A host of the lab: an agent's, with an address. */
export type NetnsHost = AgentHost & LabHost;

/** A program that sets up the lab failed. */
export class SetUpError extends Error {
  override readonly name = "SetUpError";
}

/**
 * Players give up connecting after a SYN and one repetition (Linux: 1 s apart): PF would drop the next one, too. The
 * firewall's programs have the kernel's limit.
 */
export const CONNECT_LIMIT_MS = 1_300;

/** For ip(8) and nft(8), which wait for locks of the kernel. */
const PROGRAM_LIMIT_MS = 30_000;

/** A killed process may be busy in the kernel for a moment. */
const KILL_LIMIT_MS = 1_000;
const KILL_STEP_MS = 5;

const SETTINGS = {
  ...NAMESPACE_SETTINGS,
  // A server that dials from port 20 without SO_REUSEADDR would block it for a minute, past the end of its play.
  "net/ipv4/tcp_max_tw_buckets": "0",
};

export class Namespaces {
  readonly side: Side;
  readonly devices: readonly Device[];
  readonly wires: Wires;
  readonly earlier = new EarlierConnections();
  readonly hosts: Readonly<Record<HostName, NetnsHost>>;
  readonly #namespaces: Readonly<Record<HostName, string>>;
  /** Processes that stay between plays: the agents. */
  readonly #staying: ReadonlySet<number>;

  private constructor(
    side: Side,
    parts: Pick<Namespaces, "devices" | "wires" | "hosts">,
    namespaces: Readonly<Record<HostName, string>>,
  ) {
    this.side = side;
    this.devices = parts.devices;
    this.wires = parts.wires;
    this.hosts = parts.hosts;
    this.#namespaces = namespaces;
    this.#staying = new Set(processesIn(Object.values(namespaces)));
  }

  static async make(options: {
    readonly linux: Linux;
    readonly folder: RunFolder;
    readonly side: Side;
    /** In the names of the namespaces; each has another one in this process. */
    readonly name: string;
    readonly random: Random;
  }): Promise<Namespaces> {
    const { linux, folder, side, random } = options;
    const list = devices(side);
    const named = (host: HostName) => `anchorage-${process.pid}-${options.name}-${host}`;
    const namespaces = Object.fromEntries(HOSTS.map((host) => [host, named(host)])) as Record<HostName, string>;
    for (const one of Object.values(namespaces)) folder.record(one);
    ip(HOSTS.map((host) => `netns add ${namespaces[host]}`));
    const descriptors = new Map<Device, number>();
    for (const host of HOSTS) {
      linux.within(namespaceFile(namespaces[host]), () => {
        applySettings(SETTINGS);
        for (const device of list) if (device.host === host) descriptors.set(device, linux.openTun(device.name));
      });
    }
    for (const host of HOSTS) ip(commandsFor(host, list), namespaces[host]);
    const wires = new Wires(
      linux,
      list.map((device) => descriptors.get(device) ?? -1),
    );
    const started: AgentHost[] = [];
    try {
      const entries = await allOf(
        HOSTS.map(async (host): Promise<[HostName, NetnsHost]> => {
          const line = ["netns", "exec", namespaces[host], ...agentCommand()];
          const limit = host === "firewall" ? {} : { connectLimitMs: CONNECT_LIMIT_MS };
          const one = await AgentHost.greet(startAgent("ip", line), { name: host, random, ...limit });
          started.push(one);
          const address = (family: Family) => addressOf(list, host, family);
          const own = { address, linkLocal: linkLocalOf(list, host), ...connectingWithScope(one, list) };
          return [host, Object.assign(one, own, host === "firewall" ? acceptingDiverted(one) : {})];
        }),
      );
      const hosts = Object.fromEntries(entries) as Record<HostName, NetnsHost>;
      return new Namespaces(side, { devices: list, wires, hosts }, namespaces);
    } catch (error) {
      await Promise.all([wires.close(), ...started.map((host) => host.leave())]);
      throw error;
    }
  }

  /** Asks every agent for the time, so that the loss of one is noticed. */
  async checkAgents(): Promise<void> {
    await Promise.allSettled(Object.values(this.hosts).map((host) => host.time()));
  }

  /** Why the namespaces are of no more use: an agent is gone. */
  get lost(): string | undefined {
    for (const { name, gone } of Object.values(this.hosts)) if (gone !== undefined) return `${name}: ${gone}`;
    return undefined;
  }

  /** Runs a program in a host's namespace to its end. Throws SetUpError. */
  configure(host: HostName, command: string, args: readonly string[], input: string): void {
    const line = ["netns", "exec", this.namespace(host), command, ...args];
    check(spawnSync("ip", line, { input, encoding: "utf8", timeout: PROGRAM_LIMIT_MS }));
  }

  namespace(host: HostName): string {
    return this.#namespaces[host];
  }

  /** Kills the processes of a play that no agent knows: sessions of servers are often daemons. */
  async killStrangers(): Promise<void> {
    const end = realClock.now() + KILL_LIMIT_MS;
    while (killAllIn(Object.values(this.#namespaces), "SIGKILL", this.#staying) > 0 && realClock.now() < end) {
      await new Promise<void>((resolve) => void realClock.after(KILL_STEP_MS, resolve));
    }
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.hosts).map((host) => host.leave()));
    await this.wires.close();
  }
}

export const namespaceFile = (name: string): string => join("/run/netns", name);

/** Any listener on OpenBSD takes connections that PF diverts to it. On Linux it must be transparent. */
function acceptingDiverted(host: AgentHost): Pick<AgentHost, "listen"> {
  const listen = host.listen.bind(host);
  return { listen: (options, onConnection) => listen({ ...options, transparent: true }, onConnection) };
}

/** Linux needs the interface with a link-local address. */
function connectingWithScope(host: AgentHost, list: readonly Device[]): Pick<AgentHost, "connect"> {
  const device = list.find((one) => one.host === host.name)?.name ?? "";
  const connect = host.connect.bind(host);
  return {
    connect(options) {
      const { local } = options;
      if (local?.address === undefined || !isLinkLocal(local.address)) return connect(options);
      return connect({ ...options, local: { ...local, address: `${local.address}%${device}` } });
    },
  };
}

function linkLocalOf(list: readonly Device[], host: HostName): string | undefined {
  const addresses = list.filter((device) => device.host === host).flatMap((device) => device.addresses);
  return addresses.find(isLinkLocal)?.replace(/\/.*/, "");
}

function addressOf(list: readonly Device[], host: HostName, family: Family): string {
  // The firewall has its outside address here.
  const device = list.find((one) => one.host === host && (host !== "firewall" || one.network === "outside"));
  const text = device?.addresses.find((one) => one.includes(":") === (family === "inet6"));
  return (text ?? "").replace(/\/.*/, "");
}

function commandsFor(host: HostName, list: readonly Device[]): string[] {
  const lines = ["link set lo up"];
  for (const { name, addresses, routes } of list.filter((device) => device.host === host)) {
    lines.push(`link set ${name} addrgenmode none`, `link set ${name} txqueuelen 2000`);
    for (const address of addresses)
      lines.push(`addr add ${address} dev ${name}${address.includes(":") ? " nodad" : ""}`);
    lines.push(`link set ${name} up`);
    for (const route of routes) lines.push(`${route.includes(":") ? "-6 " : ""}route add ${route} dev ${name}`);
  }
  if (host === "firewall") {
    // The proxy answers a client with a link-local address by the device from which it came.
    lines.push(`-6 route add fe80::/10 dev ${DIVERT_DEVICE}`);
    lines.push(`-6 route add local ${LOOPBACK6}/128 dev ${DIVERT_DEVICE} table local`);
    for (const family of ["", "-6 "]) {
      lines.push(`${family}rule add fwmark ${DIVERT_MARK} lookup ${DIVERT_TABLE}`);
      lines.push(`${family}route add local ${family === "" ? "0.0.0.0/0" : "::/0"} dev lo table ${DIVERT_TABLE}`);
    }
  }
  return lines;
}

/** Several ip(8) commands in one process. Lines with `-6` are a batch of their family: a batch has no options per line. */
function ip(lines: readonly string[], namespace?: string): void {
  const where = namespace === undefined ? [] : ["-n", namespace];
  for (const own of [false, true]) {
    const chosen = lines.filter((line) => line.startsWith("-6 ") === own).map((line) => line.replace("-6 ", ""));
    if (chosen.length === 0) continue;
    const family = own ? ["-6"] : [];
    const input = `${chosen.join("\n")}\n`;
    const line = [...family, ...where, "-batch", "-"];
    check(spawnSync("ip", line, { input, encoding: "utf8", timeout: PROGRAM_LIMIT_MS }));
  }
}

/** Settles when all have, so that the caller can end all that have started. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

function check(result: ReturnType<typeof spawnSync>): void {
  if (result.error !== undefined) throw new SetUpError(result.error.message);
  if (result.status !== 0) throw new SetUpError(String(result.stderr).trim() || `status ${result.status}`);
}
