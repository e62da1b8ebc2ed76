/**
 * The five network namespaces of one side, with their TUN devices and agents. They serve one play after the other, and
 * are deleted when the run ends.
 *
 * @example
 * const namespaces = await Namespaces.make({ linux, folder, side: "forward", name: "forward", random });
 * namespaces.wires.receiver = (device, bytes) => path.receive(device, bytes);
 * await namespaces.close();
 */

import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Endpoint, Random } from "../../../proxy/host.ts";
import { AgentHost } from "../../agent/runner/agent-host.ts";
import { agentCommand, startAgent } from "../../agent/runner/pipe.ts";
import { realClock } from "../../agent/runner/real-clock.ts";
import type { HostName, LabHost, Side } from "../../contract/lab.ts";
import { familyOf, isLinkLocal } from "../../net/wire/address.ts";
import { DIVERT_MARK, DIVERT_TABLE, LOOPBACK6 } from "./divert.ts";
import { EarlierConnections } from "./earlier-connections.ts";
import { addressOf, type Device, DIVERT_DEVICE, devices, HOSTS, linkLocalOf } from "./layout.ts";
import { applySettings, type Linux, NAMESPACE_SETTINGS, type Settings } from "./linux.ts";
import { listenerAt, ownerOf } from "./listening-sockets.ts";
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

const SETTINGS: Settings = {
  ...NAMESPACE_SETTINGS,
  // A server that dials from port 20 without SO_REUSEADDR would block it for a minute, past the end of its play.
  "net/ipv4/tcp_max_tw_buckets": "0",
  // As Docker sets it: the program of an image is often another user than root.
  "net/ipv4/ip_unprivileged_port_start": "0",
};

export class Namespaces {
  readonly side: Side;
  readonly devices: readonly Device[];
  readonly wires: Wires;
  readonly earlier = new EarlierConnections();
  readonly hosts: Readonly<Record<HostName, NetnsHost>>;
  readonly #linux: Linux;
  readonly #namespaces: Readonly<Record<HostName, string>>;
  /** The hosts' nft(8) rules, loaded or being loaded. */
  readonly #rules = new Map<HostName, { readonly text: string; readonly loaded: Promise<void> }>();
  /** Processes that stay between plays: the agents, and what the hosts keep. */
  readonly #staying: Set<number>;

  private constructor(
    linux: Linux,
    side: Side,
    parts: Pick<Namespaces, "devices" | "wires" | "hosts">,
    namespaces: Readonly<Record<HostName, string>>,
  ) {
    this.#linux = linux;
    this.side = side;
    this.devices = parts.devices;
    this.wires = parts.wires;
    this.hosts = parts.hosts;
    this.#namespaces = namespaces;
    this.#staying = new Set(processesIn(Object.values(namespaces)));
    const keeps: LabHost["keeps"] = (pid) => void this.#staying.add(pid);
    for (const host of Object.values(this.hosts)) Object.assign(host, { keeps });
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
    addNamespaces(Object.values(namespaces));
    const descriptors = new Map<Device, number>();
    for (const host of HOSTS) {
      linux.within(namespaceFile(namespaces[host]), () => {
        applySettings(SETTINGS);
        for (const device of list) if (device.host === host) descriptors.set(device, linux.openTun(device.name));
      });
    }
    await allOf(HOSTS.map((host) => ip(linux, namespaces[host], commandsFor(host, list))));
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
          const pipe = startAgent("ip", line);
          const one = await AgentHost.greet(pipe, { name: host, random, ...limit });
          started.push(one);
          const address: LabHost["address"] = (family) => addressOf(list, host, family);
          // ip(8) becomes the agent.
          const own = { address, pid: pipe.pid, linkLocal: linkLocalOf(list, host), ...connectingWithScope(one, list) };
          return [host, Object.assign(one, own, host === "firewall" ? acceptingDiverted(one) : {})];
        }),
      );
      const hosts = Object.fromEntries(entries) as Record<HostName, NetnsHost>;
      return new Namespaces(linux, side, { devices: list, wires, hosts }, namespaces);
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

  /** Runs ip(8) commands on a host. Rejects with SetUpError. */
  ip(host: HostName, lines: readonly string[]): Promise<void> {
    return ip(this.#linux, this.#namespaces[host], lines);
  }

  /** Loads nft(8) rules that a host does not have yet, after those that it is loading. Rejects with SetUpError. */
  loadRules(host: HostName, text: string): Promise<void> {
    const last = this.#rules.get(host);
    if (last?.text === text) return last.loaded;
    const loaded = Promise.allSettled([last?.loaded]).then(() =>
      run(this.#linux, this.#namespaces[host], ["nft", "-f", "-"], text),
    );
    this.#rules.set(host, { text, loaded });
    loaded.catch(() => this.#rules.delete(host));
    return loaded;
  }

  set(host: HostName, settings: Settings): void {
    this.#linux.within(namespaceFile(this.#namespaces[host]), () => applySettings(settings));
  }

  /**
   * Whether a program of that host listens there. Its socket then takes diverted connections, too, which a program for a
   * BSD does not ask for; "not-diverted": the kernel does not let this process change it.
   */
  listener(host: HostName, at: Endpoint): "none" | "diverted" | "not-diverted" {
    const inode = listenerAt(`/proc/${this.hosts[host].pid}`, at);
    const owner = inode === undefined ? undefined : ownerOf(inode, processesIn([this.#namespaces[host]]));
    if (owner === undefined) return "none";
    return this.#linux.makeTransparent(owner, familyOf(at.address)) ? "diverted" : "not-diverted";
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
export function acceptingDiverted(host: AgentHost): Pick<AgentHost, "listen"> {
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

/** At once, so that a signal finds all of them or none. */
function addNamespaces(names: readonly string[]): void {
  const input = names.map((name) => `netns add ${name}\n`).join("");
  const { error, status, stderr } = spawnSync("ip", ["-batch", "-"], { input, encoding: "utf8" });
  if (error !== undefined) throw new SetUpError(error.message);
  if (status !== 0) throw new SetUpError(stderr.trim() || `ip netns add: status ${status}`);
}

/** Lines with `-6` are a batch of their family: a batch has no options per line. */
async function ip(linux: Linux, namespace: string, lines: readonly string[]): Promise<void> {
  const batch = (chosen: readonly string[]) => chosen.map((line) => `${line.replace("-6 ", "")}\n`).join("");
  const isOf6 = (line: string) => line.startsWith("-6 ");
  const of6 = batch(lines.filter(isOf6));
  const others = batch(lines.filter((line) => !isOf6(line)));
  if (others !== "") await run(linux, namespace, ["ip", "-batch", "-"], others);
  if (of6 !== "") await run(linux, namespace, ["ip", "-6", "-batch", "-"], of6);
}

/** Runs a program in a namespace to its end. Other plays go on meanwhile. */
function run(
  linux: Linux,
  namespace: string,
  [program = "", ...args]: readonly string[],
  input: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = linux.within(namespaceFile(namespace), () =>
      execFile(program, args, { timeout: PROGRAM_LIMIT_MS }, (error, _, stderr) => {
        if (error === null) resolve();
        else reject(new SetUpError(stderr.trim() || error.message));
      }),
    );
    // It may end before it has read everything; its status says why.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

/** Settles when all have, so that the caller can end all that have started. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
