/** A program that runs on an agent's host: three streams, signals, its exit status. */

import type { Process } from "../../../proxy/host.ts";
import { Debt, Outbox } from "../protocol/credit.ts";
import { Body, Fields, FRAME } from "../protocol/frame.ts";
import { type Channels, RequestError } from "./requests.ts";

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 } as const;
/** The exit status when the agent is gone; a shell has it for a program that is not there. */
const STATUS_UNKNOWN = 127;

type OutputHandler = Parameters<Process["onOutput"]>[0];

/** Rejects with RequestError (ENOENT, EACCES) when it cannot be started. */
export function spawnAt(
  agent: Channels,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Process> {
  return new Promise((resolve, reject) => {
    const output = new Output();
    let status = STATUS_UNKNOWN;
    let finish: (status: number) => void = () => {};
    const exited = new Promise<number>((settle) => {
      finish = settle;
    });
    const credit = (streamId: number) => (bytes: number) => agent.send(FRAME.credit, streamId, new Body().u32(bytes));
    const errorId = agent.open({
      receive(type, body) {
        if (type !== FRAME.data) return;
        errorDebt.add(body.length);
        output.add("stderr", body);
      },
      closed: () => {},
    });
    const id = agent.open({
      receive(type, body) {
        if (type === FRAME.data) {
          outputDebt.add(body.length);
          output.add("stdout", body);
        } else if (type === FRAME.credit) input.credit(new Fields(body).u32());
        else if (type === FRAME.exited) status = new Fields(body).u32();
        else if (type === FRAME.started) resolve(processOf(new Fields(body).u32()));
      },
      closed(code, message) {
        reject(new RequestError(code, message));
        finish(status);
      },
    });
    const [errorDebt, outputDebt] = [new Debt(credit(errorId)), new Debt(credit(id))];
    const input = new Outbox((bytes) => agent.send(FRAME.data, id, bytes));
    const processOf = (pid: number): Process => ({
      pid,
      stdin: {
        write: (bytes) => input.push(bytes),
        end: () => input.afterwards(() => agent.send(FRAME.end, id)),
      },
      onOutput: (handler) => output.give(handler),
      exited,
      kill: (signal = "SIGTERM") => agent.send(FRAME.signal, id, new Body().u8(SIGNALS[signal])),
    });
    agent.send(FRAME.spawn, id, spawnBody(errorId, [command, ...args], env));
  });
}

/** Both output streams; they are kept until there is a handler. */
class Output {
  #handler: OutputHandler | undefined;
  #early: Parameters<OutputHandler>[] = [];

  add(stream: "stdout" | "stderr", bytes: Uint8Array): void {
    if (this.#handler === undefined) this.#early.push([stream, bytes]);
    else this.#handler(stream, bytes);
  }

  give(handler: OutputHandler): void {
    this.#handler = handler;
    for (const [stream, bytes] of this.#early.splice(0)) handler(stream, bytes);
  }
}

function spawnBody(errorId: number, line: readonly string[], env: Readonly<Record<string, string>>): Body {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const body = new Body().u32(errorId);
  for (const list of [line, variables]) {
    body.u16(list.length);
    for (const one of list) body.text(one);
  }
  return body;
}
