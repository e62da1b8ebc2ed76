/**
 * The command `anchorage-ftp-proxy`: reads the arguments, goes into the background unless `-d`, starts
 * the privileged helper, gives up root and serves until a signal comes.
 *
 * @example
 * await main(process.argv.slice(2), fileURLToPath(import.meta.url));
 */

import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { type CommandLine, parseCommandLine } from "../command-line.ts";
import type { RunningProxy } from "../daemon.ts";
import { HelperFilter } from "../helper/helper-filter.ts";
import type { LogLevel } from "../host.ts";
import { type LongOptions, proxyChanges, takeLongOptions } from "../long-options.ts";
import { type ProxyOptions, type Resolver, ruleOptions } from "../options.ts";
import { fromStateTable, type OriginalDestination } from "../original-destination.ts";
import type { PacketFilter } from "../pf/packet-filter.ts";
import { PfctlPacketFilter } from "../pf/pfctl.ts";
import { pfctlSocket } from "../pf/pfctl-runner.ts";
import { StartProblem, startProgram } from "../program.ts";
import { visible } from "../visible.ts";
import {
  type Account,
  becomeForGood,
  findAccount,
  intoBackground,
  isRoot,
  openFilesLimit,
  reportReady,
  sessionsFor,
} from "./daemonize.ts";
import { runHelper, type StartedHelper, startHelper } from "./helper-process.ts";
import { jsonLine, LoggerPool } from "./log-output.ts";
import { NodeHost } from "./node-host.ts";

const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
/** Source: systemd, sd_listen_fds(3): the first passed descriptor. */
const firstPassedDescriptor = 3;

/** `script`: the file that node runs to start this program again. */
export async function main(args: readonly string[], script: string): Promise<number> {
  if (args[0] === "--privileged-helper") {
    await runHelper(JSON.parse(args[1] ?? "null"));
    return 0;
  }
  const taken = takeLongOptions(args, process.platform);
  if (taken.kind === "refused") return refuse(taken.stderr);
  const parsed = parseCommandLine(taken.rest);
  if (parsed.kind === "refused") return refuse(parsed.stderr);
  if (!parsed.options.foreground && process.env.ANCHORAGE_BACKGROUND === undefined) return intoBackground(args, script);
  return new Main(taken.options, script, parsed.options).run(taken.rest);
}

function refuse(stderr: string): number {
  process.stderr.write(stderr);
  return 1;
}

class Main {
  readonly #long: LongOptions;
  readonly #script: string;
  /** Where descriptors allow fewer than `-m`. */
  readonly #mostSessions: number | undefined;
  readonly #pool: LoggerPool | undefined;
  readonly #host: NodeHost;
  #helper: (StartedHelper & { readonly filter: HelperFilter }) | undefined;
  #account: Account | undefined;
  #finish: (status: number) => void = () => {};
  #proxy: RunningProxy | undefined;

