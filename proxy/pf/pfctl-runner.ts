/**
 * Ways to a pfctl(8): as a process on this host, or through a socket to a model that answers like one.
 * Over the socket, each call is one connection with one line of JSON there (`{"args":[…],"stdin":"…"}`) and
 * one back (`{"status":0,"stdout":"…","stderr":"…"}`).
 *
 * @example
 * const { stdout } = await limited(host, "/sbin/pfctl")(["-sA"], "");
 * // in a lab, the other end of `--pf-socket`:
 * answerPfctl(connection, async (args, stdin) => model.pfctl(args, stdin));
 */

import type { Connection, Endpoint, Host, ProcessResult } from "../host.ts";

/** Rejects only when aborted. */
export type PfctlRunner = (args: readonly string[], stdin: string, signal?: AbortSignal) => Promise<ProcessResult>;

function pfctlProcess(host: Host, command: string): PfctlRunner {
  return (args, stdin, signal) => host.run(command, args, { stdin, ...(signal && { signal }) });
}

/** Milliseconds before a pfctl is given up. Our own number: a load takes a few. */
const pfctlLimit = 10_000;

/** A program's name, or a way to a pfctl, with a limit: a pfctl that hangs ends with status 124 and reports it. */
export function limited(host: Host, pfctl: string | PfctlRunner = "pfctl"): PfctlRunner {
  const run = typeof pfctl === "string" ? pfctlProcess(host, pfctl) : pfctl;
  return async (args, stdin) => {
    const abort = new AbortController();
    const timer = host.clock.after(pfctlLimit, () => abort.abort());
    try {
      return await run(args, stdin, abort.signal);
    } catch {
      return { status: 124, stdout: "", stderr: `pfctl did not finish within ${pfctlLimit / 1000} s\n` };
    } finally {
      timer.cancel();
    }
  };
}

/** More than any ruleset of ours; a peer that sends more is not one of ours. */
const longestMessage = 1_048_576;

export function pfctlSocket(host: Host, endpoint: Endpoint): PfctlRunner {
  return (args, stdin, signal) =>
    new Promise((resolve, reject) => {
      const connection = host.connect({ address: endpoint.address, port: endpoint.port });
      const give = (result: ProcessResult) => {
        connection.handle({});
        connection.close();
        resolve(result);
      };
      const unreachable = (why: string) =>
        give({ status: 1, stdout: "", stderr: `pfctl: ${endpoint.address}: ${why}\n` });
      signal?.addEventListener("abort", () => {
        connection.reset();
        reject(new Error("pfctl over a socket was given up"));
      });
      readMessage(connection, (message) => give(asResult(message)), unreachable);
      connection.write(encode({ args, stdin }));
    });
}

/** The other end: answers one call and closes. */
export function answerPfctl(
  connection: Connection,
  pfctl: (args: readonly string[], stdin: string) => Promise<ProcessResult>,
): void {
  const fail = () => connection.reset();
  const answer = async (message: unknown) => {
    const call = message as { readonly args?: unknown; readonly stdin?: unknown };
    const args = Array.isArray(call.args) ? call.args.map(String) : [];
    connection.write(encode(await pfctl(args, String(call.stdin ?? ""))));
    connection.handle({});
    connection.close();
  };
  readMessage(connection, (message) => void answer(message).catch(fail), fail);
}

function readMessage(connection: Connection, take: (message: unknown) => void, fail: (why: string) => void): void {
  let text = "";
  const decoder = new TextDecoder();
  connection.handle({
    onData: (bytes) => {
      text += decoder.decode(bytes, { stream: true });
      const end = text.indexOf("\n");
      if (end < 0 && text.length <= longestMessage) return;
      try {
        take(JSON.parse(text.slice(0, end)));
      } catch {
        fail("not a valid answer");
      }
    },
    onEnd: () => fail("closed without an answer"),
    onClose: (error) => fail(error?.code ?? "closed without an answer"),
  });
}

function encode(message: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(message)}\n`);
}

function asResult(message: unknown): ProcessResult {
  const { status, stdout, stderr } = message as Partial<Record<keyof ProcessResult, unknown>>;
  return {
    status: typeof status === "number" ? status : 1,
    stdout: String(stdout ?? ""),
    stderr: String(stderr ?? ""),
  };
}
