/** The files of vm/ that no TypeScript runs: shells read them, the table is whole, Vagrant takes its file. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const VM = fileURLToPath(new URL("./", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "anchorage-vm-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const files = readdirSync(VM, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));
const scripts = files.filter((file) => /^#!\/bin\/k?sh\b/.test(readFileSync(file, "utf8")) || file.endsWith(".sh"));
const named = (list: readonly string[]) => list.map((file) => [relative(VM, file), file] as const);

function run(command: string, ...args: readonly string[]) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: VM,
    encoding: "utf8",
    // No provider, no phoning home, no state in the source tree.
    env: {
      ...process.env,
      VAGRANT_HOME: home,
      VAGRANT_DOTFILE_PATH: join(home, "dot"),
      VAGRANT_CHECKPOINT_DISABLE: "1",
    },
    timeout: 120_000,
  });
  return { missing: (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT", status, output: stdout + stderr };
}

const absent = (program: string, ...args: readonly string[]): string =>
  run(program, ...args).missing ? `: not run, ${program} is not installed` : "";

test("there are scripts of each kind", () => {
  const some = ["box/build.sh", "freebsd/rc.d/anchorage_ftpproxy6", "openbsd/provision.sh", "openbsd/topology.sh"];
  expect(named(scripts).map(([name]) => name)).toEqual(expect.arrayContaining(some));
});

describe.each(["dash", "mksh"])("%s", (program) => {
  const why = absent(program, "-c", ":");
  test.skipIf(why !== "").each(named(scripts))(`reads %s${why}`, (_name, file) => {
    expect(run(program, "-n", file)).toMatchObject({ status: 0, output: "" });
  });
});

const noShellcheck = absent("shellcheck", "--version");
test.skipIf(noShellcheck !== "")(`shellcheck finds nothing${noShellcheck}`, { timeout: 120_000 }, () => {
  expect(run("shellcheck", "--external-sources", ...scripts)).toMatchObject({ status: 0, output: "" });
});

interface Release {
  readonly system: string;
  readonly version: string;
  readonly era: string;
  readonly node: string;
  readonly memory: number;
  readonly mirror: string;
  readonly own: string;
  readonly boxes: Readonly<Record<string, { readonly box: string; readonly version: string; readonly become: string }>>;
  readonly key: string;
  readonly files: readonly string[];
}
const table = JSON.parse(readFileSync(join(VM, "releases.json"), "utf8")) as {
  readonly default: string;
  readonly releases: Readonly<Record<string, Release>>;
};

describe("the table of releases", () => {
  test("has the default, and OpenBSD and FreeBSD more than once", () => {
    expect(table.releases).toHaveProperty([table.default]);
    const systems = Object.values(table.releases).map(({ system }) => system);
    expect(systems.filter((system) => system === "openbsd").length).toBeGreaterThan(1);
    expect(systems.filter((system) => system === "freebsd").length).toBeGreaterThan(1);
  });

  test.each(Object.entries(table.releases))("%s is whole", (name, release) => {
    expect(release.system).toMatch(/^(openbsd|freebsd)$/);
    expect(name).toBe(
      `${release.system}-${release.system === "openbsd" ? release.version : release.version.split(".")[0]}`,
    );
    expect(release.own).toBe(`anchorage/${name}`);
    expect(release.era).toBe(release.system === "openbsd" ? "divert-to" : "rdr-anchor");
    expect(release.mirror).toMatch(/^https:\/\/\S+[^/]$/);
    expect(release.memory).toBeGreaterThanOrEqual(512);
    expect(release.files.length).toBeGreaterThan(0);
    for (const [provider, box] of Object.entries(release.boxes)) {
      expect(["libvirt", "virtualbox"]).toContain(provider);
      expect(box).toEqual({
        box: expect.stringMatching(/^\w+\/[\w.-]+$/),
        version: expect.stringMatching(/^\d+(\.\d+)+$/),
        become: expect.stringMatching(/^(sudo|doas)$/),
      });
    }
    if (release.system === "openbsd") {
      const number = release.version.replace(".", "");
      expect(release.key).toBe(`openbsd-${number}-base.pub`);
      expect(release.files).toEqual(["pxeboot", "bsd.rd", "bsd", "bsd.mp", `base${number}.tgz`, `man${number}.tgz`]);
    }
  });
});

describe("the Vagrantfile", () => {
  const noRuby = absent("ruby", "--version");
  test.skipIf(noRuby !== "")(`is Ruby${noRuby}`, () => {
    expect(run("ruby", "-c", "Vagrantfile")).toMatchObject({ status: 0, output: "Syntax OK\n" });
  });

  const noVagrant = absent("vagrant", "--version");
  test.skipIf(noVagrant !== "")(
    `is valid, and has a machine for each release${noVagrant}`,
    { timeout: 120_000 },
    () => {
      // The machines are given our bundle, which a fresh clone has not built yet.
      expect(run(process.execPath, "../proxy/build.mjs")).toMatchObject({ status: 0 });
      const { status, output } = run("vagrant", "validate", "--ignore-provider");
      expect(output).toContain("Vagrantfile validated successfully.");
      expect(status).toBe(0);
      for (const name of Object.keys(table.releases)) {
        for (const machine of [name, `${name}-client`, `${name}-firewall`, `${name}-server`]) {
          expect(output).toContain(`==> ${machine}: `);
        }
      }
    },
  );
});

describe("the two topologies", () => {
  const numbers = (file: string) =>
    [...readFileSync(join(VM, file), "utf8").matchAll(/^\t(\S+)\.(forward|reverse|\*)\)\s.*side=(\w+) number=(\d+)/gm)]
      .map(([, host, direction, side, number]) => `${host} ${direction} ${side} .${number}`)
      .sort();

  test.each(["openbsd/topology.sh", "freebsd/topology.sh"])("%s has the simulator's hosts and addresses", (file) => {
    const simulated = readFileSync(join(VM, "../harness/labs/model/topology.ts"), "utf8");
    expect(simulated).toContain("const INSIDE = { intruder: 66, client: 5, server: 20 }");
    expect(simulated).toContain("const OUTSIDE = { intruder: 66, client: 50, server: 7 }");
    expect(numbers(file)).toEqual([
      "client forward inside .5",
      "client reverse outside .50",
      "inside-intruder * inside .66",
      "outside-intruder * outside .66",
      "server forward outside .7",
      "server reverse inside .20",
    ]);
  });
});
