/**
 * provision.sh of both systems, command by command: whichever fails, the next run does what that one has not. The
 * system's commands are a script that keeps a log and remembers; the files are in a mount namespace of the run's own.
 */

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const VM = fileURLToPath(new URL("./", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "anchorage-provision-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const COMMANDS =
  "chown df doas id ifconfig kldload mount node pfctl pkg pkg_add rcctl route service sysctl sysrc uname useradd";
/** Each answers as on a fresh machine until the one that changes it has come through. */
const COMMAND = `#!/bin/sh
call="\${0##*/} $*"
echo "$call" >>"$LOG"
[ "$call" != "$FAILS" ] || exit 1
has() { grep -qxF "$1" "$DONE" 2>/dev/null; }
case $call in
"uname -s")			echo "$SYSTEM" ;;
"id -u")			echo 0 ;;
"id _ftp_proxy")		has _ftp_proxy || exit 1 ;;
useradd*)			echo _ftp_proxy >>"$DONE" ;;
"route -n get default")		echo "  interface: vio0" ;;
"ifconfig -g management")	! has management || echo vio0 ;;
"ifconfig vio0")		! has management || printf '\\tgroups: management egress\\n' ;;
"ifconfig vio0 group management") echo management >>"$DONE" ;;
"ifconfig pflog0")		has pflog0 || exit 1 ;;
"ifconfig pflog0 create")	echo pflog0 >>"$DONE" ;;
df*)				printf 'Filesystem Size Used Avail Capacity Mounted\\n/dev/sd0a 1 1 1 50%% /\\n' ;;
"mount ")			has wxallowed && echo "/dev/sd0a on / type ffs (local, wxallowed)" ||
				echo "/dev/sd0a on / type ffs (local)" ;;
"mount -u -o wxallowed "*)	echo wxallowed >>"$DONE" ;;
"sysctl -n "*)			has "$3=1" && echo 1 || echo 0 ;;
"sysctl -q "*)			shift; printf '%s\\n' "$@" >>"$DONE" ;;
pkg*perl5)			ln -s "$0" /usr/local/bin/perl ;;
pkg*node*)			ln -s "$0" /usr/local/bin/node ;;
"pfctl -s info")		has pf && echo "Status: Enabled" || echo "Status: Disabled" ;;
"pfctl -q -e")			echo pf >>"$DONE" ;;
esac
`;

const ERA = { OpenBSD: "divert-to", FreeBSD: "rdr-anchor" } as const;
type System = keyof typeof ERA;

/** In its namespace the run has the folder's etc, local and log for its own. */
const RUN = `mount --bind "$1/etc" /etc && mount --bind "$1/local" /usr/local && mount --bind "$1/log" /var/log &&
PATH=$1/commands:$PATH exec sh "$1/vm/$2/provision.sh" --era "$3"`;

const unshare = ["--mount", "--propagation", "private", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"])];
const possible = spawnSync("unshare", [...unshare, "mount", "--bind", home, home]).status === 0;

class Machine {
  readonly #folder: string;
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
    this.#folder = mkdtempSync(join(home, "machine-"));
    const at = (name: string) => join(this.#folder, name);
    for (const folder of ["etc/rc.d", "local/bin", "local/libexec", "log", "commands", "vm"])
      mkdirSync(at(folder), { recursive: true });
    for (const part of [system.toLowerCase(), "agent", `pf/${ERA[system]}/forward.conf`])
      cpSync(join(VM, part), at(`vm/${part}`), { recursive: true });
    writeFileSync(at("vm/ftp-proxy.mjs"), "");
    for (const name of COMMANDS.split(" ")) writeFileSync(at(`commands/${name}`), COMMAND, { mode: 0o755 });
    const files = {
      passwd: "root:x:0:0::/root:/bin/sh\n",
      group: "wheel:x:0:\n",
      fstab: "/dev/sd0a / ffs rw 1 1\n",
      "pf.conf": "pass\n",
      "syslog.conf": "*.err\t/var/log/messages\n",
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(at(`etc/${name}`), text);
    // Where this machine's own programs find libraries and each other.
    for (const name of ["ld.so.cache", "alternatives"])
      if (existsSync(`/etc/${name}`))
        cpSync(`/etc/${name}`, at(`etc/${name}`), { recursive: true, verbatimSymlinks: true });
  }

  /** What was called, in this order. The command that `fails` exits 1 and does nothing. */
  provision(fails = "-") {
    const log = join(this.#folder, "called");
    writeFileSync(log, "");
    const args = [this.#folder, this.#system.toLowerCase(), ERA[this.#system]];
    const { status, stdout, stderr } = spawnSync("unshare", [...unshare, "sh", "-c", RUN, "run", ...args], {
      encoding: "utf8",
      env: { ...process.env, LOG: log, DONE: join(this.#folder, "done"), SYSTEM: this.#system, FAILS: fails },
    });
    // Names of scratch files are new each time.
    const called = readFileSync(log, "utf8").replaceAll(/\/tmp\/provision\.\w+/g, "SCRATCH");
    return { status, stdout, stderr, called: called.trimEnd().split("\n") };
  }
}

describe.skipIf(!possible).each(["OpenBSD", "FreeBSD"] as const)(
  `%s's provision.sh${possible ? "" : ": not run, needs unshare(1) and mounts of its own"}`,
  // Each runs it twice, a hundred small programs.
  { timeout: 120_000 },
  (system) => {
    const first = possible ? new Machine(system).provision() : { status: 0, called: [], stdout: "", stderr: "" };

    test("comes to its end, and has loaded the rules and told syslogd", () => {
      expect(first).toMatchObject({ status: 0, stderr: "", stdout: expect.stringMatching(/provision: ready\n$/) });
      expect(first.called).toContain(system === "OpenBSD" ? "pfctl -f /etc/pf.conf" : "pfctl -q -f /etc/pf.conf");
      expect(first.called).toContain(system === "OpenBSD" ? "rcctl reload syslogd" : "service syslogd onereload");
    });

    test("changes nothing a second time", () => {
      const machine = new Machine(system);
      machine.provision();
      expect(machine.provision()).toMatchObject({ status: 0, stderr: "", stdout: "provision: ready\n" });
    });

    test.each([...new Set(first.called)].filter((call) => !call.includes("SCRATCH")))(
      "does a second time what failed the first: %s",
      (call) => {
        const machine = new Machine(system);
        machine.provision(call);
        const again = machine.provision();
        expect(again).toMatchObject({ status: 0, stderr: "" });
        expect(again.called).toContain(call);
      },
    );
  },
);
