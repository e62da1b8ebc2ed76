/**
 * A proxy that is a process on the lab's firewall: started, read line by line, awaited until it listens, and ended with
 * its whole process group. A program that ends by itself, or never listens, is reported with the last of its output.
 *
 * @example
 * const running = await startOnFirewall(lab, { name: "mine", command: "./mine -p 8021", line: ["sh", "-c", …], at });
 * await running.stop();
 */

import type { Endpoint, LogLevel, Process } from "../../../proxy/host.ts";
import type { Lab, LabHost } from "../../contract/lab.ts";
import type { RunningSubject } from "../../contract/subject.ts";

export interface ProxyProgram {
  /** As messages name it. */
  readonly name: string;
  /** As the results show it. */
  readonly command: string;
  readonly line: readonly string[];
  /** Where it must listen. */
  readonly at: Endpoint;
  /** Of lines that do not say theirs. */
  readonly level: LogLevel;
}

/** The program has not begun to serve; the message has its last output and its command. */
export class ProxyNotStarted extends Error {
  override readonly name = "ProxyNotStarted";
}

/** For a program that is compiled as it is loaded, which takes half a second on an idle machine. */
const START_PATIENCE_MS = 15_000;
/** After SIGTERM. */
const STOP_PATIENCE_MS = 5_000;
const PAUSE_MS = 50;
const LAST_LINES = 5;

/** Rejects with ProxyNotStarted. */
export async function startOnFirewall(lab: Lab, program: ProxyProgram): Promise<RunningSubject> {
  const { name, command, at } = program;
  const host = lab.hosts.firewall;
  const { programs } = lab.firewall;
  if (programs === undefined) throw new Error(`${lab.name} runs no programs on its firewall`);
  const [file = "", ...args] = program.line;
  const running = await host.spawn(file, args);
  const said = followLog(host, running, program.level);
  let status: number | undefined;
  const exited = running.exited.then((code) => {
    status = code;
  });
  const begun = host.clock.now();
  const notStarted = (what: string) => new ProxyNotStarted(`${name} ${what}${said()} (command: ${command})`);
  while (!(await programs.listens(at))) {
    if (status !== undefined) {
      const hint = status === 0 ? "; it must stay in the foreground, as ftp-proxy -d does" : "";
      throw notStarted(`ended with status ${status} before it listened on ${at.address} port ${at.port}${hint}`);
    }
    if (host.clock.now() - begun > START_PATIENCE_MS) {
      running.kill("SIGKILL");
      const seconds = START_PATIENCE_MS / 1000;
      throw notStarted(`does not listen on ${at.address} port ${at.port} after ${seconds} s`);
    }
    await pause(host, PAUSE_MS);
  }
  if (status !== undefined) {
    running.kill("SIGKILL");
    throw notStarted(`ended with status ${status}, and another program listens on ${at.address} port ${at.port}`);
  }
  let stopped: Promise<void> | undefined;
  return {
    command,
    async gone() {
      if (stopped !== undefined) return undefined;
      // The agent may not have reported its end yet.
      if (!(await isAlive(host, running))) await exited;
      return status === undefined ? undefined : `${name} ended with status ${status} during the play${said()}`;
    },
    stop() {
      stopped ??= ended(host, running, exited);
      return stopped;
    },
  };
}

/** A process that has ended may still have its number, as a zombie. */
async function isAlive(host: LabHost, { pid }: Process): Promise<boolean> {
  const test = `kill -0 ${pid} 2>/dev/null && ! grep -qs '^State:.Z' /proc/${pid}/status`;
  return (await host.run("sh", ["-c", test])).status === 0;
}

/** SIGTERM to its process group, and SIGKILL to whoever ignores that. */
async function ended(host: LabHost, running: Process, exited: Promise<void>): Promise<void> {
  // Without "--", which dash takes for a process number.
  await host.run("sh", ["-c", `kill -TERM -${running.pid}`]);
  const late = await Promise.race([exited, pause(host, STOP_PATIENCE_MS).then(() => "late")]);
  if (late === undefined) return;
  host.log(4, `still running ${STOP_PATIENCE_MS / 1000} s after SIGTERM: killed`);
  running.kill("SIGKILL");
  await exited;
}

/** Each line becomes one of the firewall's log. Returns a function for the last ones, as the end of a message. */
function followLog(host: LabHost, running: Process, level: LogLevel): () => string {
  const rest = { stdout: "", stderr: "" };
  const last: string[] = [];
  running.onOutput((stream, bytes) => {
    const lines = (rest[stream] + Buffer.from(bytes).toString("utf8")).split("\n");
    rest[stream] = lines.pop() ?? "";
    for (const line of lines) {
      const parsed = parseLogLine(line, level);
      last.push(parsed.text);
      if (last.length > LAST_LINES) last.shift();
      host.log(parsed.level, parsed.text);
    }
  });
  return () => {
    const lines = [...last, rest.stderr || rest.stdout].filter((line) => line.trim() !== "");
    return lines.length === 0 ? "; it printed nothing" : `: ${lines.join("; ")}`;
  };
}

/** Source: syslog(3), from 2 on. */
const LEVELS = ["crit", "err", "warning", "notice", "info", "debug"] as const;

/** A line of `anchorage-ftp-proxy --json-log`, or any other one, which has the given level. */
function parseLogLine(line: string, level: LogLevel): { readonly level: LogLevel; readonly text: string } {
  if (!line.startsWith("{")) return { level, text: line };
  try {
    const parsed = JSON.parse(line) as {
      readonly level: (typeof LEVELS)[number];
      readonly session?: number;
      readonly text: string;
    };
    const place = LEVELS.indexOf(parsed.level);
    if (place < 0 || typeof parsed.text !== "string") return { level, text: line };
    const text = parsed.session === undefined ? parsed.text : `#${parsed.session} ${parsed.text}`;
    return { level: (place + 2) as LogLevel, text };
  } catch {
    return { level, text: line };
  }
}

const pause = (host: LabHost, milliseconds: number): Promise<void> =>
  new Promise((resolve) => void host.clock.after(milliseconds, resolve));
