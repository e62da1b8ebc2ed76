/**
 * A libvirt of the test's own, in namespaces of its own: its network, its machines, its files end with it, and
 * the machine's own /etc, /run, /var and network are never touched. Emulated, whether or not there is KVM.
 *
 * @example
 * const libvirt = await startLibvirt("/tmp/boxes");
 * await libvirt.run(["vagrant", "up"], { VAGRANT_HOME: … });
 * await libvirt.stop();
 */

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Finished } from "../guest.ts";

/** Programs, and Debian's packages that they are in. */
export const LIBVIRT_PROGRAMS: Readonly<Record<string, string>> = {
  "/usr/bin/qemu-system-x86_64": "qemu-system-x86",
  "/usr/bin/vagrant": "vagrant",
  "/usr/bin/virsh": "libvirt-clients",
  "/usr/sbin/dnsmasq": "dnsmasq-base",
  "/usr/sbin/iptables": "iptables",
  "/usr/sbin/libvirtd": "libvirt-daemon",
};

export interface Libvirt {
  /** A command where libvirt can be reached, with a VAGRANT_HOME of its own. */
  run(command: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished>;
  stop(): Promise<void>;
}

const START = fileURLToPath(new URL("./libvirt.sh", import.meta.url));

/** `folder` is for its disks. Rejects with what it said when it does not start. */
export async function startLibvirt(folder: string): Promise<Libvirt> {
  const pool = join(folder, "pool");
  const home = join(folder, "vagrant");
  for (const each of [pool, home]) mkdirSync(each, { recursive: true });
  // Vagrant's own file for all that a user starts: where disks are put.
  writeFileSync(
    join(home, "Vagrantfile"),
    `Vagrant.configure("2") { |config| config.vm.provider("libvirt") { |libvirt| libvirt.storage_pool_path = "${pool}" } }\n`,
  );
  const namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--propagation", "private"];
  const daemon = spawn("unshare", [...namespaces, "sh", START], { stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<void>((resolve) => daemon.once("exit", () => resolve()));
  let said = "";
  daemon.stderr.on("data", (bytes) => (said += bytes));
  const pid = await new Promise<string>((resolve, reject) => {
    daemon.stdout.on("data", (bytes) => resolve(String(bytes).trim()));
    void ended.then(() => reject(new Error(`libvirtd did not start: ${said}`)));
  });
  return {
    run: (command, env = {}) =>
      finishedWith(
        "nsenter",
        ["--target", pid, "--net", "--mount", "--pid", `--wd=${process.cwd()}`, "--", ...command],
        {
          ...process.env,
          ...env,
          VAGRANT_HOME: home,
          VAGRANT_DOTFILE_PATH: join(folder, "dot"),
          VAGRANT_CHECKPOINT_DISABLE: "1",
          VAGRANT_DEFAULT_PROVIDER: "libvirt",
        },
      ),
    async stop() {
      daemon.stdin.end();
      await ended;
    },
  };
}

function finishedWith(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env });
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => (output[stream] += text));
    }
    child.once("error", reject);
    child.once("close", (status) => resolve({ status: status ?? 1, ...output }));
  });
}
