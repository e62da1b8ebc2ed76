/** `anchorage vm`: without Vagrant it says what to type; with one it types what is meant. The Vagrant here only notes its arguments. */

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

const BIN = fileURLToPath(new URL("../../bin/anchorage.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "anchorage-vm-"));
const notes = join(folder, "notes");

/** A folder for PATH that has Node and whatever scripts are given, and nothing else of this machine but a shell. */
function pathWith(name: string, scripts: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  mkdirSync(path);
  symlinkSync(process.execPath, join(path, "node"));
  for (const [program, body] of Object.entries(scripts)) {
    writeFileSync(join(path, program), `#!/bin/sh\n${body}\n`);
    chmodSync(join(path, program), 0o755);
  }
  return path;
}

const VAGRANT = `
echo "$VAGRANT_CWD: $*" >> ${notes}
case "$*" in
--version) echo "Vagrant 2.3.4" ;;
"plugin list") [ -z "$ANCHORAGE_TEST_PLUGINS" ] || exit 0; echo "vagrant-libvirt (0.11.2, system)" ;;
*--machine-readable*) [ -z "$ANCHORAGE_TEST_SAYS" ] || { printf '%s\\n' "$ANCHORAGE_TEST_SAYS" >&2; exit 1; }; echo "1700000000,openbsd-7.8,state,\${ANCHORAGE_TEST_STATE:-running}" ;;
up*) [ -z "$ANCHORAGE_TEST_SAYS" ] || { printf '%s\\n' "$ANCHORAGE_TEST_SAYS" >&2; exit 1; } ;;
ssh-config*) printf 'Host openbsd-7.8\\n  HostName 127.0.0.1\\n  Port 1\\n  User vagrant\\n' ;;
esac`;

function vm(path: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const own = { ...process.env, PATH: path, ANCHORAGE_WITHOUT_NODE: "1", ...env };
  return spawnSync(process.execPath, [BIN, "vm", ...args], { encoding: "utf8", env: own });
}

/** What Vagrant was asked to do, but for the questions that find out whether it is there. */
const typed = (): string[] =>
  readFileSync(notes, "utf8")
    .split("\n")
    .map((line) => line.replace(/^.*?\/vm: /, ""))
    .filter((line) => line !== "" && line !== "--version" && line !== "plugin list" && !line.startsWith(": "));

let bare = "";
let whole = "";
beforeAll(() => {
  bare = pathWith("bare", {});
  whole = pathWith("whole", { vagrant: VAGRANT });
});
beforeEach(() => writeFileSync(notes, ""));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a machine without Vagrant", () => {
  test("is told what to install, for every command that needs it", () => {
    for (const command of ["up", "provision", "run", "ssh", "reset", "down"]) {
      const { status, stderr } = vm(bare, [command, "openbsd@7.8"]);
      expect(status).toBe(1);
      expect(stderr).toContain("this machine lacks what openbsd-7.8 needs");
      expect(stderr).toMatch(/vagrant: starts the virtual machines\n {4}\S+/);
      expect(stderr).toMatch(/a provider: runs them: libvirt or VirtualBox\n {4}\S+/);
    }
  });

  test("still shows which machines there are, and says that it cannot run them by its exit status", () => {
    const { status, stdout } = vm(bare, ["status"]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^openbsd-7\.8 +openbsd@7\.8 +divert-to +unknown/m);
    expect(stdout).toContain("This machine lacks");
  });
});

/** As vagrant-libvirt 0.11.2 says it where no libvirtd runs. */
const NO_LIBVIRTD = `Error while connecting to Libvirt: Error making a connection to libvirt URI qemu:///system:
Call to virConnectOpen failed: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory`;

describe("a machine where Vagrant finds no way", () => {
  test("for want of its plugin is told of a provider, and nothing is tried", () => {
    const { status, stderr } = vm(whole, ["up", "openbsd@7.8"], { ANCHORAGE_TEST_PLUGINS: "none" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/a provider: runs them: libvirt or VirtualBox\n {4}\S+/);
    expect(stderr).not.toContain("vagrant: starts");
    expect(typed()).toEqual([]);
  });

  test("for want of libvirtd sees Vagrant's words whole, and what to do", () => {
    const { status, stderr } = vm(whole, ["up", "openbsd@7.8"], { ANCHORAGE_TEST_SAYS: NO_LIBVIRTD });
    expect(status).toBe(1);
    expect(stderr).toBe(`${NO_LIBVIRTD}\nanchorage: libvirtd is not running: sudo systemctl start libvirtd\n`);
  });

  test("is shown the last lines of Vagrant's words by status too, which shows the rest all the same", () => {
    const { stdout, stderr } = vm(whole, ["status"], { ANCHORAGE_TEST_SAYS: NO_LIBVIRTD });
    const indented = NO_LIBVIRTD.replaceAll(/^/gm, "    ");
    expect(stderr).toBe(
      `anchorage: vagrant status --machine-readable failed:\n${indented}\nlibvirtd is not running: sudo systemctl start libvirtd\n`,
    );
    expect(stdout).toMatch(/^openbsd-7\.8 +openbsd@7\.8 +divert-to +unknown/m);
  });
});

describe("a machine with Vagrant", () => {
  test.each([
    [["up", "openbsd@7.8", "--provider", "libvirt"], ["up openbsd-7.8 --provider libvirt"]],
    [["provision", "openbsd-7.8"], ["provision openbsd-7.8"]],
    [["ssh", "openbsd@7.8", "uname", "-a"], ["ssh openbsd-7.8 -c uname -a"]],
    [["down", "openbsd@7.8"], ["halt openbsd-7.8"]],
    [["down", "openbsd@7.8", "--remove"], ["destroy --force openbsd-7.8"]],
  ])("%j is what Vagrant is told", (args, expected) => {
    expect(vm(whole, args)).toMatchObject({ status: 0, stderr: "" });
    expect(typed()).toEqual(expected);
  });

  test("status tells the machines' states, as JSON too", () => {
    const { status, stdout } = vm(whole, ["status", "--json"]);
    expect(status).toBe(0);
    const { machines } = JSON.parse(stdout) as { machines: { name: string; state: string }[] };
    expect(machines.find(({ name }) => name === "openbsd-7.8")?.state).toBe("running");
    expect(machines.find(({ name }) => name === "freebsd-14")?.state).toBe("unknown");
  });

  test("run starts what is not running, then plays there, and says why nothing could be played", () => {
    const args = ["run", "openbsd@7.8", "passive/pasv", "--subject", "core", "--no-report"];
    const { status, stdout } = vm(whole, args, { ANCHORAGE_TEST_STATE: "shutoff" });
    expect(status).toBe(1);
    expect(typed()).toEqual(["status openbsd-7.8 --machine-readable", "up openbsd-7.8", "ssh-config openbsd-7.8"]);
    expect(stdout).toContain("4 plays:");
  });

  test("a release that is not there is wrong use", () => {
    const { status, stderr } = vm(whole, ["up", "openbsd@3.1"]);
    expect(status).toBe(2);
    expect(stderr).toContain("there is no openbsd@3.1");
  });
});
