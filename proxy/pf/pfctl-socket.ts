/**
 * pfctl(8) through a socket, for labs whose firewall is a model in another process: one connection per
 * call, one line of JSON there (`{"args":[…],"stdin":"…"}`), one back (`{"status":0,"stdout":"…","stderr":"…"}`).
 *
 * @example
 * const packetFilter = new PfctlPacketFilter(host, pfctlSocket(host, { address: "127.0.0.1", port: 7001 }));
 * // in the lab:
 * answerPfctl(connection, async (args, stdin) => model.pfctl(args, stdin));
 */

import type { Connection, Endpoint, Host, ProcessResult } from "../host.ts";
import type { PfctlRunner } from "./pfctl-runner.ts";

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
        fail("not an answer of ours");
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
