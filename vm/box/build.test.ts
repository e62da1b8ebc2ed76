/**
 * A box from its makers' files to Vagrant's, with an actor in QEMU's place: a script that says at the serial line what
 * OpenBSD's installer says (install.sub), takes the answers, and fetches what it needs as the real one would.
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const BOX = fileURLToPath(new URL("./", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "anchorage-build-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const signify = ["signify-openbsd", "signify"].find((program) => spawnSync(program).error === undefined);
const why = [signify === undefined && "signify", spawnSync("qemu-img").error !== undefined && "qemu-img"]
  .filter((program) => program !== false)
  .join(" and ");
const told = why === "" ? "" : `: not run, ${why} not installed`;

/** A release that we have signed ourselves. */
function release(): { from: string; key: string } {
  const from = join(folder, "from");
  mkdirSync(from);
  const lines = ["pxeboot", "bsd.rd", "bsd", "bsd.mp", "base78.tgz", "man78.tgz"].map((name) => {
    writeFileSync(join(from, name), `content of ${name}\n`);
    return `SHA256 (${name}) = ${createHash("sha256").update(`content of ${name}\n`).digest("hex")}\n`;
  });
  writeFileSync(join(folder, "SHA256"), lines.join(""));
  const [key, secret] = [join(folder, "key.pub"), join(folder, "key.sec")];
  spawnSync(signify ?? "", ["-G", "-n", "-p", key, "-s", secret]);
  spawnSync(signify ?? "", ["-S", "-e", "-s", secret, "-m", join(folder, "SHA256"), "-x", join(from, "SHA256.sig")]);
  return { from, key };
}

/** In the place of qemu-system-x86_64; `netboots`: the installer goes on by itself after five seconds. */
function actor(name: string, { netboots = false, fails = false } = {}): string {
  const bin = join(folder, name);
  mkdirSync(bin);
  writeFileSync(
    join(bin, "qemu-system-x86_64"),
    `#!/bin/sh
case "$*" in
*-snapshot*)
	echo 'OpenBSD/amd64 (openbsd) (tty00)'
	printf 'login: '
	IFS= read -r line
	[ "$line" = "$(printf '\\001csystem_powerdown')" ] || exit 3
	exit 0
	;;
esac
serve=$(echo "$*" | sed 's/.*cmd:\\(sh [^ ]* [^ ]*\\) -device.*/\\1/')
get() {
	printf 'GET %s HTTP/1.0\\r\\n\\r\\n' "$1" | $serve | sed '1,/^.$/d'
}
echo 'Welcome to the OpenBSD/amd64 7.8 installation program.'
${netboots ? "echo 'Starting non-interactive mode in 5 seconds...'" : ""}
printf '(I)nstall, (U)pgrade, (A)utoinstall or (S)hell? '
${netboots ? "" : 'read -r answer; [ "$answer" = a ] || exit 4'}
echo 'Could not determine auto mode.'
printf 'Response file location? [http://10.0.2.2/install.conf] '
read -r url
path=/\${url#http://10.0.2.100/}
get "$path" >${bin}/install.conf
get /disklabel >${bin}/disklabel
get /sets/index.txt >${bin}/index.txt
get /sets/base78.tgz >${bin}/base78.tgz
get /sets/site78.tgz | gzip -dc >/dev/null || exit 5
echo 'Performing non-interactive install...'
printf 'Get/Verify base78.tgz  100%%\\rInstalling base78.tgz  100%%\\r\\n'
${fails ? "echo 'Question has no answer in response file: \"Favourite fish?\"'; sleep 20" : ""}
echo 'CONGRATULATIONS! Your OpenBSD install has been successfully completed!'
`,
  );
  chmodSync(join(bin, "qemu-system-x86_64"), 0o755);
  return bin;
}

function build(bin: string, work: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    "sh",
    [join(BOX, "build.sh"), "openbsd-7.8", "--no-add", "--work", join(folder, work), ...args],
    { cwd: folder, encoding: "utf8", env: { ...process.env, PATH: `${bin}:${process.env.PATH}` }, timeout: 60_000 },
  );
  return { status, output: stdout + stderr };
}

describe.skipIf(why !== "")(`build.sh openbsd-7.8${told}`, { timeout: 90_000 }, () => {
  const { from, key } = why === "" ? release() : { from: "", key: "" };

  test("makes a box of verified files, and nothing twice", () => {
    const bin = actor("asks");
    const { status, output } = build(bin, "work", "--from", from, "--key", key);
    expect(output).toMatch(
      /base78\.tgz: OK[\s\S]*box: the installer runs\nbox: Get\/Verify base78\.tgz\nbox: Installing base78\.tgz\nbox: installed\nbox: it comes up, and goes down by itself\nbox: packing for libvirt\nbox: to use it: vagrant box add --provider libvirt --name anchorage\/openbsd-7\.8 /,
    );
    expect(status).toBe(0);
    expect(readdirSync(join(folder, "work")).filter((file) => file.endsWith(".box"))).toHaveLength(1);
    // What the installer got.
    const answers = readFileSync(join(bin, "install.conf"), "utf8");
    expect(answers).toMatch(/^Public ssh key for user vagrant = ssh-rsa \S+ vagrant/m);
    expect(answers).toMatch(/^Checksum test for site78\.tgz = yes$/m);
    expect(answers).not.toContain("@");
    expect(readFileSync(join(bin, "base78.tgz"), "utf8")).toBe("content of base78.tgz\n");
    // install.sub takes the last word of a line for a set's name.
    expect(readFileSync(join(bin, "index.txt"), "utf8")).toMatch(/ site78\.tgz$/m);
    expect(readFileSync(join(bin, "disklabel"), "utf8")).toMatch(/^\/usr\/local\t/m);

    const again = build(actor("never-called", { fails: true }), "work", "--from", from, "--key", key);
    expect(again.status).toBe(0);
    expect(again.output).toMatch(/the disk is there[\s\S]*the box is there/);
  });

  test("types nothing too early when the installer goes on by itself", () => {
    const { status, output } = build(actor("netboots", { netboots: true }), "netboot", "--from", from, "--key", key);
    expect(output).toContain("box: installed");
    expect(status).toBe(0);
  });

  test("ends with the installer's last words when it cannot go on", () => {
    const { status, output } = build(actor("fails", { fails: true }), "failed", "--from", from, "--key", key);
    expect(status).toBe(1);
    expect(output).toMatch(/Favourite fish[\s\S]*box: the installation failed; the console is in \S+install\.console/);
  });

  test("starts no machine when a file is not what was signed", () => {
    writeFileSync(join(from, "base78.tgz"), "another content\n");
    const { status, output } = build(actor("tampered"), "tampered-work", "--from", from, "--key", key);
    expect(status).toBe(1);
    expect(output).toMatch(/base78\.tgz: FAIL/);
    expect(output).not.toContain("installer");
  });
});