  constructor(long: LongOptions, script: string, { foreground, maxSessions }: CommandLine) {
    this.#long = long;
    this.#script = script;
    const most = sessionsFor(openFilesLimit() ?? Number.POSITIVE_INFINITY);
    this.#mostSessions = most < maxSessions ? most : undefined;
    this.#pool = foreground ? undefined : new LoggerPool("ftp-proxy", process.pid);
    const passed = process.env.LISTEN_PID === String(process.pid) ? firstPassedDescriptor : undefined;
    const listenDescriptor = long.listenDescriptor ?? passed;
    this.#host = new NodeHost({
      log: (level, text) => this.#log(level, text),
      ...(listenDescriptor !== undefined && { listenDescriptor }),
    });
  }

  async run(args: readonly string[]): Promise<number> {
    const finished = new Promise<number>((resolve) => {
      this.#finish = resolve;
    });
    for (const [name, number] of Object.entries(signals)) process.on(name, () => void this.#stop(number, 0));
    // A reader of the log that goes away must not end the sessions.
    process.stderr.on("error", () => {});
    // A fault of ours must not leave rules behind: log it, end every session, exit.
    process.on("uncaughtException", (error) => {
      this.#log(2, `internal error, ending: ${visible(error.stack ?? error.message)}`);
      void this.#stop(undefined, 1);
    });
    const outcome = await startProgram(args, {
      host: this.#host,
      resolver,
      pid: process.pid,
      prepare: (line) => this.#prepare(ruleOptions(line, this.#changes().rules)),
      enter: () => this.#enter(),
      changes: this.#changes(),
    });
    if (outcome.kind === "exited") {
      this.#helper?.process.stdin.end();
      process.stderr.write(outcome.stderr);
      return outcome.status;
    }
    this.#proxy = outcome.proxy;
    reportReady();
    const status = await finished;
    await this.#pool?.close();
    return status;
  }

  #changes(): Partial<ProxyOptions> {
    const maxSessions = this.#mostSessions;
    const originalDestination = this.#long.era === "divert-to" ? undefined : this.#lookup;
    return {
      ...proxyChanges(this.#long),
      ...(maxSessions !== undefined && { maxSessions }),
      ...(originalDestination && { originalDestination }),
    };
  }

  readonly #lookup: OriginalDestination = (client) => {
    if (this.#helper !== undefined) return this.#helper.filter.originalDestination(client);
    const { pfSocket, pfctl } = this.#long;
    return fromStateTable(this.#host, pfSocket ? pfctlSocket(this.#host, pfSocket) : pfctl)(client);
  };

  /** Root is required only where the firewall needs it. */
  async #prepare(rules: ProxyOptions["rules"]): Promise<PacketFilter> {
    const { pfSocket, pfctl, user, oneByOne } = this.#long;
    if (pfSocket !== undefined) return new PfctlPacketFilter(this.#host, pfctlSocket(this.#host, pfSocket));
    if (!isRoot()) {
      if (pfctl === undefined) throw new StartProblem("needs to start as root");
      return new PfctlPacketFilter(this.#host, pfctl);
    }
    this.#account = findAccount(user);
    if (this.#account === undefined) {
      throw new StartProblem(`unknown user ${user}: create it (useradd --system ${user}), or name another with --user`);
    }
    const settings = { pid: process.pid, parent: "ftp-proxy", rules, pfctl: pfctl ?? "/sbin/pfctl", oneByOne };
    const helper = await startHelper(this.#host, this.#script, settings);
    this.#helper = {
      ...helper,
      filter: new HelperFilter(helper.process, this.#host.clock, (why) => this.#helperDied(why)),
    };
    return this.#helper.filter;
  }

  async #enter(): Promise<void> {
    const ready = await this.#helper?.ready;
    if (ready?.problem !== undefined) throw new StartProblem(ready.problem);
    for (const anchor of ready?.removed ?? [])
      this.#host.log(5, `removed the rules that a predecessor left in ${anchor}`);
    for (const warning of ready?.warnings ?? []) this.#host.log(3, warning);
    if (this.#mostSessions !== undefined) {
      this.#host.log(5, `open files allow only ${this.#mostSessions} sessions; raise the limit of this login class`);
    }
    if (this.#long.pidFile !== undefined) await this.#host.files.write(this.#long.pidFile, encodePid());
    if (this.#account !== undefined) becomeForGood(this.#account);
    process.chdir("/");
  }

  #helperDied(why: string): void {
    this.#log(3, `${why}; without it no rule can be changed, ending; rules left over go at the next start`);
    void this.#stop(undefined, 1);
  }

  async #stop(signal: number | undefined, status: number): Promise<void> {
    await this.#proxy?.stop(signal);
    this.#finish(status);
  }

  #log(level: LogLevel, text: string): void {
    const line = this.#long.jsonLog ? jsonLine(Date.now(), level, text) : text;
    if (this.#pool === undefined) process.stderr.write(`${line}\n`);
    else this.#pool.log(level, line);
  }
}

function encodePid(): Uint8Array {
  return new TextEncoder().encode(`${process.pid}\n`);
}

const resolver: Resolver = {
  addresses: async (name, family) => {
    try {
      const found = await lookup(name, { all: true, family: family === "inet" ? 4 : 6 });
      return found.map(({ address }) => address);
    } catch {
      return [];
    }
  },
  service: async (name) => {
    const services = readFileSync("/etc/services", "latin1");
    for (const line of services.split("\n")) {
      const [official, portAndProtocol, ...aliases] = line.replace(/#.*/, "").split(/\s+/);
      const port = /^(\d+)\/tcp$/.exec(portAndProtocol ?? "")?.[1];
      if (port !== undefined && [official, ...aliases].includes(name)) return Number(port);
    }
    return undefined;
  },
};
