/** `anchorage vm`: without Vagrant it says what to install, with Vagrant it runs it. The Vagrant here only records its arguments. */

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

const BIN = fileURLToPath(new URL("../../bin/anchorage.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "anchorage-vm-"));
const notes = join(folder, "notes");

/** A folder for PATH with Node and the given scripts, and no other program of this machine. */
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

/** The commands that Vagrant got, without the questions that detect it. */
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
  test("gets a message with the programs to install, for every command that needs them", () => {
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

/** vagrant-libvirt 0.11.2: its message if no libvirtd runs. */
const NO_LIBVIRTD = `Error while connecting to Libvirt: Error making a connection to libvirt URI qemu:///system:
Call to virConnectOpen failed: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory`;

describe("a machine where Vagrant cannot start machines", () => {
  test("without the plugin: the message asks for a provider, and Vagrant gets no command", () => {
    const { status, stderr } = vm(whole, ["up", "openbsd@7.8"], { ANCHORAGE_TEST_PLUGINS: "none" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/a provider: runs them: libvirt or VirtualBox\n {4}\S+/);
    expect(stderr).not.toContain("vagrant: starts");
    expect(typed()).toEqual([]);
  });

  test("without libvirtd: Vagrant's whole message is shown, then the remedy", () => {
    const { status, stderr } = vm(whole, ["up", "openbsd@7.8"], { ANCHORAGE_TEST_SAYS: NO_LIBVIRTD });
    expect(status).toBe(1);
    expect(stderr).toBe(`${NO_LIBVIRTD}\nanchorage: libvirtd is not running: sudo systemctl start libvirtd\n`);
  });

  test("without libvirtd: status shows the end of Vagrant's message, and the machines", () => {
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
  ])("%j gives Vagrant the command", (args, expected) => {
    expect(vm(whole, args)).toMatchObject({ status: 0, stderr: "" });
    expect(typed()).toEqual(expected);
  });

  test("status --json prints the machines' states", () => {
    const { status, stdout } = vm(whole, ["status", "--json"]);
    expect(status).toBe(0);
    const { machines } = JSON.parse(stdout) as { machines: { name: string; state: string }[] };
    expect(machines.find(({ name }) => name === "openbsd-7.8")?.state).toBe("running");
    expect(machines.find(({ name }) => name === "freebsd-14")?.state).toBe("unknown");
  });

  test("run starts the machine, plays there, and reports why no play was possible", () => {
    const args = ["run", "openbsd@7.8", "passive/pasv", "--subject", "core", "--no-report"];
    const { status, stdout } = vm(whole, args, { ANCHORAGE_TEST_STATE: "shutoff" });
    expect(status).toBe(1);
    expect(typed()).toEqual(["status openbsd-7.8 --machine-readable", "up openbsd-7.8", "ssh-config openbsd-7.8"]);
    expect(stdout).toContain("1 not played in some");
  });

  test("an unknown release is wrong use", () => {
    const { status, stderr } = vm(whole, ["up", "openbsd@3.1"]);
    expect(status).toBe(2);
    expect(stderr).toContain("there is no openbsd@3.1");
  });
});
