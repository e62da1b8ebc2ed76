/**
 * `--client` and `--server` as authors of FTP programs use them: a command line, a result, an exit status.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import netns from "../harness/labs/netns.ts";
import type { PlayResult } from "../reports/model.ts";
import { readResults } from "../reports/results.ts";
import { expectWrongUse, anchorage as run } from "./anchorage.ts";

const FTP_SRV = createRequire(import.meta.url).resolve("ftp-srv/bin/index.js");

/** A client as its author may have written it: no library, active or passive, exit status 1 when something is wrong. */
const CLIENT = `
const net = require("node:net"), fs = require("node:fs");
const [mode, host, port, user, password, file, download] = process.argv.slice(2);
const control = net.connect(Number(port), host);
const lines = [], waiting = [];
let rest = "";
control.on("data", (bytes) => {
  rest += bytes;
  for (let end; (end = rest.indexOf("\\r\\n")) >= 0; rest = rest.slice(end + 2)) {
    const line = rest.slice(0, end);
    console.log("< " + line);
    if (/^\\d{3} /.test(line)) (waiting.shift() ?? ((one) => lines.push(one)))(line);
  }
});
const reply = () => lines.length > 0 ? lines.shift() : new Promise((resolve) => waiting.push(resolve));
const ask = async (line, ...codes) => {
  console.log("> " + line);
  control.write(line + "\\r\\n");
  const got = await reply();
  if (!codes.includes(got.slice(0, 3))) { console.error("cannot go on after: " + got); process.exit(1); }
  return got;
};
const saving = (data) => new Promise((resolve) => {
  const out = fs.createWriteStream(download);
  data.pipe(out).on("finish", resolve);
});
setTimeout(() => { console.error("no data connection"); process.exit(1); }, 3000).unref();
(async () => {
  await reply();
  await ask("USER " + user, "331");
  await ask("PASS " + password, "230");
  await ask("TYPE I", "200");
  let saved;
  if (mode === "passive") {
    const [, data] = /\\|\\|\\|(\\d+)\\|/.exec(await ask("EPSV", "229"));
    saved = saving(net.connect(Number(data), host));
  } else {
    const listener = net.createServer().listen(0, control.localAddress);
    await new Promise((resolve) => listener.once("listening", resolve));
    saved = new Promise((resolve) => listener.once("connection", (data) => resolve(saving(data))));
    const kind = control.localAddress.includes(":") ? 2 : 1;
    await ask("EPRT |" + kind + "|" + control.localAddress + "|" + listener.address().port + "|", "200");
    saved.then(() => listener.close());
  }
  await ask("RETR " + file, "150", "125");
  await saved;
  process.exit(0);
})();
`;

const missing = await netns.unavailable();
let folder: string;

const anchorage = (...args: readonly string[]) => run(args, { cwd: folder });

async function plays(...args: readonly string[]): Promise<{ status: number | null; plays: readonly PlayResult[] }> {
  const { status, stdout, stderr } = await anchorage("run", "--lab", "netns", "--no-report", "--json", ...args);
  if (stdout === "") throw new Error(stderr);
  return { status, plays: readResults(stdout, "results.json").plays };
}

