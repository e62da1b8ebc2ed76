/**
 * Boots a stand-in guest inside the namespaces that guest.ts has made for it: root, kernel, services, and a door
 * for ssh from outside. Says `ready` on standard output; the guest ends with this process, which ends with its input.
 */

import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import type { BootOptions } from "./boot-options.ts";
import { openLinux } from "./kernel/linux.ts";
import { GUEST_ADDRESS, Machine } from "./machine.ts";
import { makeRoot } from "./root.ts";
import { serveCommands } from "./server.ts";

const SSH_PORT = 22;
const SSHD = ["/usr/sbin/sshd", "-f", "/etc/ssh/sshd_config", "-E", "/var/log/authlog"];

async function boot(options: BootOptions): Promise<void> {
  const { root, door, port } = options;
  const linux = await openLinux();
  if (linux === undefined) throw new Error("needs Linux and the optional package koffi");
  makeRoot(root, options);
  const machine = new Machine(linux, root);
  await serveCommands(machine, join(root, "dev/stand-in"));

  /** A command of the guest's own, in rdomain 0. */
  const spawnInside = (command: readonly string[], stdio: StdioOptions): ChildProcess => {
    const reply = machine.execIn(0, ["/linux/usr/sbin/chroot", root, ...command]);
    // Not yet in the guest's root, where /linux is.
    const [program = "", ...args] = ("exec" in reply ? reply.exec : []).map((word) => word.replace(/^\/linux\//, "/"));
    return spawn(program, args, {
      stdio,
      env: { PATH: "/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin", HOME: "/" },
    });
  };
  /** As rc(8) does. */
  const start = (command: readonly string[]): Promise<number> =>
    new Promise((resolve) => {
      spawnInside(command, ["ignore", "inherit", "inherit"]).once("exit", (status) => resolve(status ?? 1));
    });
  if ((await start(["/bin/sh", "/usr/libexec/stand-in/rc"])) !== 0) throw new Error("rc does not come to its end");
  void start(["/usr/sbin/syslogd"]);
  if ((await start(["/sbin/pfctl", "-q", "-f", "/etc/pf.conf"])) !== 0) throw new Error("/etc/pf.conf does not load");
  if ((await start(SSHD)) !== 0) {
    throw new Error("sshd does not start");
  }

  const throughNetwork = createServer({ allowHalfOpen: true }, (outside) => {
    const inside = connect({ host: GUEST_ADDRESS, port: SSH_PORT, allowHalfOpen: true });
    outside.pipe(inside).pipe(outside);
    outside.on("error", () => inside.destroy());
    inside.on("error", () => outside.destroy());
    inside.on("close", () => outside.destroy());
    outside.on("close", () => inside.destroy());
  });
  const pastNetwork = createServer({ pauseOnConnect: true }, (outside) => {
    outside.on("error", () => {});
    spawnInside([...SSHD, "-i"], [outside, outside, "inherit"]).once("exit", () => outside.destroy());
  });
  if (door !== undefined) await new Promise<void>((resolve) => throughNetwork.listen(door, resolve));
  if (port !== undefined) await new Promise<void>((resolve) => pastNetwork.listen(port, "0.0.0.0", resolve));
  process.stdout.write("ready\n");
}

process.stdin.resume();
// Threads that wait for packets would keep an ordinary exit waiting.
process.stdin.once("end", () => process.kill(process.pid, "SIGKILL"));
try {
  await boot(JSON.parse(process.argv[2] ?? "{}") as BootOptions);
} catch (error) {
  process.stderr.write(`stand-in: ${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
}
