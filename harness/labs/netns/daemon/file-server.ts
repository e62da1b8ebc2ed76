/**
 * The FTP server of a running lab: `ftp-srv`, which comes with Anchorage and needs no account, or a server program of
 * the matrix (vsftpd, proftpd, ...).
 *
 * @example
 * const server = await startFileServer("vsftpd", lab.hosts.server, folder);
 * await server.stop();
 */

import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Process } from "../../../../proxy/host.ts";
import type { LabHost, Need } from "../../../contract/lab.ts";
import { CONTROL_PORT } from "../../../contract/roles.ts";
import { PASSWORD, USER } from "../../../players/programs/account.ts";
import { needsOf, type ServerProgram, startServerProgram } from "../../../players/programs/program-server.ts";
import { SERVERS } from "../../../players/programs/servers.ts";

export interface FileServer {
  /** How to log in; for people. */
  readonly account: string;
  stop(): Promise<void>;
}

/** The files to download. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  "hello.txt": Buffer.from("Hello from behind PF.\n"),
  "1M.bin": new Uint8Array(1024 * 1024).map((_, place) => (place * 31 + (place >> 8)) & 0xff),
};

const BUILT_IN = "ftp-srv";
const NO_SERVER = "none";
/** RFC 6335, section 6: the dynamic ports, as many as a person may need. */
const PASSIVE_PORTS = ["--pasv-min", "50000", "--pasv-max", "50999"];
const START_LIMIT_MS = 10_000;
const STOP_LIMIT_MS = 2_000;
const PAUSE_MS = 50;

/** The values of `--server`. */
export const serverNames = (): string[] => [BUILT_IN, ...SERVERS.map(({ name }) => name), NO_SERVER];

/** The needs that the lab must fulfil. */
export const serverNeeds = (name: string): readonly Need[] =>
  name === NO_SERVER || name === BUILT_IN ? [] : needsOf(programCalled(name));

export async function startFileServer(name: string, host: LabHost, folder: string): Promise<FileServer> {
  if (name === NO_SERVER) return { account: "", stop: async () => {} };
  if (name === BUILT_IN) return startBuiltIn(host, folder);
  const files = { "hello.txt": Buffer.from(FILES["hello.txt"] ?? []).toString() };
  const { stop } = await startServerProgram(host, programCalled(name), files, "inet");
  return { account: `user ${USER}, password ${PASSWORD}; hello.txt to download`, stop };
}

function programCalled(name: string): ServerProgram {
  const program = SERVERS.find((one) => one.name === name);
  if (program === undefined) throw new Error(`no server is called "${name}"; there are ${serverNames().join(", ")}`);
  return program;
}

async function startBuiltIn(host: LabHost, folder: string): Promise<FileServer> {
  const root = join(folder, "files");
  await mkdir(root);
  for (const [name, bytes] of Object.entries(FILES)) await writeFile(join(root, name), bytes);
  const script = createRequire(import.meta.url).resolve("ftp-srv/bin/index.js");
  const processes = await Promise.all(
    (["inet", "inet6"] as const).map(async (family) => {
      const address = host.address(family);
      const authority = `${family === "inet" ? address : `[${address}]`}:${CONTROL_PORT}`;
      const args = [script, `ftp://${authority}`, "--root", root, "--pasv-url", address, ...PASSIVE_PORTS];
      const running = await host.spawn(process.execPath, args);
      await answering(host, address, running);
      return running;
    }),
  );
  return {
    account: `any name and password; ${Object.keys(FILES).join(" and ")} to download`,
    async stop() {
      for (const one of processes) one.kill("SIGTERM");
      await Promise.race([Promise.all(processes.map(({ exited }) => exited)), pause(host, STOP_LIMIT_MS)]);
      for (const one of processes) one.kill("SIGKILL");
    },
  };
}

/** Waits until it accepts connections. Rejects with the last output of a server that ended. */
async function answering(host: LabHost, address: string, server: Process): Promise<void> {
  let said = "";
  let ended = false;
  server.onOutput((_, bytes) => {
    said = (said + Buffer.from(bytes).toString("utf8")).slice(-500);
  });
  void server.exited.then(() => {
    ended = true;
  });
  const end = host.clock.now() + START_LIMIT_MS;
  while (!(await connects(host, address))) {
    if (ended || host.clock.now() > end)
      throw new Error(`the FTP server at ${address} does not answer: ${said.trim()}`);
    await pause(host, PAUSE_MS);
  }
}

const connects = (host: LabHost, address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const connection = host.connect({ address, port: CONTROL_PORT });
    connection.handle({
      onConnect() {
        resolve(true);
        connection.reset();
      },
      onClose: () => resolve(false),
    });
  });

const pause = (host: LabHost, milliseconds: number): Promise<void> =>
  new Promise((resolve) => void host.clock.after(milliseconds, resolve));
