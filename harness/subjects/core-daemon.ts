/**
 * The proxy as the process that administrators run, `anchorage-ftp-proxy`, on the firewall. Where that is a model, its
 * pfctl goes there through a socket, and its log is read from standard error; elsewhere rc.d(8) starts it.
 *
 * @example
 * // anchorage run passive/pasv --lab netns --subject core-daemon
 */

import { fileURLToPath } from "node:url";
import type { LogLevel, Process } from "../../proxy/host.ts";
import type { Lab } from "../contract/lab.ts";
import type { RunningSubject, Subject } from "../contract/subject.ts";
import { packageFile, programWords } from "../package.ts";
import core, { commandLine } from "./core.ts";
import { startedService } from "./ftp-proxy.ts";

const PROXY = fileURLToPath(packageFile("bin/anchorage-ftp-proxy.mjs"));
const TRANSPARENT_PROXY = "harness/labs/netns/transparent-proxy.ts";
/** Source: ftp-proxy(8): the port where it listens by default. */
const PORT = 8021;
const LOOPBACK = { inet: "127.0.0.1", inet6: "::1" } as const;
/** For a Node program that is compiled as it is loaded, which takes half a second on an idle machine. */
const START_PATIENCE_MS = 15_000;

const coreDaemon: Subject = {
  name: "core-daemon",
  title: "anchorage-ftp-proxy, a process on the firewall",
  profile: core.profile,
  terminates: true,
  lacks(setup, lab) {
    return (lab.services === true ? undefined : lab.lacks("processes")) ?? core.lacks(setup, lab);
  },
  async start(lab, setup): Promise<RunningSubject> {
    if (lab.services !== undefined) return startedService(lab, lab.services, "core-daemon", setup);
    const { pfctlSocket } = lab.firewall;
    if (pfctlSocket === undefined) throw new Error(`${lab.name} has no socket for pfctl`);
    const args = commandLine(lab, setup);
    const command = `anchorage-ftp-proxy ${args.join(" ")}`;
    const socket = `--pf-socket=${pfctlSocket.address}:${pfctlSocket.port}`;
    const own = ["--json-log", socket, ...args];
    // Only diverted connections need a transparent listener.
    const line =
      setup.side === "reverse" || setup.era !== "divert-to" || args.includes("-b")
        ? [process.execPath, PROXY, ...own]
        : [...programWords(TRANSPARENT_PROXY), LOOPBACK[setup.family], String(PORT), ...own];
    const [program = "", ...rest] = line;
    const running = await lab.hosts.firewall.spawn(program, rest);
    await listening(lab, running, command);
    let stopped: Promise<unknown> | undefined;
    return {
      command,
      async stop() {
        if (stopped === undefined) running.kill("SIGTERM");
        stopped ??= running.exited;
        await stopped;
      },
    };
  },
};

/** Passes the log on line by line; resolves when the proxy says that it listens. */
function listening(lab: Lab, running: Process, command: string): Promise<void> {
  const host = lab.hosts.firewall;
  return new Promise((resolve, reject) => {
    const timer = host.clock.after(START_PATIENCE_MS, () => reject(new Error(`${command}: does not listen`)));
    let rest = "";
    let last = "";
    running.onOutput((_, bytes) => {
      const lines = (rest + Buffer.from(bytes).toString("utf8")).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const { level, text } = parseLogLine(line);
        last = text;
        host.log(level, text);
        if (!text.startsWith("listening on ")) continue;
        timer.cancel();
        resolve();
      }
    });
    void running.exited.then((status) => {
      timer.cancel();
      reject(new Error(`${command}: ended with status ${status}: ${last}`));
    });
  });
}

/** Source: syslog(3), from 2 on. */
const LEVELS = ["crit", "err", "warning", "notice", "info", "debug"] as const;

/** A line of `--json-log`. Any other line, such as one of a stack trace, counts as an error. */
function parseLogLine(line: string): { readonly level: LogLevel; readonly text: string } {
  try {
    const { level, session, text } = JSON.parse(line) as {
      readonly level: (typeof LEVELS)[number];
      readonly session?: number;
      readonly text: string;
    };
    const place = LEVELS.indexOf(level);
    return {
      level: (place < 0 ? 3 : place + 2) as LogLevel,
      text: session === undefined ? text : `#${session} ${text}`,
    };
  } catch {
    return { level: 3, text: line };
  }
}

export default coreDaemon;
