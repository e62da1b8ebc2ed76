/**
 * Images as players, on a real Docker: servers and clients of Debian packages through the proxy, what a run leaves when
 * it is interrupted, and the containers of `anchorage/testcontainers`.
 */

import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import netns from "../../harness/labs/netns.ts";
import type { PlayResult } from "../../reports/model.ts";
import { readResults } from "../../reports/results.ts";
import { ROOT, anchorage as run } from "../anchorage.ts";
import { authorsProgram } from "./author.ts";
import { startDocker, type TestDocker, whyNoDocker } from "./docker.ts";

const missing = whyNoDocker() ?? (await netns.unavailable());
const timeout = 240_000;
const ACCOUNT = "-e FTP_USER={user} -e FTP_PASS={password}";
const SERVERS = ["vsftpd", "proftpd", "pure-ftpd", "inetutils-ftpd", "pyftpdlib"];
/** Debian's Pure-FTPd does not start without them. */
const CAPABILITIES = "--cap-add SYS_NICE --cap-add DAC_READ_SEARCH ";
const image = (name: string) =>
  `${name}: image:anchorage-test/${name} ${name === "pure-ftpd" ? CAPABILITIES : ""}${ACCOUNT}`;
const CLIENTS = [
  "curl: image:anchorage-test/curl -sSP- -o {download} {url}/{file} --next -sSP- -T {upload} {url}/{stored}",
  "lftp: image:anchorage-test/lftp -c 'open {url}; get {file} -o {download}; put {upload} -o {stored}'",
];

const summary = (list: readonly PlayResult[]) => list.map(({ id, grade, reason }) => `${grade} ${id}: ${reason ?? ""}`);
const each = (option: string, values: readonly string[]) => values.flatMap((value) => [option, value]);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anchorage-containers-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const plays = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
  const { stdout, stderr } = await run(["run", "--no-report", "--json", ...args], { cwd: folder, env });
  if (stdout === "") throw new Error(stderr);
  return readResults(stdout, "results.json").plays;
};

const why = missing === undefined ? "" : `: not run, ${missing}`;

describe.skipIf(why !== "")(`with Docker${why}`, { timeout }, () => {
  let docker: TestDocker;
  beforeAll(async () => {
    docker = await startDocker();
  }, timeout);
  afterAll(() => docker?.stop(), timeout);

  function containers(...filter: readonly string[]): readonly string[] {
    const env = { ...process.env, ...docker.env };
    const { stdout } = spawnSync("docker", ["ps", "--all", "--quiet", ...filter], { env, encoding: "utf8" });
    return stdout.split("\n").filter((line) => line !== "");
  }
  const noneLeft = () => expect.poll(() => containers(), { timeout: 60_000, interval: 200 }).toEqual([]);

  test("five servers serve two clients in images through the proxy, active and passive, over IPv4 and IPv6", async () => {
    const asked = [...each("--server", SERVERS.map(image)), ...each("--client", CLIENTS)];
    const all = await plays(["--subject", "core", "--side", "forward", ...asked], docker.env);
    expect(summary(all.filter(({ grade }) => grade !== "passed"))).toEqual([]);
    expect(all).toHaveLength(SERVERS.length * CLIENTS.length * 2);
    const done = all.flatMap(({ service }) => service?.errands ?? []).filter(({ verdict }) => verdict === "done");
    expect(done.filter(({ what }) => what === "fetch")).toHaveLength(all.length);
    expect(done.filter(({ what }) => what === "store")).toHaveLength(all.length);
    await noneLeft();
  });

  test("what does not work says why", async () => {
    const servers = [
      image("vsftpd"),
      "broken: image:anchorage-test/curl --no-such-option",
      "refusing: image:anchorage-test/vsftpd -e FTP_USER=joe -e FTP_PASS=secret",
      "absent: image:anchorage-test/no-such-image",
    ];
    const args = ["--subject", "none", "--side", "forward", "--family", "inet", "--client", "plain"];
    const played = await plays([...args, ...each("--server", servers)], docker.env);
    const [good, broken, refusing, absent] = ["vsftpd", "broken", "refusing", "absent"].map((name) =>
      played.find(({ id }) => id.startsWith(`programs/plain/${name}@`)),
    );
    // The container has no network but the lab's, and there no proxy.
    expect(good?.service).toMatchObject({ verdict: "fails", by: "firewall" });
    expect(broken?.reason).toMatch(/broken ended with status 2: .*--no-such-option/s);
    expect(refusing?.reason).toMatch(/account anchorage cannot store file\.bin there \(.*530/s);
    expect(absent?.grade).toBe("unsupported");
    expect(absent?.reason).toMatch(/there is no image anchorage-test\/no-such-image here, and it cannot be pulled/);
  });

  test("runs that are interrupted leave no container: Ctrl-C, SIGTERM, SIGKILL", async () => {
    const line = [join(ROOT, "bin/anchorage.mjs"), "run", "--no-report", "--client", "plain"];
    const few = ["--subject", "core", "--side", "forward", "--family", "inet"];
    const args = [...line, ...few, ...each("--server", ["vsftpd", "proftpd"].map(image))];
    const ends = (["SIGINT", "SIGTERM", "SIGKILL"] as const).map(async (signal) => {
      const child = spawn(process.execPath, args, { env: { ...process.env, ...docker.env }, stdio: "ignore" });
      const ended = new Promise((resolve) => child.once("exit", resolve));
      const own = () => containers("--filter", `label=anchorage.run=${child.pid}`).length;
      await expect.poll(own, { timeout: 120_000, interval: 100 }).toBeGreaterThan(1);
      child.kill(signal);
      await ended;
    });
    await Promise.all(ends);
    await noneLeft();
  });

  test("an author's own container plays, and without a lab passive mode works by itself", async () => {
    const file = join(folder, "author.mts");
    await writeFile(
      file,
      authorsProgram((path) => JSON.stringify(pathToFileURL(join(ROOT, path)).href)),
    );
    const node = ["--import", import.meta.resolve("tsx"), "--conditions", "anchorage-sources", file];
    const options = { cwd: folder, env: { ...process.env, ...docker.env } };
    await promisify(execFile)(process.execPath, [...node, "lab"], options);
    const there = [`--net=/run/netns/${docker.namespace}`, "--", process.execPath];
    await promisify(execFile)("nsenter", [...there, ...node], options);
    await noneLeft();
  });
});

describe("where containers cannot play", () => {
  test("the simulator says so", async () => {
    const args = ["--lab", "sim", "--subject", "core", "--side", "forward", "--family", "inet"];
    const [one] = await plays([...args, "--client", "plain", "--server", "image:fauria/vsftpd"], {});
    expect(one?.grade).toBe("unsupported");
    expect(one?.reason).toBe("hosts of the simulator run no containers of this machine");
  });

  test("without root, netns says so", () => {
    const root = process.getuid?.() === 0;
    const reason = "needs root: containers cannot join the networks of a user namespace";
    expect(netns.lacks("containers")).toBe(root ? undefined : reason);
  });
});
