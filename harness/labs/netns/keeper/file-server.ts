/**
 * The FTP server of a standing lab. `ftp-srv` comes with Anchorage and lets anybody in; the programs of
 * the catalogue's players (vsftpd, proftpd …) are found by their files' names at run time.
 *
 * @example
 * const server = await startFileServer("vsftpd", lab.hosts.server, folder);
 * await server.stop();
 */

import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Process } from "../../../../proxy/host.ts";
import type { LabHost, Need } from "../../../contract/lab.ts";
import { CONTROL_PORT } from "../../../contract/roles.ts";
import type { Family } from "../../../pf/packet.ts";

export interface FileServer {
  /** How to log in, for people. */
  readonly account: string;
  stop(): Promise<void>;
}

/** What there is to download. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  "hello.txt": Buffer.from("Hello from behind PF.\n"),
  "1M.bin": new Uint8Array(1024 * 1024).map((_, place) => (place * 31 + (place >> 8)) & 0xff),
};

const BUILT_IN = "ftp-srv";
const NOBODY = "none";
const PROGRAMS = new URL("../../../players/programs/", import.meta.url);
/** RFC 6335, section 6: the dynamic ports, as many as a person may need. */
const PASSIVE_PORTS = ["--pasv-min", "50000", "--pasv-max", "50999"];
const START_PATIENCE_MS = 10_000;
const STOP_PATIENCE_MS = 2_000;
const PAUSE_MS = 50;

/** As much of a server's player as is needed here (harness/contract/scenario.ts, Player). */
interface ServerPlayer {
  readonly needs: readonly Need[];
  take(host: LabHost, script: { readonly family: Family }): Promise<{ stop(): Promise<void> }>;
}
interface ServerProgram {
  readonly name: string;
  readonly command: string;
  readonly args: unknown;
}

/** What `--server` may say. */
export async function serverNames(): Promise<string[]> {
  const names = await Promise.all((await readdir(PROGRAMS)).map(async (file) => (await programIn(file))?.name));
  return [BUILT_IN, ...names.filter((name) => name !== undefined), NOBODY];
}

/** What the lab must carry for it. */
export const serverNeeds = async (name: string): Promise<readonly Need[]> =>
  name === NOBODY || name === BUILT_IN ? [] : (await playerOf(name)).needs;

export async function startFileServer(name: string, host: LabHost, folder: string): Promise<FileServer> {
  if (name === NOBODY) return { account: "", stop: async () => {} };
  return name === BUILT_IN ? startBuiltIn(host, folder) : startProgram(name, host);
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
      await Promise.race([Promise.all(processes.map(({ exited }) => exited)), pause(host, STOP_PATIENCE_MS)]);
      for (const one of processes) one.kill("SIGKILL");
    },
  };
}

async function startProgram(name: string, host: LabHost): Promise<FileServer> {
  const { USER, PASSWORD } = await load("account.ts");
  const { stop } = await (await playerOf(name)).take(host, { family: "inet" });
  return { account: `user ${USER}, password ${PASSWORD}; hello.txt to download`, stop };
}

async function playerOf(name: string): Promise<ServerPlayer> {
  const program = await programIn(`${name}.ts`);
  if (program === undefined) throw new Error(`no server is called "${name}"`);
  const { programServer } = await load("program-server.ts");
  return (programServer as (program: unknown, files: Record<string, string>) => ServerPlayer)(program, {
    "hello.txt": Buffer.from(FILES["hello.txt"] ?? []).toString(),
  });
}

const load = (file: string): Promise<Record<string, unknown>> => import(new URL(file, PROGRAMS).href);

/** A file of the players' is a server's if it exports one under the file's own name. */
async function programIn(file: string): Promise<ServerProgram | undefined> {
  if (!file.endsWith(".ts") || file.endsWith(".test.ts")) return undefined;
  const name = file.replace(/\.ts$/, "");
  const exported = Object.values((await import(pathToFileURL(join(PROGRAMS.pathname, file)).href)) as object);
  return exported.find((one): one is ServerProgram => isServer(one) && one.name === name);
}

const isServer = (value: unknown): value is ServerProgram =>
  typeof value === "object" && value !== null && "command" in value && "args" in value && "name" in value;

/** Until it greets; the last words of one that ends are its reason. */
async function answering(host: LabHost, address: string, server: Process): Promise<void> {
  let said = "";
  let ended = false;
  server.onOutput((_, bytes) => {
    said = (said + Buffer.from(bytes).toString("utf8")).slice(-500);
  });
  void server.exited.then(() => {
    ended = true;
  });
  const end = host.clock.now() + START_PATIENCE_MS;
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
