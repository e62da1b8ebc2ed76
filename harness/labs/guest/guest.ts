/**
 * A connected guest: an agent on each host, and one on the firewall as root for the programs that observe it: tcpdump,
 * tail of syslogd's file, pfctl. It serves all plays of a run. When an agent is gone, or a program of the lab hangs, the
 * guest is lost: `lost` says why.
 *
 * @example
 * const guest = await Guest.connect({ transport, system, random }, "forward");
 * await guest.setSide("reverse");
 * await guest.close();
 */

import type { Clock, Host, ProcessResult, Random } from "../../../proxy/host.ts";
import { AgentHost } from "../../agent/runner/agent-host.ts";
import type { BytePipe } from "../../agent/runner/pipe.ts";
import { type HostName, type LabHost, LabLost, type Side } from "../../contract/lab.ts";
import type { Family } from "../../pf/packet.ts";
import { addressOf, devices, HOSTS } from "../netns/layout.ts";
import { acceptingDiverted } from "../netns/namespaces.ts";
import { type Captured, type Captures, startCaptures } from "./captures.ts";
import type { GuestSystem } from "./guest-system.ts";
import { type Transport, UnreachableError } from "./transport.ts";

export type GuestHost = AgentHost & LabHost;

/** Installed there by provision.sh. */
const TOPOLOGY = "/usr/local/libexec/anchorage/topology.sh";
const LOG = "/var/log/anchorage";
/** Readings of the guest's clock; the quickest is the most exact. */
const CLOCK_READINGS = 5;

/** For one program. An emulated machine on a busy one takes half a second. */
const PROGRAM_LIMIT_MS = 90_000;
/** For a shell script with dozens of programs. Such a machine takes up to two minutes for the topology. */
const SCRIPT_LIMIT_MS = 300_000;

export interface GuestOptions {
  readonly transport: Transport;
  readonly system: GuestSystem;
  readonly random: Random;
}

export class Guest {
  readonly system: GuestSystem;
  readonly hosts: Readonly<Record<HostName, GuestHost>>;
  /** The agent for the whole guest, as root: never swept. */
  readonly tools: AgentHost;
  /** Set by each play. */
  onCaptured: (captured: Captured) => void = () => {};
  onLogged: (line: SyslogLine) => void = () => {};
  /** True for a Linux that imitates a BSD (test/stand-in). */
  readonly emulated: boolean;
  lost: string | undefined;
  /** Families for which the services of earlier runs have been stopped. */
  readonly servicesSwept = new Set<Family>();
  readonly #transport: Transport;
  readonly #lostHandlers = new Set<(why: string) => void>();
  #side: Side | undefined;
  #captures: Captures | undefined;
  #closing = false;
  /** Milliseconds to be added to the guest's clock. */
  #ahead = 0;
  roundTripMs = 0;

  private constructor(
    options: GuestOptions,
    own: Pick<Guest, "hosts" | "tools" | "emulated"> & { readonly side: Side },
  ) {
    this.system = options.system;
    this.#transport = options.transport;
    this.hosts = own.hosts;
    this.tools = own.tools;
    this.emulated = own.emulated;
    this.#side = own.side;
  }

  static async connect(options: GuestOptions, side: Side): Promise<Guest> {
    const { transport, system, random } = options;
    let guest: Guest | undefined;
    const start = async (host: HostName): Promise<AgentHost> => {
      const pipe: BytePipe = transport.agent(host, system.within(host));
      pipe.onEnd((why) => guest?.lose(`${host}: ${why}`));
      try {
        return await AgentHost.greet(pipe, { name: host, random });
      } catch (error) {
        await pipe.close();
        throw error;
      }
    };
    const started: AgentHost[] = [];
    try {
      const tools = await start("firewall");
      started.push(tools);
      tools.run = limitedRun(tools.run.bind(tools), {
        name: "firewall",
        clock: tools.clock,
        onLate: (why) => guest?.lose(why),
      });
      // Rdomains and jails must be there before a program can be started in them.
      await topology(tools, ["up", side]);
      // PF may have been switched off by hand. Where it is on, this changes nothing.
      await tools.run("pfctl", ["-q", "-e"]);
      const kernel = (await tools.run("perl", ["-e", "print $^O"])).stdout;
      const emulated = kernel === "linux";
      const entries = await Promise.all(
        HOSTS.map(async (name): Promise<[HostName, GuestHost]> => {
          const host = await start(name);
          started.push(host);
          const address = (family: Family) => addressOf(devices(guest?.side ?? side), name, family);
          // Only listeners on Linux must ask for diverted connections.
          return [
            name,
            Object.assign(host, { address }, name === "firewall" && emulated ? acceptingDiverted(host) : {}),
          ];
        }),
      );
      const hosts = Object.fromEntries(entries) as Record<HostName, GuestHost>;
      guest = new Guest(options, { hosts, tools, emulated, side });
      await guest.#watch();
      return guest;
    } catch (error) {
      await Promise.all(started.map((host) => host.leave()));
      throw error;
    }
  }

  get side(): Side | undefined {
    return this.#side;
  }

