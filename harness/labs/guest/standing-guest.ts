/**
 * A guest at work: an agent on each host, one more on the firewall for what watches it, and the three
 * things that watch: tcpdump, syslogd's file, pfctl. Made when the first play asks for it, it stands
 * until the run ends. When an agent is gone, or a program of the lab's own hangs, so is the guest: `lost` says why.
 *
 * @example
 * const guest = await StandingGuest.make({ transport, system, random });
 * await guest.turn("reverse");
 * await guest.close();
 */

import type { ProcessResult, Random } from "../../../proxy/host.ts";
import { AgentHost } from "../../agent/runner/agent-host.ts";
import type { BytePipe } from "../../agent/runner/pipe.ts";
import type { HostName, LabHost, Side } from "../../contract/lab.ts";
import type { Family } from "../../pf/packet.ts";
import { devices, HOSTS } from "../netns/layout.ts";
import { type Captured, type Captures, startCaptures } from "./captures.ts";
import type { GuestSystem } from "./guest-system.ts";
import { limitedRun } from "./limited-run.ts";
import { type SyslogLine, syslogLine } from "./syslog-line.ts";
import { type Transport, UnreachableError } from "./transport.ts";

export type GuestHost = AgentHost & LabHost;

/** Where provision.sh puts it. */
const TOPOLOGY = "/usr/local/libexec/anchorage/topology.sh";
const LOG = "/var/log/anchorage";
/** Readings of the guest's clock; the quickest tells most. */
const CLOCK_READINGS = 5;

export interface GuestOptions {
  readonly transport: Transport;
  readonly system: GuestSystem;
  readonly random: Random;
}

export class StandingGuest {
  readonly system: GuestSystem;
  readonly hosts: Readonly<Record<HostName, GuestHost>>;
  /** Of the whole guest, as root: never swept. */
  readonly tools: AgentHost;
  /** Who takes what is seen, from play to play. */
  onCaptured: (captured: Captured) => void = () => {};
  onLogged: (line: SyslogLine) => void = () => {};
  /** A Linux that stands in for a BSD (test/stand-in). */
  readonly emulated: boolean;
  lost: string | undefined;
  /** Families for which no service runs but those of this run. */
  readonly servicesSwept = new Set<Family>();
  readonly #transport: Transport;
  readonly #losers = new Set<(why: string) => void>();
  #side: Side | undefined;
  #captures: Captures | undefined;
  #closing = false;
  /** Milliseconds to be added to the guest's clock. */
  #ahead = 0;
  roundTripMs = 0;

  private constructor(
    options: GuestOptions,
    own: Pick<StandingGuest, "hosts" | "tools" | "emulated"> & { readonly side: Side },
  ) {
    this.system = options.system;
    this.#transport = options.transport;
    this.hosts = own.hosts;
    this.tools = own.tools;
    this.emulated = own.emulated;
    this.#side = own.side;
  }

  static async make(options: GuestOptions, side: Side): Promise<StandingGuest> {
    const { transport, system, random } = options;
    let guest: StandingGuest | undefined;
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
      // It may have been switched off by hand; where it is on, this says so and changes nothing.
      await tools.run("pfctl", ["-q", "-e"]);
      const kernel = (await tools.run("perl", ["-e", "print $^O"])).stdout;
      const emulated = kernel === "linux";
      const entries = await Promise.all(
        HOSTS.map(async (name): Promise<[HostName, GuestHost]> => {
          const host = await start(name);
          started.push(host);
          const address = (family: Family) => addressOf(guest?.side ?? side, name, family);
          // Only Linux asks for leave to accept what was meant for others.
          return [
            name,
            Object.assign(host, { address }, name === "firewall" && emulated ? acceptingDiverted(host) : {}),
          ];
        }),
      );
      const hosts = Object.fromEntries(entries) as Record<HostName, GuestHost>;
      guest = new StandingGuest(options, { hosts, tools, emulated, side });
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

  /** Settles when client and server sit where this side wants them. */
  async turn(side: Side): Promise<void> {
    if (this.#side === side) return;
    // The interfaces are made anew: whoever watches the old ones sees nothing any more.
    await this.#captures?.stop();
    await topology(this.tools, ["up", side]);
    await this.#capture();
    this.#side = side;
  }

  /** Tells the guest's clock from the runner's anew: clocks of virtual machines wander. */
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

  /** How long players' hosts try to connect. The firewall's own programs have the kernel's patience. */
  limitConnects(limitMs: number): void {
    for (const [name, host] of Object.entries(this.hosts)) if (name !== "firewall") host.connectLimitMs = limitMs;
  }

  /** The firewall's real pfctl, as root. */
  pfctl(args: readonly string[], stdin = ""): Promise<ProcessResult> {
    return this.tools.run("pfctl", args, { stdin });
  }

  /** Asks every agent for a word: one that has gone unnoticed is noticed. */
  async rouse(): Promise<void> {
    const agents = [this.tools, ...Object.values(this.hosts)];
    await Promise.allSettled(agents.map((agent) => agent.time()));
    for (const { name, gone } of agents) if (gone !== undefined) this.lose(`${name}: ${gone}`);
  }

  /** Calls when the guest is lost; at once if it is. Answers how to take the wish back. */
  onLost(handler: (why: string) => void): () => void {
    if (this.lost !== undefined) handler(this.lost);
    else this.#losers.add(handler);
    return () => void this.#losers.delete(handler);
  }

  lose(why: string): void {
    if (this.#closing || this.lost !== undefined) return;
    this.lost = why;
    for (const tell of this.#losers) tell(why);
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

function acceptingDiverted(host: AgentHost): Pick<AgentHost, "listen"> {
  const listen = host.listen.bind(host);
  return { listen: (options, onConnection) => listen({ ...options, transparent: true }, onConnection) };
}

async function topology(tools: AgentHost, args: readonly string[]): Promise<void> {
  const { status, stdout, stderr } = await tools.run("sh", [TOPOLOGY, ...args]);
  if (status === 0) return;
  const said = `${stdout}${stderr}`.trim().split("\n").at(-1);
  throw new UnreachableError(`has no topology: sh ${[TOPOLOGY, ...args].join(" ")}: ${said || `status ${status}`}`);
}

/** The same addresses as in netns and in the simulator. */
function addressOf(side: Side, host: HostName, family: Family): string {
  const outside = (network: string | undefined) =>
    host === "firewall" ? network === "outside" : network !== undefined;
  const device = devices(side).find((one) => one.host === host && outside(one.network));
  const inet6 = family === "inet6";
  return device?.addresses.find((address) => address.includes(":") === inet6)?.split("/")[0] ?? "";
}
