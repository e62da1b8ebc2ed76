/**
 * A stand-in for an OpenBSD guest: network namespaces and a real sshd, where ifconfig, route, pfctl, rcctl and
 * others are served by the PF model in OpenBSD's formats. It lives in namespaces of its own, so nothing of it
 * remains once it has ended, whichever way; the machine's own /etc, /var and network are never touched.
 *
 * @example
 * const guest = await startGuest();
 * spawnSync("ssh", ["-F", guest.sshConfig, "openbsd-7.8", "doas", "-n", "pfctl", "-sr"]);
 * await guest.stop();
 */

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { loadKoffi } from "../../harness/labs/netns/system-calls.ts";
// @ts-expect-error: plain JavaScript
import { buildProxy } from "../../proxy/build.mjs";
import { ready, startMachine } from "./unshare.ts";

export interface Guest {
  /** ssh_config(5) that knows the guest under its name, for user vagrant. */
  readonly sshConfig: string;
  readonly name: string;
  /** Commands over ssh, as user vagrant; words are the remote shell's. */
  ssh(command: string, input?: string | Uint8Array): Promise<Finished>;
  /** Pulls the plug: what runs in it and every connection to it is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  readonly ended: Promise<void>;
}

export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const GUEST_NAME = "openbsd-7.8";
const NEEDED: Readonly<Record<string, string>> = {
  "/usr/sbin/sshd": "openssh-server",
  "/usr/bin/ssh": "openssh-client",
  "/usr/bin/perl": "perl-base",
  "/usr/sbin/nft": "nftables",
};
const BOOT_PATIENCE_MS = 30_000;

/** Why no guest can be made here; undefined: it can. */
export async function guestUnavailable(): Promise<string | undefined> {
  if (process.platform !== "linux") return "needs Linux";
  if (process.getuid?.() !== 0) return "needs root";
  for (const [path, packageName] of Object.entries(NEEDED)) {
    if (!existsSync(path)) return `needs ${path}: apt-get install ${packageName}`;
  }
  if (!existsSync("/dev/net/tun")) return "needs /dev/net/tun";
  return (await loadKoffi()) === undefined ? "needs the optional package koffi: npm install koffi" : undefined;
}

export async function startGuest(options: { readonly quiet?: boolean } = {}): Promise<Guest> {
  const missing = await guestUnavailable();
  if (missing !== undefined) throw new Error(`no stand-in guest here: ${missing}`);
  const folder = mkdtempSync(join(tmpdir(), "anchorage-stand-in-"));
  for (const key of ["host", "user"]) {
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "stand-in", "-f", join(folder, key)]);
  }
  const program = await bundle("boot.ts", join(folder, "boot.mjs"));
  const door = join(folder, "door");
  const settings = {
    root: join(folder, "root"),
    door,
    files: fileURLToPath(new URL("./files", import.meta.url)),
    proxy: await buildProxy(join(folder, "ftp-proxy.mjs")),
    authorizedKey: join(folder, "user.pub"),
    hostKey: join(folder, "host"),
  };
  const machine = startMachine(program, settings, { packages: import.meta.url, quiet: options.quiet === true });
  const ended = new Promise<void>((resolve) => machine.once("exit", () => resolve()));
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (outside) => relay(outside, door, sockets));
  const close = async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  void ended.then(close);
  try {
    await ready(machine, ended, BOOT_PATIENCE_MS);
    const port = await listening(server);
    const sshConfig = join(folder, "ssh_config");
    writeFileSync(join(folder, "known_hosts"), `[127.0.0.1]:${port} ${readFileSync(join(folder, "host.pub"), "utf8")}`);
    writeFileSync(sshConfig, configText(folder, port));
    return {
      sshConfig,
      name: GUEST_NAME,
      ended,
      ssh: (command, input = "") => finished("ssh", ["-F", sshConfig, GUEST_NAME, command], input),
      async kill() {
        machine.kill("SIGKILL");
        await ended;
        await close();
      },
      async stop() {
        machine.stdin?.end();
        await ended;
        await close();
      },
    };
  } catch (error) {
    machine.kill("SIGKILL");
    await ended;
    await close();
    throw error;
  }
}

/** A program of this folder with all that it imports, in one file. Answers its path. */
export async function bundle(entry: string, outfile: string): Promise<string> {
  await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    legalComments: "none",
  });
  return outfile;
}

/** As `vagrant ssh-config` prints it. */
const configText = (folder: string, port: number): string => `Host ${GUEST_NAME}
  HostName 127.0.0.1
  User vagrant
  Port ${port}
  UserKnownHostsFile ${folder}/known_hosts
  StrictHostKeyChecking yes
  PasswordAuthentication no
  IdentityFile ${folder}/user
  IdentitiesOnly yes
  LogLevel ERROR
`;

function relay(outside: Socket, door: string, sockets: Set<Socket>): void {
  const inside = connect({ path: door, allowHalfOpen: true });
  for (const [one, other] of [
    [outside, inside],
    [inside, outside],
  ] as const) {
    sockets.add(one);
    one.setNoDelay?.(true);
    one.on("error", () => other.destroy());
    one.on("close", () => {
      sockets.delete(one);
      other.destroy();
    });
  }
  outside.pipe(inside).pipe(outside);
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

/** Runs a program to its end. */
export function finished(command: string, args: readonly string[], input: string | Uint8Array = ""): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    child.stdout.on("data", (bytes: Buffer) => output.stdout.push(bytes));
    child.stderr.on("data", (bytes: Buffer) => output.stderr.push(bytes));
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    child.once("error", reject);
    child.once("close", (status) => {
      const text = (pieces: Buffer[]) => Buffer.concat(pieces).toString("utf8");
      resolve({ status: status ?? 1, stdout: text(output.stdout), stderr: text(output.stderr) });
    });
  });
}
