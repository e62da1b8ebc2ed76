/**
 * A Docker of the tests: a daemon with folders of its own, in a network namespace of its own, since it changes
 * forwarding and packet filters where it runs. It has the images of images/build.sh.
 *
 * @example
 * const docker = await startDocker(); // or why not
 * docker.env; // for programs that use it
 * await docker.stop();
 */

import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const BUILD = fileURLToPath(new URL("images/build.sh", import.meta.url));
const START_LIMIT_MS = 60_000;
const STEP_MS = 100;

export interface TestDocker {
  readonly env: Readonly<Record<string, string>>;
  /** Its network namespace, where it publishes ports. */
  readonly namespace: string;
  stop(): Promise<void>;
}

/** Why there can be none on this machine. */
export function whyNoDocker(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs root on Linux";
  for (const [program, packageName] of [
    ["dockerd", "docker.io"],
    ["docker", "docker.io"],
    ["mmdebstrap", "mmdebstrap"],
    ["ip", "iproute2"],
  ] as const) {
    const there = spawnSync("sh", ["-c", 'command -v "$1"', "sh", program], { stdio: "ignore" }).status === 0;
    if (!there) return `needs ${program}(8): apt-get install ${packageName}`;
  }
  return undefined;
}

export async function startDocker(): Promise<TestDocker> {
  const folder = mkdtempSync(join(tmpdir(), "anchorage-docker-"));
  const namespace = `anchorage-docker-${process.pid}`;
  const socket = join(folder, "docker.sock");
  const env = { DOCKER_HOST: `unix://${socket}` };
  await run("ip", ["netns", "add", namespace]);
  await run("ip", ["-n", namespace, "link", "set", "lo", "up"]);
  const folders = ["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")];
  const own = ["--host", env.DOCKER_HOST, "--pidfile", join(folder, "pid"), ...folders];
  const daemon = spawn("nsenter", [`--net=/run/netns/${namespace}`, "--", "dockerd", ...own], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  daemon.stderr.on("data", (bytes) => {
    said = (said + bytes).slice(-2_000);
  });
  const stop = async () => {
    await ends(daemon);
    await run("ip", ["netns", "del", namespace]);
    spawnSync("umount", ["--recursive", "--lazy", join(folder, "data"), join(folder, "exec")], { stdio: "ignore" });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answers(env, daemon, () => said);
    await run("sh", [BUILD, join(folder, "build")], { env: { ...process.env, ...env } });
    return { env, namespace, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function answers(env: Readonly<Record<string, string>>, daemon: ChildProcess, said: () => string): Promise<void> {
  const end = Date.now() + START_LIMIT_MS;
  while (spawnSync("docker", ["version"], { env: { ...process.env, ...env }, stdio: "ignore" }).status !== 0) {
    if (daemon.exitCode !== null || Date.now() > end) throw new Error(`dockerd does not answer: ${said()}`);
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

async function ends(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null) return;
  const gone = new Promise<void>((resolve) => void daemon.once("exit", () => resolve()));
  daemon.kill("SIGTERM");
  await gone;
}
