/**
 * The guest's own root: a folder with OpenBSD's paths, its mounts seen in the guest's mount namespace only. The
 * machine's programs and libraries shine through read-only below /linux, but only what OpenBSD's base has is in the PATH.
 *
 * @example
 * makeRoot("/tmp/stand-in/root", { files, release: "7.8", authorizedKey, hostKey });
 */

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { etc } from "./etc.ts";

export interface RootOptions {
  /** Folder of this test's own files. */
  readonly files: string;
  /** What people's ssh comes with, and what the guest answers with. */
  readonly authorizedKey: string;
  readonly hostKey: string;
  /** The proxy as one file: /usr/sbin/ftp-proxy is served by it. */
  readonly proxy: string;
  /** What is installed and configured is still there at the next boot; otherwise it goes with the guest. */
  readonly kept?: boolean;
}

/** Where the machine's own programs are looked for. */
const LINUX_PATHS = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/** Programs that OpenBSD's base has too, and whose Linux counterparts do for scripts. */
const BASE: Readonly<Record<string, string>> = {
  bin: "[ cat chgrp chmod cp csh date dd df domainname echo ed expr kill ln ls mkdir mv pax ps pwd rm rmdir sleep stty sync tar test",
  sbin: "chown nologin",
  "usr/bin":
    "awk basename cksum cmp comm cut diff dirname egrep env false fgrep find fold gunzip grep gzip head id install join less logger logname mkfifo mktemp more nc nice nohup nl od openssl patch paste perl printenv printf readlink renice rev scp sed sftp sort split ssh ssh-add ssh-agent ssh-keygen ssh-keyscan stat su tail tee time touch tr true tsort tty uniq uptime users uuencode wc which who whoami xargs yes zcat",
  "usr/sbin": "chroot sshd",
};

/** Served by the machine (server.ts). */
const SERVED: Readonly<Record<string, string>> = {
  bin: "hostname",
  sbin: "ifconfig mount pfctl route shutdown sysctl",
  "usr/bin": "netstat pgrep pkill uname",
  "usr/sbin": "pkg_add rcctl tcpdump",
};

const FOLDERS =
  "bin dev etc/rc.d etc/ssh home/vagrant/.ssh linux proc root run/sshd sbin sys tmp usr/bin usr/lib usr/libexec/stand-in usr/local/bin usr/local/sbin usr/local/lib usr/local/libexec usr/local/share usr/local/etc usr/sbin usr/share var/db/pkg var/empty var/log var/run/rc.d var/tmp var/mail var/cron var/www";
const DEVICES: readonly (readonly [name: string, major: number, minor: number])[] = [
  ["null", 1, 3],
  ["zero", 1, 5],
  ["random", 1, 8],
  ["urandom", 1, 9],
  ["tty", 5, 0],
];

/** Written last: this root has all that a new one has. */
const INSTALLED = "var/db/installed";
/** What rc(8) empties at boot. */
const FLEETING = ["tmp", "var/run", "run"];

export function makeRoot(root: string, options: RootOptions): void {
  mkdirSync(root, { recursive: true });
  if (options.kept !== true) run("mount", "-t", "tmpfs", "-o", "mode=755,size=512m", "stand-in", root);
  const installed = existsSync(join(root, INSTALLED));
  for (const folder of installed ? FLEETING : readdirSync(root)) rmSync(join(root, folder), { recursive: true });
  for (const folder of FOLDERS.split(" "))
    if (!installed || FLEETING.some((one) => `${folder}/`.startsWith(`${one}/`)))
      mkdirSync(join(root, folder), { recursive: true });
  for (const folder of ["tmp", "var/tmp"]) chmodSync(join(root, folder), 0o1777);
  mountSystem(root);
  if (!installed) install(root, options);
}

function mountSystem(root: string): void {
  run("mount", "--bind", "/", join(root, "linux"));
  run("mount", "-o", "remount,bind,ro", join(root, "linux"));
  run("mount", "-t", "proc", "proc", join(root, "proc"));
  run("mount", "-t", "tmpfs", "-o", "mode=755,size=1m", "dev", join(root, "dev"));
  for (const [name, major, minor] of DEVICES)
    run("mknod", "-m", "666", join(root, "dev", name), "c", `${major}`, `${minor}`);
  mkdirSync(join(root, "dev/pts"));
  run("mount", "-t", "devpts", "-o", "newinstance,ptmxmode=0666,mode=0620", "devpts", join(root, "dev/pts"));
  symlinkSync("pts/ptmx", join(root, "dev/ptmx"));
  for (const [name, fd] of Object.entries({ stdin: 0, stdout: 1, stderr: 2 }))
    symlinkSync(`/proc/self/fd/${fd}`, join(root, "dev", name));
  symlinkSync("/proc/self/fd", join(root, "dev/fd"));
}

