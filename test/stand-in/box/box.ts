/**
 * A Vagrant box with the stand-in guest in it, made on this machine and packed as the boxes of vm/box are: a small
 * Debian that starts in QEMU, and that whoever comes by ssh takes for OpenBSD.
 *
 * @example
 * await makeBox("/tmp/boxes/stand-in.box");
 */

import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
// @ts-expect-error: plain JavaScript
import { buildProxy } from "../../../proxy/build.mjs";
import { bundle, finished } from "../guest.ts";

const VM_BOX = fileURLToPath(new URL("../../../vm/box", import.meta.url));

/** Programs, and Debian's packages that they are in. */
export const BOX_PROGRAMS: Readonly<Record<string, string>> = {
  "/usr/bin/mmdebstrap": "mmdebstrap",
  "/usr/bin/cpio": "cpio",
  "/usr/bin/mcopy": "mtools",
  "/usr/bin/qemu-img": "qemu-utils",
  "/usr/bin/syslinux": "syslinux",
  "/usr/lib/syslinux/mbr/mbr.bin": "syslinux-common",
  "/usr/sbin/mkfs.vfat": "dosfstools",
  "/usr/sbin/sfdisk": "fdisk",
  "/usr/sbin/modprobe": "kmod",
};

/** The package `koffi`, and the one with its binary. */
function copyKoffi(to: string): void {
  const place = createRequire(import.meta.url).resolve("koffi");
  const modules = place.slice(0, place.lastIndexOf("/node_modules/") + "/node_modules".length);
  for (const name of ["koffi", "@koromix"]) {
    if (existsSync(join(modules, name))) cpSync(join(modules, name), join(to, name), { recursive: true });
  }
}

/** Rejects with what the script that failed has said. */
export async function makeBox(box: string): Promise<void> {
  const folder = mkdtempSync(join(dirname(box), "box-"));
  try {
    const payload = join(folder, "payload");
    mkdirSync(join(payload, "node_modules"), { recursive: true });
    copyFileSync(process.execPath, join(payload, "node"));
    await bundle("boot.ts", join(payload, "boot.mjs"));
    await bundle("box/serve.ts", join(payload, "serve.mjs"));
    await buildProxy(join(payload, "ftp-proxy.mjs"));
    cpSync(fileURLToPath(new URL("../files", import.meta.url)), join(payload, "files"), { recursive: true });
    copyFileSync(join(VM_BOX, "vagrant.pub"), join(payload, "user.pub"));
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "stand-in", "-f", join(payload, "host")]);
    copyKoffi(join(payload, "node_modules"));
    const disk = join(folder, "disk.qcow2");
    await sh(fileURLToPath(new URL("./make.sh", import.meta.url)), payload, disk);
    await sh(join(VM_BOX, "pack.sh"), "libvirt", "openbsd", disk, box);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sh(script: string, ...args: readonly string[]): Promise<void> {
  const { status, stderr } = await finished("sh", [script, ...args]);
  if (status !== 0) throw new Error(`${script}: status ${status}\n${stderr.trim()}`);
}
