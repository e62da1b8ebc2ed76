/** A program that the agent has started: three streams, signals, and how it ended. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { constants } from "node:os";
import { Debt, Outbox } from "./credit.ts";
import { Body, Fields, FRAME } from "./frame.ts";
import type { Line, Thing } from "./thing.ts";

const SIGKILL = 9;
const SIGNALS: Readonly<Record<number, NodeJS.Signals | undefined>> = { 1: "SIGHUP", 2: "SIGINT", 15: "SIGTERM" };

export class AgentProcessThing implements Thing {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #output: Outbox;
  readonly #debt: Debt;
  readonly #gone: Promise<void>;

  static start(line: Line, id: number, fields: Fields): void {
    const errorId = fields.u32();
    const [command = "", ...args] = fields.texts();
    const env = Object.fromEntries(fields.texts().map(splitVariable));
    // Detached: a process group of its own, which can be killed as a whole.
    const child = spawn(command, args, { stdio: "pipe", env: { ...process.env, ...env }, detached: true });
    const one = new AgentProcessThing(line, id, errorId, child);
    line.also(id, one);
  }

  private constructor(line: Line, id: number, errorId: number, child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#debt = new Debt((bytes) => line.send(FRAME.credit, id, new Body().u32(bytes)));
    let refused = false;
    const stream = (name: "stdout" | "stderr", streamId: number): [Outbox, Promise<void>] => {
      const outbox = new Outbox((bytes) => line.send(FRAME.data, streamId, bytes));
      const source = child[name];
      source.on("data", (bytes: Buffer) => {
        outbox.push(bytes);
        if (outbox.held > 0) source.pause();
      });
      const finished = new Promise<void>((resolve) => {
        source.on("close", () =>
          outbox.afterwards(() => {
            if (!refused) line.send(FRAME.end, streamId);
            resolve();
          }),
        );
      });
      return [outbox, finished];
    };
    const [output, outputDone] = stream("stdout", id);
    const [errors, errorsDone] = stream("stderr", errorId);
    this.#output = output;
    line.also(errorId, {
      take: (type, body) => {
        if (type !== FRAME.credit) return;
        errors.credit(new Fields(body).u32());
        if (errors.held === 0) child.stderr.resume();
      },
      drop: () => errors.drop(),
    });
    child.stdin.on("error", () => {});
    child.once("spawn", () => line.send(FRAME.started, id, new Body().u32(child.pid ?? 0)));
    this.#gone = new Promise((resolve) => {
      child.once("error", (error) => {
        if (child.pid !== undefined) return;
        refused = true;
        line.closed(errorId, error);
        line.closed(id, error);
        resolve();
      });
      child.once("exit", async (status, signal) => {
        await Promise.all([outputDone, errorsDone]);
        const code = status ?? 128 + (signal === null ? 0 : constants.signals[signal]);
        line.send(FRAME.exited, id, new Body().u32(code));
        line.closed(errorId);
        line.closed(id);
        resolve();
      });
    });
  }

  take(type: number, body: Uint8Array): void {
    const { stdin, stdout } = this.#child;
    switch (type) {
      case FRAME.data:
        // A program that does not read its input closes it: no matter.
        if (stdin.destroyed) this.#debt.add(body.length);
        else stdin.write(body, () => this.#debt.add(body.length));
        return;
      case FRAME.end:
        stdin.end();
        return;
      case FRAME.credit:
        this.#output.credit(new Fields(body).u32());
        if (this.#output.held === 0) stdout.resume();
        return;
      case FRAME.signal: {
        const [number = 0] = body;
        const name = SIGNALS[number];
        if (number === SIGKILL) this.#kill();
        else if (name !== undefined) this.#child.kill(name);
      }
    }
  }

  /** With the processes that it has started itself: servers have one for each session. */
  #kill(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // None of them is left.
    }
  }

  drop(): Promise<void> {
    this.#kill();
    // What it has written is no longer wanted, and a child in another session may hold the streams open.
    this.#output.drop();
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    return this.#gone;
  }
}

/** `NAME=value`. */
function splitVariable(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
