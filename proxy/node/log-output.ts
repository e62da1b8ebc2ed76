/**
 * Where the log goes: syslog(3) by way of logger(1), or JSON lines (`--json-log`).
 *
 * Node cannot open the kind of socket that /dev/log is, so one logger(1) per level is started when first
 * needed. Facility daemon, tag with pid. Lines of a logger that does not start or does not read are dropped.
 *
 * @example
 * new LoggerPool("ftp-proxy", 4711).log(6, "#1 client close");
 * jsonLine(0, 6, "#3 client close"); // {"time":"1970-01-01T00:00:00.000Z","level":"info","session":3,"text":"client close"}
 */

import { type ChildProcess, spawn } from "node:child_process";

/** Bytes held for one logger. Our own number. */
const mostPending = 1_048_576;

export class LoggerPool {
  readonly #tag: string;
  readonly #loggers = new Map<number, ChildProcess>();

  constructor(name: string, pid: number) {
    this.#tag = `${name}[${pid}]`;
  }

  log(level: number, text: string): void {
    const input = this.#logger(level).stdin;
    if (input === null || input.destroyed || input.writableLength > mostPending) return;
    input.write(`${text}\n`);
  }

  /** Resolves when every logger has read its lines. */
  async close(): Promise<void> {
    const ended = [...this.#loggers.values()].map(
      (logger) =>
        new Promise<void>((resolve) => {
          if (logger.exitCode !== null) resolve();
          logger.once("close", () => resolve());
          logger.stdin?.end();
        }),
    );
    await Promise.all(ended);
  }

  #logger(level: number): ChildProcess {
    const running = this.#loggers.get(level);
    if (running !== undefined) return running;
    const args = ["-t", this.#tag, "-p", `daemon.${levelName(level)}`];
    const logger = spawn("logger", args, { stdio: ["pipe", "ignore", "ignore"] });
    logger.on("error", () => {});
    logger.stdin.on("error", () => {});
    // A logger that was killed is started again for the next line.
    logger.once("close", () => this.#loggers.delete(level));
    this.#loggers.set(level, logger);
    return logger;
  }
}

/** Source: syslog(3). */
const levels = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"] as const;

export function levelName(level: number): string {
  return levels[level] ?? "debug";
}

export function jsonLine(milliseconds: number, level: number, text: string): string {
  const [, session, rest] = /^#(\d+) (.*)$/s.exec(text) ?? [];
  return JSON.stringify({
    time: new Date(milliseconds).toISOString(),
    level: levelName(level),
    ...(session !== undefined && { session: Number(session) }),
    text: rest ?? text,
  });
}
