/**
 * The stand-in guest as a whole machine's only service: boots it, and port 22 of this machine is the guest's.
 * Ends when the guest does. Its root is on this machine's disk, and so still there when it is started again.
 *
 * @example
 * // /stand-in/node /stand-in/serve.mjs /stand-in
 */

import { join } from "node:path";
import { ready, startMachine } from "../unshare.ts";

/** Emulated machines are slow. */
const PATIENCE_MS = 300_000;

const folder = process.argv[2] ?? "/stand-in";
const machine = startMachine(
  join(folder, "boot.mjs"),
  {
    root: join(folder, "root"),
    kept: true,
    port: 22,
    files: join(folder, "files"),
    proxy: join(folder, "ftp-proxy.mjs"),
    authorizedKey: join(folder, "user.pub"),
    hostKey: join(folder, "host"),
  },
  { packages: join(folder, "packages.mjs"), network: "shared" },
);
const ended = new Promise<void>((resolve) => machine.once("exit", () => resolve()));
await ready(machine, ended, PATIENCE_MS);
process.stdout.write("box: ready\n");
await ended;
process.exit(0);
