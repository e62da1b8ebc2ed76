/** A program that runs on an agent's host. */

import type { Process } from "../../proxy/host.ts";
import { RequestError } from "./agent-requests.ts";
import { Debt, Outbox } from "./credit.ts";
import { Body, Fields, FRAME } from "./frame.ts";
import type { Wire } from "./wire.ts";

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 } as const;
/** What a shell says of a program that is not there; here: of one whose agent is gone. */
const STATUS_UNKNOWN = 127;

type Output = Parameters<Process["onOutput"]>[0];

/** Rejects with RequestError (ENOENT, EACCES) when it cannot be started. */
export function runningProgram(
  host: Wire,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Process> {
  return new Promise((resolve, reject) => {
    let handler: Output | undefined;
    let early: { readonly stream: "stdout" | "stderr"; readonly bytes: Uint8Array }[] = [];
    let status = STATUS_UNKNOWN;
    let finish: (status: number) => void = () => {};
    const exited = new Promise<number>((settle) => {
      finish = settle;
    });
    const output = (stream: "stdout" | "stderr", streamId: () => number) => {
      const debt = new Debt((bytes) => host.send(FRAME.credit, streamId(), new Body().u32(bytes)));
      return (bytes: Uint8Array) => {
        debt.add(bytes.length);
        if (handler === undefined) early.push({ stream, bytes });
        else handler(stream, bytes);
      };
    };
    const [toOutput, toErrors] = [output("stdout", () => id), output("stderr", () => errorId)];
    const errorId = host.enter({ take: (type, body) => type === FRAME.data && toErrors(body), lost: () => {} });
    const id = host.enter({
      take(type, body) {
        if (type === FRAME.data) toOutput(body);
        else if (type === FRAME.credit) input.credit(new Fields(body).u32());
        else if (type === FRAME.exited) status = new Fields(body).u32();
        else if (type === FRAME.started) resolve(processOf(new Fields(body).u32()));
      },
      lost(code, message) {
        reject(new RequestError(code, message));
        finish(status);
      },
    });
    const input = new Outbox((bytes) => host.send(FRAME.data, id, bytes));
    const processOf = (pid: number): Process => ({
      pid,
      stdin: {
        write: (bytes) => input.push(bytes),
        end: () => input.afterwards(() => host.send(FRAME.end, id)),
      },
      onOutput(next) {
        handler = next;
        const missed = early;
        early = [];
        for (const { stream, bytes } of missed) next(stream, bytes);
      },
      exited,
      kill: (signal = "SIGTERM") => host.send(FRAME.signal, id, new Body().u8(SIGNALS[signal])),
    });
    const body = new Body().u32(errorId).u16(args.length + 1);
    for (const one of [command, ...args]) body.text(one);
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    body.u16(variables.length);
    for (const one of variables) body.text(one);
    host.send(FRAME.spawn, id, body);
  });
}