const summary = (list: readonly PlayResult[]) => list.map(({ id, grade, reason }) => `${grade} ${id}: ${reason ?? ""}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anchorage-own-"));
  await writeFile(join(folder, "mine.cjs"), CLIENT);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("wrong use ends with status 2 and one line that helps", () => {
  test.each([
    [["run", "--client", "./mine {hots}"], /\{hots\} is unknown; there are \{host\} \{port\}/],
    [["run", "--client", "./mine"], /add \{host\} or \{url\}/],
    [["run", "--client", "./no-such-program {host}"], /there is no program "\.\/no-such-program" in .*anchorage-own-/],
    [["run", "--server", "no-such-program {dir}"], /there is no program "no-such-program" in PATH/],
    [["run", "--lab", "sim", "--client", "curl {url}"], /6 scenarios of real programs do, with --lab netns/],
    [["show", "programs/curl/vsftpd", "--client", "./mine {hots}"], /\{hots\} is unknown/],
    [["list", "programs/curl/vsftpd-active", "--client", "node mine.cjs {host}"], /no scenario matches/],
  ])("%j", async (args, words) => {
    expectWrongUse(await anchorage(...args), words);
  });
});

test("list shows the plays", async () => {
  const { status, stdout } = await anchorage("list", "--client", "mine: node mine.cjs {host}");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^programs\/mine\/ftp-srv +mine and ftp-srv$/m);
  expect(stdout).toMatch(/^programs\/mine\/vsftpd /m);
});

test("show describes the play and the options that ask for it", async () => {
  const { status, stdout } = await anchorage("show", "programs/mine/vsftpd", "--client", "mine: node mine.cjs {host}");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Players: +mine \(client\), vsftpd \(server\)$/m);
  expect(stdout).toMatch(/^Asked for by: +--client 'mine: node mine\.cjs \{host\}'$/m);
  const without = await anchorage("show", "programs/mine/vsftpd");
  expect([without.status, without.stdout]).toEqual([2, ""]);
});

describe.skipIf(missing !== undefined)(`in netns${missing === undefined ? "" : `: not run, ${missing}`}`, () => {
  const mine = (mode: string) =>
    `mine-${mode}/1.0: node mine.cjs ${mode} {host} {port} {user} {password} {file} {download}`;

  test("the user's client gets its file through the proxy, active and passive, and not without it", async () => {
    const run = await plays("--client", mine("active"), "--client", mine("passive"), "--server", "ftp-srv");
    expect(run.plays).toHaveLength(16);
    expect(summary(run.plays.filter(({ grade }) => grade !== "passed"))).toEqual([]);
    expect(run.status).toBe(0);
    const [client, server] = run.plays[0]?.players ?? [];
    expect(client).toMatchObject({
      name: "mine-active",
      version: "1.0",
      command: expect.stringMatching(/^node mine.cjs/),
    });
    expect(server).toMatchObject({ name: "ftp-srv", version: expect.stringMatching(/^\d/) });
  }, 240_000);

  test("exit status 0 is not enough: the right file must be there", async () => {
    const lies = ["--client", "nothing: : {host} {download}", "--client", "other: echo other > {download} # {host}"];
    const { status, plays: played } = await plays(
      ...lies,
      "--server",
      "ftp-srv",
      "--family",
      "inet",
      "--side",
      "forward",
    );
    expect(status).toBe(1);
    expect(summary(played.filter(({ subject }) => subject === "core"))).toEqual([
      expect.stringMatching(/^failed .*nothing there; nothing ended with status 0/),
      expect.stringMatching(/6 bytes, not those/),
    ]);
    // Without a proxy no answer is wrong.
    expect(summary(played.filter(({ subject }) => subject === "none")).join("\n")).not.toMatch(/^failed/m);
  }, 120_000);

  test("a failed program's output is shown, and one command repeats the play", async () => {
    const client = "mine: node mine.cjs passive {host} {port} {user} wrong {file} {download}";
    const cell = "programs/mine/ftp-srv@core,netns,divert-to,inet,forward";
    const { status, stdout } = await anchorage("repro", cell, "--client", client);
    expect(status).toBe(1);
    expect(stdout).toMatch(/client said +> USER /);
    expect(stdout).toMatch(/> PASS wrong/);
    expect(stdout).toMatch(/^ {14}cannot go on after: 530/m);
    expect(stdout).toContain(`npx anchorage repro '${cell}' --client '${client}' --seed 1`);
  }, 120_000);

  test("the user's server serves known clients and the user's own", async () => {
    const server =
      `mine/2: ${process.execPath} ${FTP_SRV} ftp://{host}:{port} --root {dir} --pasv-url {host}` +
      " --pasv-min 50000 --pasv-max 50999 --username {user} --password {password}";
    const args = ["--server", server, "--client", mine("passive"), "--client", "curl", "--family", "inet"];
    const { status, plays: played } = await plays(...args);
    const known = played.filter(({ reason = "" }) => !reason.includes("is not installed"));
    expect(summary(known.filter(({ grade }) => grade !== "passed"))).toEqual([]);
    expect(known.length).toBeGreaterThanOrEqual(4);
    expect(known[0]?.players[1]).toMatchObject({ name: "mine", version: "2" });
    expect(status).toBe(0);
  }, 240_000);

  test("a server that does not start fails with its own message", async () => {
    const args = ["--server", "mine: echo no such port >&2; exit 3", "--client", mine("passive")];
    const { status, plays: played } = await plays(
      ...args,
      "--family",
      "inet",
      "--side",
      "forward",
      "--subject",
      "core",
    );
    expect(status).toBe(1);
    expect(summary(played)).toEqual([expect.stringMatching(/^failed .*mine ended with status 3: no such port/)]);
  }, 120_000);
});
