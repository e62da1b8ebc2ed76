/**
 * Resident memory of the shipped program: the bundle as a separate process, with 500 sessions, idle and after 40
 * lines in each. true(1) replaces pfctl. As root the privileged helper runs, too.
 *
 * @example
 * const measurements = await residentMemory(server.port, 3);
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
// @ts-expect-error: a plain script without types
import { buildProxy } from "../../proxy/build.mjs";
import { type Measurement, summarise } from "../measure.ts";
import { type Asking, dial } from "./bench-process.ts";

const sessions = 500;
const lines = 40;

export async function residentMemory(serverPort: number, rounds: number): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), "bench-proxy."));
  const [idle, busy, helper]: [number[], number[], number[]] = [[], [], []];
  try {
    const script = (await buildProxy(join(folder, "ftp-proxy.mjs"))) as string;
    for (let round = 0; round < rounds; round++) {
      const port = await freePort();
      const proxy = await startShipped(script, port, serverPort);
      const clients: Asking[] = [];
      for (let made = 0; made < sessions; made++) clients.push(await dial(port));
      for (const client of clients) await client.ask("NOOP\r\n");
      idle.push(residentMegabytes(proxy.pid));
      for (let count = 0; count < lines; count++) await Promise.all(clients.map((client) => client.ask("NOOP\r\n")));
      busy.push(residentMegabytes(proxy.pid));
      for (const child of childrenOf(proxy.pid)) helper.push(residentMegabytes(child));
      await Promise.all(clients.map((client) => client.close()));
      proxy.kill();
      await once(proxy, "exit");
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return [
    summarise(`resident with ${sessions} idle sessions, the shipped program`, "MB", idle),
    summarise(`resident after ${lines} lines in each`, "MB", busy),
    ...(helper.length > 0 ? [summarise("resident then, its helper", "MB", helper)] : []),
  ];
}

/** A user whom every system has: the helper's account does not matter here. */
async function startShipped(script: string, port: number, serverPort: number): Promise<ChildProcess> {
  const reverse = ["-R", "127.0.0.1", "-P", String(serverPort), "-p", String(port)];
  const args = ["-d", "-m", String(sessions), ...reverse, "--pfctl", "true", "--user", "nobody"];
  const proxy = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  await new Promise<void>((resolve, reject) => {
    let said = "";
    proxy.stderr.on("data", (bytes) => {
      said += bytes;
      if (said.includes("listening on")) resolve();
    });
    proxy.once("exit", () => reject(new Error(`the proxy does not start: ${said}`)));
  });
  return proxy;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, "close");
  return port;
}

function residentMegabytes(pid: number | undefined): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
  return Number(kilobytes) / 1024;
}

function childrenOf(pid: number | undefined): readonly number[] {
  const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
  return listed === "" ? [] : listed.split(" ").map(Number);
}
