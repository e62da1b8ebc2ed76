/**
 * From a box to a row of the matrix: a box with the stand-in guest in it, made here, is brought up by Vagrant and
 * our Vagrantfile under QEMU, provisioned, reached by an agent, played in, put away and taken up again, all by the command
 * line. What runs here has not thereby run on OpenBSD; Vagrant, libvirt, QEMU, ssh and the shell of vm/ are the real ones.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
// @ts-expect-error: a plain script without types
import { buildProxy } from "../../proxy/build.mjs";
import { BOX_PROGRAMS, makeBox } from "./box/box.ts";
import { LIBVIRT_PROGRAMS, type Libvirt, startLibvirt } from "./box/libvirt.ts";
import { guestUnavailable } from "./guest.ts";

const BIN = fileURLToPath(new URL("../../bin/anchorage.mjs", import.meta.url));
const MACHINE = "openbsd-7.8";
const AGENT = "/usr/local/libexec/anchorage/agent/anchorage-agent.pl";
/** Each takes half a minute on an emulated machine; guest.test.ts plays more of them. */
const CELLS = [
  "active/port@core,openbsd@7.8,divert-to,inet,forward",
  "passive/epsv@core,openbsd@7.8,divert-to,inet6,forward",
];
/** An emulated machine, on a machine that has other things to do too. */
const PATIENCE_MS = 900_000;

async function unavailable(): Promise<string | undefined> {
  const reason = await guestUnavailable();
  if (reason !== undefined) return reason;
  const absent = Object.entries({ ...BOX_PROGRAMS, ...LIBVIRT_PROGRAMS }).filter(([path]) => !existsSync(path));
  if (absent.length > 0) return `needs ${absent.map(([, name]) => name).join(" ")}`;
  const debian = /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));
  return debian ? undefined : "the box is made of Debian's packages, and this is no Debian";
}

const why = await unavailable();

describe.skipIf(why !== undefined)(`a box in Vagrant${why === undefined ? "" : `: not run, ${why}`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "anchorage-vagrant-"));
  let libvirt: Libvirt;

  // Here /dev/kvm may be there without working.
  const env = { ANCHORAGE_DRIVER: "qemu", ANCHORAGE_CPUS: "2" };
  const run = (...args: readonly string[]) => libvirt.run([process.execPath, BIN, ...args], env);

  /** Both streams of `anchorage …`, which must succeed. */
  async function anchorage(...args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await run(...args);
    if (status !== 0) throw new Error(`anchorage ${args.join(" ")}: status ${status}\n${stdout}${stderr}`);
    return stdout + stderr;
  }
  const state = async () => {
    const { machines } = JSON.parse(await anchorage("vm", "status", "--json"));
    return machines.find((one: { name: string }) => one.name === MACHINE)?.state;
  };

  beforeAll(async () => {
    const box = join(folder, "stand-in.box");
    await Promise.all([makeBox(box), buildProxy()]);
    libvirt = await startLibvirt(folder);
    const added = await libvirt.run([
      "vagrant",
      "box",
      "add",
      "--provider",
      "libvirt",
      "--name",
      `anchorage/${MACHINE}`,
      box,
    ]);
    expect(added).toMatchObject({ status: 0 });
  }, PATIENCE_MS);

  afterAll(async () => {
    await libvirt?.stop();
    rmSync(folder, { recursive: true });
  });

  test(
    "is what the Vagrantfile takes for that release, comes up, and is provisioned by our own scripts",
    async () => {
      const said = await anchorage("vm", "up", MACHINE, "--provider", "libvirt");
      expect(said).toContain(`Base box:          anchorage/${MACHINE}`);
      expect(said).toContain("Setting hostname...");
      expect(said).toMatch(/provision: ready\n/);
      expect(await state()).toBe("running");
      expect(await anchorage("vm", "ssh", MACHINE, "hostname; doas -n pfctl -sr")).toMatch(
        /^openbsd-7-8\n[\s\S]*anchor "ftp-proxy\/\*" all\n/,
      );
    },
    PATIENCE_MS,
  );

  test(
    "has an agent behind Vagrant's ssh configuration that speaks the protocol",
    async () => {
      const { status, stdout } = await libvirt.run(["vagrant", "ssh-config", MACHINE], {
        VAGRANT_CWD: fileURLToPath(new URL("../../vm", import.meta.url)),
      });
      expect(status).toBe(0);
      const config = join(folder, "ssh_config");
      // As the lab does it: an emulated machine takes seconds for a new connection.
      const shared = `  ControlMaster auto\n  ControlPath ${join(folder, "control")}\n  ControlPersist 30\n`;
      writeFileSync(config, stdout + shared);
      const check = `ssh -F ${config} ${MACHINE} doas -n perl ${AGENT}`;
      // Some of its checks move a megabyte within a limit, which an emulated machine misses when the other one is busy.
      const patient = { interval: 0, timeout: PATIENCE_MS / 2 };
      await expect.poll(() => anchorage("agent-check", check).catch(String), patient).toMatch(/^(\d+) of \1$/m);
    },
    PATIENCE_MS,
  );

  test(
    "carries scenarios: both modes and families",
    async () => {
      const where = ["--lab", "openbsd@7.8", "--subject", "core", "--no-report", "--json"];
      const { stdout, stderr } = await run("run", ...CELLS, ...where);
      const plays: readonly { id: string; grade: string; reason?: string }[] = JSON.parse(stdout || "{}").plays ?? [];
      const ended = plays.map(({ id, grade, reason = "" }) => `${id}: ${grade} ${reason}`.trim());
      expect(ended.sort(), stderr).toEqual(CELLS.map((id) => `${id}: passed`).sort());
    },
    PATIENCE_MS,
  );

  test(
    "is stopped, comes up again as it was left, and is reset",
    async () => {
      await anchorage("vm", "down", MACHINE);
      expect(await state()).toBe("shutoff");
      expect(await anchorage("vm", "up", MACHINE)).not.toContain("provision: ");
      expect(await anchorage("vm", "ssh", MACHINE, "hostname; ifconfig vio0; doas -n pfctl -sr")).toMatch(
        /^openbsd-7-8\n[\s\S]*groups: management [\s\S]*anchor "ftp-proxy\/\*" all\n/,
      );
      expect(await anchorage("vm", "reset", MACHINE)).toContain("topology: ");
    },
    PATIENCE_MS,
  );

  test(
    "is removed",
    async () => {
      await anchorage("vm", "down", MACHINE, "--remove");
      expect(await state()).toBe("not_created");
    },
    PATIENCE_MS,
  );
});