  /** Puts client and server on the networks of that side. */
  async setSide(side: Side): Promise<void> {
    if (this.#side === side) return;
    // The interfaces are replaced; a tcpdump on the old ones would see nothing.
    await this.#captures?.stop();
    await topology(this.tools, ["up", side]);
    await this.#capture();
    this.#side = side;
  }

  /** Compares the guest's clock with the runner's. Clocks of virtual machines drift: once a play. */
  async readClock(): Promise<void> {
    this.roundTripMs = Number.POSITIVE_INFINITY;
    for (let reading = 0; reading < CLOCK_READINGS; reading++) {
      const before = this.tools.clock.now();
      const there = (await this.tools.time()) / 1000;
      const after = this.tools.clock.now();
      if (after - before >= this.roundTripMs) continue;
      this.roundTripMs = after - before;
      this.#ahead = (before + after) / 2 - there;
    }
  }

  /** The guest's microseconds as the runner's milliseconds. */
  runnersMs(microseconds: number): number {
    return microseconds / 1000 + this.#ahead;
  }

  async time(): Promise<number> {
    return this.runnersMs(await this.tools.time());
  }

  /** Limits the attempts to connect of players' hosts. The firewall's programs have the kernel's limit. */
  limitConnects(limitMs: number): void {
    for (const [name, host] of Object.entries(this.hosts)) if (name !== "firewall") host.connectLimitMs = limitMs;
  }

  /** The firewall's real pfctl, as root. */
  pfctl(args: readonly string[], stdin = ""): Promise<ProcessResult> {
    return this.tools.run("pfctl", args, { stdin });
  }

  /** Asks every agent for the time, so that the loss of one is noticed. */
  async check(): Promise<void> {
    const agents = [this.tools, ...Object.values(this.hosts)];
    await Promise.allSettled(agents.map((agent) => agent.time()));
    for (const { name, gone } of agents) if (gone !== undefined) this.lose(`${name}: ${gone}`);
  }

  /** Calls the handler when the guest is lost, at once if it is. Returns a function that removes the handler. */
  onLost(handler: (why: string) => void): () => void {
    if (this.lost !== undefined) handler(this.lost);
    else this.#lostHandlers.add(handler);
    return () => void this.#lostHandlers.delete(handler);
  }

  lose(why: string): void {
    if (this.#closing || this.lost !== undefined) return;
    this.lost = why;
    for (const handler of this.#lostHandlers) handler(why);
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([this.tools, ...Object.values(this.hosts)].map((host) => host.leave()));
    this.#transport.close();
  }

  async #capture(): Promise<void> {
    const { tools, system } = this;
    this.#captures = await startCaptures({
      tools,
      system,
      tell: (captured) => this.onCaptured(captured),
      onEnd: (why) => this.lose(why),
    });
  }

  async #watch(): Promise<void> {
    const { tools } = this;
    await this.#capture();
    const tail = await tools.spawn("tail", ["-n", "0", "-f", LOG]);
    let rest = "";
    tail.onOutput((stream, bytes) => {
      if (stream !== "stdout") return;
      const lines = (rest + Buffer.from(bytes).toString("utf8")).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines.map(syslogLine)) if (line !== undefined) this.onLogged(line);
    });
  }
}

async function topology(tools: AgentHost, args: readonly string[]): Promise<void> {
  const { status, stdout, stderr } = await tools.run("sh", [TOPOLOGY, ...args]);
  if (status === 0) return;
  const said = `${stdout}${stderr}`.trim().split("\n").at(-1);
  throw new UnreachableError(`has no topology: sh ${[TOPOLOGY, ...args].join(" ")}: ${said || `status ${status}`}`);
}

interface LimitedRunOptions {
  /** Of the host. */
  readonly name: string;
  readonly clock: Clock;
  /** A program has not ended in time. */
  readonly onLate: (why: string) => void;
}

/**
 * The lab's programs on a guest (pfctl, topology.sh, rcctl) end soon. One that does not is given up, and the guest with
 * it, since its state is unknown: `run` then rejects with LabLost.
 */
export function limitedRun(run: Host["run"], { name, clock, onLate }: LimitedRunOptions): Host["run"] {
  return async (command, args, options = {}) => {
    const late = new AbortController();
    const limitMs = command === "sh" ? SCRIPT_LIMIT_MS : PROGRAM_LIMIT_MS;
    const why = `${name}: ${[command, ...args].join(" ")} has not ended in ${limitMs / 1000} s`;
    return await new Promise((resolve, reject) => {
      const timer = clock.after(limitMs, () => {
        onLate(why);
        reject(new LabLost(why));
        late.abort();
      });
      options.signal?.addEventListener("abort", () => late.abort(), { once: true });
      if (options.signal?.aborted === true) late.abort();
      run(command, args, { ...options, signal: late.signal })
        .finally(() => timer.cancel())
        .then(resolve, reject);
    });
  };
}

/** A line of syslogd's file. */
export interface SyslogLine {
  readonly program: string;
  readonly pid: number | undefined;
  readonly text: string;
}

/** RFC 3164 §4.1 as syslogd(8) writes it, or with the ISO time of `syslogd -Z` and of FreeBSD's `-O rfc5424` cousins. */
const LINE = /^(?:\w{3} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (?:<[\w.]+> )?\S+ ([^\s[:]+)(?:\[(\d+)\])?: (.*)$/;

/**
 * Undefined: no message of a program ("last message repeated 2 times", a cut line). syslogd writes the end of an FTP line
 * as `^M` without its LF; it becomes `\r\n`, as `ftp-proxy -d` writes it.
 *
 * @example
 * syslogLine("Nov 23 09:00:00 fw ftp-proxy[4711]: #1 client reset connection")
 * // { program: "ftp-proxy", pid: 4711, text: "#1 client reset connection" }
 */
export function syslogLine(line: string): SyslogLine | undefined {
  const found = LINE.exec(line);
  if (found === null) return undefined;
  const [, program = "", pid, text = ""] = found;
  return { program, pid: pid === undefined ? undefined : Number(pid), text: text.replace(/\^M$/, "\\r\\n") };
}