function install(root: string, options: RootOptions): void {
  for (const library of ["lib", "lib64"])
    if (existsSync(`/${library}`)) symlinkSync(`/linux/${library}`, join(root, library));
  for (const library of ["usr/lib", "usr/share"]) {
    rmSync(join(root, library), { recursive: true });
    symlinkSync(`/linux/${library}`, join(root, library));
  }
  for (const [folder, names] of Object.entries(BASE)) {
    for (const name of names.split(" ")) {
      const found = onLinux(name);
      if (found !== undefined) symlinkSync(`/linux${found}`, join(root, folder, name));
    }
  }
  // OpenBSD's sh and ksh are one program, of which mksh is the nearest relative that Debian has.
  symlinkSync(`/linux${onLinux("mksh") ?? onLinux("dash") ?? "/bin/sh"}`, join(root, "bin/sh"));
  symlinkSync(`/linux${onLinux("mksh") ?? onLinux("bash") ?? "/bin/sh"}`, join(root, "bin/ksh"));

  const own = join(root, "usr/libexec/stand-in");
  cpSync(options.files, own, { recursive: true });
  copyFileSync(realpathSync(onLinux("perl") ?? "/usr/bin/perl"), join(own, "perl-as-root"));
  chmodSync(join(own, "perl-as-root"), 0o4755);
  symlinkSync("/usr/libexec/stand-in/doas.pl", join(root, "usr/bin/doas"));
  for (const [folder, names] of Object.entries(SERVED)) {
    for (const name of names.split(" ")) symlinkSync("/usr/libexec/stand-in/shim.pl", join(root, folder, name));
  }
  symlinkSync("/usr/libexec/stand-in/syslogd.pl", join(root, "usr/sbin/syslogd"));
  copyFileSync(options.proxy, join(own, "ftp-proxy.mjs"));
  writeFileSync(
    join(root, "usr/sbin/ftp-proxy"),
    `#!/bin/sh\nexec /linux${realpathSync(process.execPath)} /usr/libexec/stand-in/base-ftp-proxy.mjs "$@"\n`,
    { mode: 0o755 },
  );

  for (const [path, text] of Object.entries(etc())) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, {
      mode: path.startsWith("etc/rc.d/") && path !== "etc/rc.d/rc.subr" ? 0o555 : 0o644,
    });
  }
  copyFileSync(join(options.files, "rc.subr"), join(root, "etc/rc.d/rc.subr"));
  for (const file of ["pf.conf", "doas.conf", "master.passwd"]) chmodSync(join(root, "etc", file), 0o600);
  for (const file of ["services", "protocols"])
    if (existsSync(`/etc/${file}`)) symlinkSync(`/linux/etc/${file}`, join(root, "etc", file));
  copyFileSync(options.hostKey, join(root, "etc/ssh/ssh_host_ed25519_key"));
  chmodSync(join(root, "etc/ssh/ssh_host_ed25519_key"), 0o600);
  for (const [home, uid] of [
    ["home/vagrant", 1000],
    ["root", 0],
  ] as const) {
    mkdirSync(join(root, home, ".ssh"), { recursive: true, mode: 0o700 });
    writeFileSync(join(root, home, ".ssh/authorized_keys"), readFileSync(options.authorizedKey), { mode: 0o600 });
    for (const path of [home, `${home}/.ssh`, `${home}/.ssh/authorized_keys`]) chownSync(join(root, path), uid, uid);
  }
  chmodSync(join(root, "root"), 0o700);
  writeFileSync(join(root, INSTALLED), "");
}

/** The program's file on this machine, behind all symbolic links. */
function onLinux(name: string): string | undefined {
  const found = LINUX_PATHS.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
  return found === undefined ? undefined : realpathSync(found);
}

function run(command: string, ...args: readonly string[]): void {
  const result = spawnSync(command, args, { encoding: "utf8" });
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(" ")}: ${result.stderr?.trim() ?? result.error?.message}`);
}
