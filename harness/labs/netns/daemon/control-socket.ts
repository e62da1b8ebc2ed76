/**
 * The way of `pfctl`, `lab watch` and `lab log` to the daemon of a running lab: a Unix socket that only the lab's
 * user may use, with one question per connection. A question is one line of JSON, an answer is one or more.
 *
 * @example
 * // {"ask":"pfctl","args":["-sr"],"stdin":"","directory":"/root"}
 * // {"status":0,"stdout":"…","stderr":""}
 * for await (const line of ask(path, { ask: "log", follow: true })) print(line);
 */

import { chmodSync, readFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { readsStdin } from "../../../pf/pfctl/options.ts";
import type { CommandResult } from "../../../pf/pfctl.ts";

export type Question =
  /** `directory`: where relative names of files begin. */
  | {
      readonly ask: "pfctl";
      readonly args: readonly string[];
      readonly stdin: string;
      readonly directory: string;
    }
  | { readonly ask: "snapshot" }
  | { readonly ask: "log"; readonly follow: boolean };

/** Gives each line of its answer to `say`; the connection closes when it settles. `signal`: the asker has left. */
export type Answer = (question: Question, say: (line: unknown) => void, signal: AbortSignal) => Promise<void>;

/** The daemon does not answer: its words are for people. */
export class DaemonGone extends Error {
  override readonly name = "DaemonGone";
}

export function openControlSocket(path: string, answer: Answer): Promise<Server> {
  // The other end finishes its question and still waits for the answer.
  const server = createServer({ allowHalfOpen: true }, (socket) => serve(socket, answer));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve(server);
    });
  });
}

function serve(socket: Socket, answer: Answer): void {
  const gone = new AbortController();
  socket.on("error", () => {});
  socket.on("close", () => gone.abort());
  createInterface({ input: socket }).once("line", (line) => {
    const say = (one: unknown) => void socket.write(`${JSON.stringify(one)}\n`);
    const asked = async () => answer(JSON.parse(line) as Question, say, gone.signal);
    asked()
      .catch((error: unknown) => say({ error: error instanceof Error ? error.message : String(error) }))
      .finally(() => socket.end());
  });
}

/** The lines of the answer. Throws DaemonGone. */
export async function* ask(path: string, question: Question, signal?: AbortSignal): AsyncGenerator<unknown> {
  const socket = connect(path);
  const stop = () => socket.destroy();
  signal?.addEventListener("abort", stop, { once: true });
  let failure: NodeJS.ErrnoException | undefined;
  socket.on("error", (error) => {
    failure = error;
  });
  socket.write(`${JSON.stringify(question)}\n`);
  try {
    for await (const line of createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })) {
      const one = JSON.parse(line) as { readonly error?: unknown } | null;
      if (typeof one?.error === "string") throw new DaemonGone(one.error);
      yield one;
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    socket.destroy();
  }
  if (failure !== undefined && signal?.aborted !== true) throw new DaemonGone(wordsFor(failure));
}

/** Of an answer that is one line. */
export async function askOnce(path: string, question: Question): Promise<unknown> {
  for await (const line of ask(path, question)) return line;
  throw new DaemonGone("the lab's daemon ended before it answered");
}

/**
 * pfctl(8) of a running lab: the daemon's model answers. The daemon reads files, this process reads standard input.
 * Returns the exit status. Throws DaemonGone.
 */
export async function callPfctl(path: string, args: readonly string[]): Promise<number> {
  const stdin = readsStdin(args) ? readFileSync(0, "latin1") : "";
  const question = { ask: "pfctl", args, stdin, directory: process.cwd() } as const;
  const { status, stdout, stderr } = (await askOnce(path, question)) as CommandResult;
  process.stderr.write(stderr, "latin1");
  process.stdout.write(stdout, "latin1");
  return status;
}

function wordsFor({ code, message }: NodeJS.ErrnoException): string {
  if (code === "EACCES" || code === "EPERM") return "this lab is another user's: use sudo for root's";
  if (code === "ENOENT" || code === "ECONNREFUSED") return "the lab's daemon is gone";
  return message;
}
