/**
 * Programs of a simulated host: functions that get arguments, standard input and output, and answer
 * an exit status. `run` and `spawn` of the Host start them by name.
 *
 * @example
 * host.install("pfctl", ({ args, input, write }) => { write("stdout", "rules\n"); return 0; });
 */

import type { Process, ProcessResult, RunOptions } from "../../../proxy/host.ts";
import type { VirtualClock } from "../../net/time/clock.ts";

export type Signal = "SIGTERM" | "SIGKILL" | "SIGINT" | "SIGHUP";
/** signal(3). */
const SIGNAL_NUMBER: Readonly<Record<Signal, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
/** sh(1): the command was not found. */
const NOT_FOUND = 127;

export interface ProgramCall {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** All of standard input, once it has ended. */
  readonly input: Promise<Uint8Array>;
  /** Standard input piece by piece, from the first byte on. */
  onInput(handler: (bytes: Uint8Array) => void): void;
  write(stream: "stdout" | "stderr", text: string | Uint8Array): void;
  /** Without a handler a signal ends the program; SIGKILL always does. */
  onSignal(handler: (signal: Signal) => void): void;
}

/** Answers the exit status. An error is printed on stderr, and the status is 1. */
export type Program = (call: ProgramCall) => number | Promise<number>;

export interface StartedProgram {
  readonly process: Process;
  readonly result: Promise<ProcessResult>;
}

/** Starts the program after `startMs` of virtual time. */
export function startProgram(parts: {
  readonly clock: VirtualClock;
  readonly pid: number;
  readonly command: string;
  readonly program: Program | undefined;
  readonly args: readonly string[];
  readonly options: RunOptions;
  readonly startMs: number;
}): StartedProgram {
  const { clock, program, command, args, options } = parts;
  const output = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const outputHandlers: ((stream: "stdout" | "stderr", bytes: Uint8Array) => void)[] = [];
  const input: Uint8Array[] = [];
  const inputHandlers: ((bytes: Uint8Array) => void)[] = [];
  const signalHandlers: ((signal: Signal) => void)[] = [];
  let endInput: (bytes: Uint8Array) => void;
  const wholeInput = new Promise<Uint8Array>((resolve) => {
    endInput = resolve;
  });
  let exit: (status: number) => void;
  let running = true;
  const exited = new Promise<number>((resolve) => {
    exit = (status) => {
      running = false;
      resolve(status);
    };
  });

  const feed = (bytes: Uint8Array): void => {
    input.push(bytes);
    for (const handler of inputHandlers) handler(bytes);
  };
  const write = (stream: "stdout" | "stderr", text: string | Uint8Array): void => {
    if (!running) return;
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    output[stream].push(bytes);
    for (const handler of outputHandlers) handler(stream, bytes);
  };
  const call: ProgramCall = {
    args,
    env: options.env ?? {},
    input: wholeInput,
    onInput(handler) {
      inputHandlers.push(handler);
      for (const bytes of input) handler(bytes);
    },
    write,
    onSignal: (handler) => void signalHandlers.push(handler),
  };
  const begin = async (): Promise<void> => {
    if (program === undefined) {
      write("stderr", `sh: ${command}: not found\n`);
      exit(NOT_FOUND);
      return;
    }
    try {
      exit(await program(call));
    } catch (error) {
      write("stderr", `${command}: ${error instanceof Error ? error.message : String(error)}\n`);
      exit(1);
    }
  };
  clock.after(parts.startMs, () => void (running && begin()));

  const process: Process = {
    pid: parts.pid,
    stdin: { write: feed, end: () => endInput(Buffer.concat(input)) },
    onOutput: (handler) => void outputHandlers.push(handler),
    exited,
    kill(signal = "SIGTERM") {
      if (signal === "SIGKILL" || signalHandlers.length === 0) exit(128 + SIGNAL_NUMBER[signal]);
      else for (const handler of signalHandlers) handler(signal);
    },
  };
  if (options.stdin !== undefined) {
    feed(typeof options.stdin === "string" ? new TextEncoder().encode(options.stdin) : options.stdin);
    process.stdin.end();
  }
  const result = exited.then((status) => ({ status, stdout: text(output.stdout), stderr: text(output.stderr) }));
  return { process, result: untilAborted(result, process, options.signal) };
}

/** An abort kills the program and rejects with the signal's reason. */
function untilAborted<T>(result: Promise<T>, process: Process, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return result;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => {
      process.kill("SIGKILL");
      reject(signal.reason);
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

const text = (parts: readonly Uint8Array[]): string => new TextDecoder().decode(Buffer.concat(parts));
