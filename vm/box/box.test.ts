/** Boxes of our own: everything of their making that needs no hypervisor and no network. */

import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

const BOX = fileURLToPath(new URL("./", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "anchorage-box-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a script of this folder. The event loop goes on meanwhile, for servers of the test. */
const script = (name: string, ...args: readonly string[]) => scriptWith(process.env.PATH ?? "", name, ...args);

function scriptWith(path: string, name: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, HOME: folder, PATH: path };
    const child = spawn("/bin/sh", [join(BOX, name), ...args], { cwd: folder, env });
    let output = "";
    const add = (bytes: Buffer) => {
      output += bytes.toString();
    };
    child.stdout.on("data", add);
    child.stderr.on("data", add);
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, output }));
  });
}

function absent(...programs: readonly string[]): string {
  const missing = programs.filter((program) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0);
  return missing.length === 0 ? "" : `: not run, ${missing.join(" and ")} not installed`;
}

const noCurl = absent("curl");

describe.skipIf(noCurl !== "")(`fetch.sh${noCurl}`, () => {
  const content = randomBytes(300_000);
  let server: Server;
  let asked: string[];
  let ranges: boolean;
  let url: string;

  beforeEach(async () => {
    asked = [];
    ranges = true;
    server = createServer((request, response) => {
      asked.push(request.headers.range ?? "all");
      const from = ranges ? Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0) : 0;
      if (request.url !== "/file") response.writeHead(404).end();
      else if (from >= content.length) response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
      else if (from > 0) {
        response.writeHead(206, {
          "content-length": content.length - from,
          "content-range": `bytes ${from}-${content.length - 1}/${content.length}`,
        });
        response.end(content.subarray(from));
      } else response.writeHead(200, { "content-length": content.length }).end(content);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const target = (name: string) => join(folder, name);

  test.each([
    {
      what: "goes on where an earlier try was cut off",
      part: content.subarray(0, 100_000),
      resumes: true,
      requests: ["bytes=100000-"],
    },
    {
      what: "begins again where the server cannot go on",
      part: randomBytes(1000),
      resumes: false,
      requests: ["bytes=1000-", "all"],
    },
    { what: "accepts a part that is whole already", part: content, resumes: true, requests: ["bytes=300000-", "all"] },
  ])("$what", async ({ part, resumes, requests }) => {
    ranges = resumes;
    const file = target(String(part.length));
    writeFileSync(`${file}.part`, part);
    expect(await script("fetch.sh", `${url}/file`, file)).toMatchObject({ status: 0 });
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(asked).toEqual(requests);
    expect(existsSync(`${file}.part`)).toBe(false);
  });

  test("asks for nothing that is there", async () => {
    writeFileSync(target("there"), "x");
    expect(await script("fetch.sh", `${url}/file`, target("there"))).toEqual({ status: 0, output: "" });
    expect(asked).toEqual([]);
  });

  test("says which file the server does not have", async () => {
    const { status, output } = await script("fetch.sh", `${url}/none`, target("none"));
    expect(status).toBe(1);
    expect(output).toContain(`fetch: ${url}/none: the server has no such file`);
  });
});

describe("verify.sh", () => {
  const signify = ["signify-openbsd", "signify"].find((program) => absent(program) === "") ?? "signify-openbsd";
  const why = absent(signify);
  const sums = (...files: readonly [string, string][]) =>
    files.map(([name, text]) => `SHA256 (${name}) = ${createHash("sha256").update(text).digest("hex")}\n`).join("");

  /** A release signed with a key of our own. */
  function release(name: string) {
    const dir = join(folder, name);
    mkdirSync(dir);
    const files: [string, string][] = [
      ["bsd.rd", "a kernel"],
      ["base99.tgz", "a set"],
    ];
    for (const [file, text] of files) writeFileSync(join(dir, file), text);
    writeFileSync(join(dir, "SHA256"), sums(...files));
    const secret = join(dir, "key.sec");
    const key = join(dir, "key.pub");
    spawnSync(signify, ["-G", "-n", "-p", key, "-s", secret]);
    spawnSync(signify, ["-S", "-e", "-s", secret, "-m", join(dir, "SHA256"), "-x", join(dir, "SHA256.sig")]);
    return { dir, key, verify: () => script("verify.sh", "openbsd", key, dir, "bsd.rd", "base99.tgz") };
  }

  test.skipIf(why !== "")(
    `accepts what was signed; refuses a file that was tampered with, and names it${why}`,
    async () => {
      const { dir, verify } = release("tampered");
      expect(await verify()).toMatchObject({ status: 0 });
      writeFileSync(join(dir, "base99.tgz"), "another set");
      const { status, output } = await verify();
      expect(status).toBe(1);
      expect(output).toMatch(/base99\.tgz: FAIL/);
      expect(output).toContain("is not what OpenBSD signed");
    },
  );

  test.skipIf(why !== "")(`refuses a list that was tampered with, and another key${why}`, async () => {
    const [{ dir, verify }, other] = [release("relisted"), release("other")];
    expect(await script("verify.sh", "openbsd", other.key, dir, "bsd.rd")).toMatchObject({ status: 1 });
    writeFileSync(join(dir, "base99.tgz"), "another set");
    const signed = readFileSync(join(dir, "SHA256.sig"), "utf8").split("\n").slice(0, 2).join("\n");
    writeFileSync(join(dir, "SHA256.sig"), `${signed}\n${sums(["bsd.rd", "a kernel"], ["base99.tgz", "another set"])}`);
    expect(await verify()).toMatchObject({ status: 1 });
  });

  test("FreeBSD: holds a file against the list of checksums", async () => {
    const sum = createHash("sha512").update("an image").digest("hex");
    writeFileSync(join(folder, "an.image"), "an image");
    writeFileSync(join(folder, "CHECKSUM.SHA512"), `SHA512 (an.image) = ${sum}\n`);
    const verify = () => script("verify.sh", "freebsd", join(folder, "CHECKSUM.SHA512"), folder, "an.image");
    expect(await verify()).toEqual({ status: 0, output: "an.image: OK\n" });
    writeFileSync(join(folder, "an.image"), "another image");
    const refused = await verify();
    expect(refused.status).toBe(1);
    expect(refused.output).toContain("another checksum");
  });
});

describe("serve.sh", () => {
  const ask = (request: string) =>
    spawnSync("sh", [join(BOX, "serve.sh"), join(folder, "http")], { input: request, encoding: "latin1" }).stdout;
  mkdirSync(join(folder, "http/sets"), { recursive: true });
  writeFileSync(join(folder, "http/sets/a.tgz"), Buffer.from([0, 1, 13, 10, 255]));
  writeFileSync(join(folder, "secret"), "no");

  test("gives a file below its root, byte for byte, whatever stands behind a question mark", () => {
    expect(ask("GET /sets/a.tgz?path=x HTTP/1.1\r\nHost: 10.0.2.100\r\n\r\n")).toBe(
      "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n\x00\x01\r\n\xff",
    );
  });

  test.each([
    ["GET /none HTTP/1.0\r\n\r\n", "404"],
    ["GET /../secret HTTP/1.0\r\n\r\n", "404"],
    ["GET /sets/.. HTTP/1.0\r\n\r\n", "404"],
    ["POST /sets/a.tgz HTTP/1.0\r\n\r\n", "405"],
  ])("%j is answered with %s", (request, status) => {
    expect(ask(request)).toMatch(new RegExp(`^HTTP/1\\.0 ${status} `));
  });
});

describe("the installer's input", () => {
  test("the site set is the same each time and has install.site, installurl and a doas rule, owned by root", async () => {
    const [one, two] = [join(folder, "one.tgz"), join(folder, "two.tgz")];
    for (const set of [one, two]) {
      expect(await script("openbsd/site-set.sh", "https://mirror.example/pub/OpenBSD", set)).toMatchObject({
        status: 0,
      });
    }
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
    const list = spawnSync("tar", ["-tvzf", one, "--numeric-owner"], { encoding: "utf8" }).stdout;
    expect(list).toMatch(/^-rwxr-xr-x 0\/0 .* install\.site$/m);
    expect(list).toMatch(/^-rw-r--r-- 0\/0 .* etc\/doas\.conf$/m);
    expect(spawnSync("tar", ["-xOzf", one, "etc/installurl"], { encoding: "utf8" }).stdout).toBe(
      "https://mirror.example/pub/OpenBSD\n",
    );
  });

  test("each line of the response file is a question and its answer", () => {
    const lines = readFileSync(join(BOX, "openbsd/install.conf"), "utf8").trimEnd().split("\n");
    for (const line of lines) expect(line).toMatch(/^[A-Z][^=]* = \S/);
    expect(lines).toContain("Password for root account = *************");
  });
});

describe("pack.sh", () => {
  const why = absent("qemu-img");
  const image = join(folder, "disk.qcow2");
  if (why === "") spawnSync("qemu-img", ["create", "-q", "-f", "qcow2", image, "12G"]);
  const inBox = (box: string, file: string) => spawnSync("tar", ["-xOzf", box, file], { encoding: "utf8" }).stdout;

  test.skipIf(why !== "")(`libvirt: the size in gigabytes, and a user who becomes root by doas${why}`, async () => {
    const box = join(folder, "a.box");
    expect(await script("pack.sh", "libvirt", "openbsd", image, box)).toEqual({ status: 0, output: "" });
    expect(JSON.parse(inBox(box, "metadata.json"))).toEqual({ provider: "libvirt", format: "qcow2", virtual_size: 12 });
    expect(inBox(box, "Vagrantfile")).toContain('config.ssh.sudo_command = "doas -n %c"');
    expect(spawnSync("tar", ["-tzf", box], { encoding: "utf8" }).stdout.split("\n")).toContain("box.img");
  });

  test.skipIf(why !== "")(`virtualbox: an appliance with the disk${why}`, async () => {
    const box = join(folder, "b.box");
    expect(await script("pack.sh", "virtualbox", "freebsd", image, box)).toEqual({ status: 0, output: "" });
    const ovf = inBox(box, "box.ovf");
    expect(XMLValidator.validate(ovf)).toBe(true);
    const { Envelope } = new XMLParser({ ignoreAttributes: false }).parse(ovf);
    expect(Envelope.DiskSection.Disk["@_ovf:capacity"]).toBe(String(12 * 2 ** 30));
    expect(Envelope.References.File["@_ovf:href"]).toBe("box-disk001.vmdk");
    expect(spawnSync("tar", ["-tzf", box], { encoding: "utf8" }).stdout.split("\n")).toContain("box-disk001.vmdk");
  });

  test.skipIf(why !== "")(`refuses what is no disk image${why}`, async () => {
    expect(await script("pack.sh", "libvirt", "openbsd", join(folder, "none"), "x.box")).toMatchObject({ status: 1 });
  });

  const noVagrant = absent("qemu-img", "vagrant");
  test.skipIf(noVagrant !== "")(`Vagrant takes the box${noVagrant}`, { timeout: 120_000 }, async () => {
    const box = join(folder, "c.box");
    await script("pack.sh", "libvirt", "openbsd", image, box);
    const env = { ...process.env, VAGRANT_HOME: join(folder, "vagrant"), VAGRANT_CHECKPOINT_DISABLE: "1" };
    const vagrant = (...args: string[]) => spawnSync("vagrant", args, { cwd: folder, env, encoding: "utf8" });
    expect(vagrant("box", "add", "--provider", "libvirt", "--name", "anchorage/x", box).stdout).toContain(
      "Successfully added box",
    );
    expect(vagrant("box", "list").stdout).toMatch(/anchorage\/x\s+\(libvirt, 0/);
  });
});

describe("build.sh", () => {
  test("names the releases when there is none of that name", async () => {
    const { status, output } = await script("build.sh", "openbsd-1.0", "--work", join(folder, "work"));
    expect(status).toBe(1);
    expect(output).toMatch(/no release openbsd-1\.0; there are: .*openbsd-7\.8/);
  });

  /** A folder for PATH with programs that only fail. */
  function programs(name: string, ...names: readonly string[]): string {
    const path = join(folder, name);
    mkdirSync(path);
    // As curl(1) ends that cannot resolve a name.
    for (const each of names) writeFileSync(join(path, each), "#!/bin/sh\nexit 6\n", { mode: 0o755 });
    return path;
  }

  test("says first what to install, all of it in one line", async () => {
    const tools = programs("tools");
    symlinkSync(process.execPath, join(tools, "node"));
    for (const each of ["dirname", "mkdir", "cat", "rm"]) {
      symlinkSync(spawnSync("sh", ["-c", `command -v ${each}`], { encoding: "utf8" }).stdout.trim(), join(tools, each));
    }
    const lacking = async (release: string) =>
      (await scriptWith(tools, "build.sh", release, "--work", join(folder, "lacking"))).output
        .trim()
        .split(": ")
        .at(-1);
    expect(await lacking("openbsd-7.8")).toBe(
      "sudo apt-get install curl qemu-system-x86 ipxe-qemu qemu-utils signify-openbsd",
    );
    expect(await lacking("freebsd-14")).toBe(
      "sudo apt-get install curl qemu-system-x86 ipxe-qemu qemu-utils xz-utils genisoimage",
    );
  });

  const own = () =>
    `${programs(`own-${randomBytes(4).toString("hex")}`, "curl", "genisoimage", "qemu-img", "qemu-system-x86_64", "signify", "xz")}:${process.env.PATH}`;

  test("without a network it names the files to bring, and where they are", async () => {
    const key = join(folder, "trusted.pub");
    writeFileSync(key, "untrusted comment: a key\nRWQ\n");
    const args = ["openbsd-7.8", "--key", key, "--work", join(folder, "no-network")];
    const { status, output } = await scriptWith(own(), "build.sh", ...args);
    expect(status).toBe(1);
    expect(output).toMatch(
      /give their folder with --from DIR\. They are\n {4}SHA256\.sig\n[\s\S]* {4}base78\.tgz\n[\s\S]*from https:\S+\/7\.8\/amd64\/\n$/,
    );
    const freebsd = await scriptWith(own(), "build.sh", "freebsd-14", "--work", join(folder, "no-network-either"));
    expect(freebsd.output).toMatch(/They are\n {4}CHECKSUM\.SHA512\n {4}FreeBSD-14\S+\.qcow2\.xz\nfrom https:/);
  });

  test("with files of one's own it asks for the key, and for files that are missing", async () => {
    const nothing = join(folder, "nothing");
    mkdirSync(nothing);
    const path = own();
    const offline = ["build.sh", "openbsd-7.8", "--from", nothing, "--work", join(folder, "offline")] as const;
    const unknown = await scriptWith(path, ...offline);
    expect(unknown).toMatchObject({ status: 1 });
    expect(unknown.output).toMatch(
      /no openbsd-78-base\.pub on this machine: [\s\S]*\/7\.8\/openbsd-78-base\.pub|no SHA256\.sig in/,
    );
    const key = join(folder, "some.pub");
    writeFileSync(key, "untrusted comment: a key\nRWQ\n");
    const { status, output } = await scriptWith(path, ...offline, "--key", key);
    expect(status).toBe(1);
    expect(output).toContain(`no SHA256.sig in ${nothing}; it must have SHA256.sig pxeboot `);
    const nowhere = await scriptWith(path, "build.sh", "openbsd-7.8", "--from", join(folder, "nowhere"));
    expect(nowhere.output).toContain(`no folder ${join(folder, "nowhere")}`);
  });
});
