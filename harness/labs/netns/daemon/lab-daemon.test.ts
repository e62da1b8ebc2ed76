/**
 * A running lab as a person uses it: the command line itself, in processes of its own.
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import netns from "../../netns.ts";
import { processesIn, startTimeOf } from "../processes.ts";
import { liveRuns, RUNS } from "../run-folder.ts";
import { binFolder, commandOn, findLab, type RunningLab } from "./running-lab.ts";
import type { Snapshot } from "./snapshot.ts";

const noCurl = spawnSync("curl", ["--version"]).error === undefined ? undefined : "curl is not installed";
const missing = (await netns.unavailable()) ?? noCurl;
const noConntrack = netns.lacks("kernel-forwarding");
const BIN = fileURLToPath(new URL("../../../../bin/anchorage.mjs", import.meta.url));
/** Beside the labs of people on this machine. */
const NAME = `test-${process.pid}`;
const LIMIT_MS = 120_000;
/** A lab of hosts and PF alone. */
const BARE = ["--server", "none", "--subject", "none"];

/** One command, with the lab's name where it belongs. */
function lab(command: string, args: readonly string[] = [], { name = NAME, input = "", cwd = tmpdir() } = {}) {
  return spawnSync(process.execPath, [BIN, "lab", command, "--name", name, ...args], { encoding: "utf8", input, cwd });
}

/** Runs a command as in a shell there. */
function onFirewall(line: readonly string[], input = "") {
  const { hosts, path } = runningLab();
  const [program = "", ...args] = commandOn(hosts.firewall, line);
  const env = { ...process.env, PATH: `${binFolder(path)}:${process.env.PATH}` };
  return spawnSync(program, args, { encoding: "utf8", input, env });
}

const pfctl = (...args: readonly string[]) => onFirewall(["pfctl", ...args]);
const namespaces = (): string[] => spawnSync("ip", ["netns"], { encoding: "utf8" }).stdout.match(/^\S+/gm) ?? [];

function runningLab(name = NAME): RunningLab {
  const found = findLab(name);
  if (found === undefined) throw new Error(`no lab ${name} is up`);
  return found;
}

/** What a lab consists of on this machine, to be looked for afterwards. */
function traces({ pid, path, hosts }: RunningLab) {
  const names = Object.values(hosts).map(({ namespace }) => namespace);
  return { pids: [pid, ...processesIn(names)], path, names };
}

async function expectGone({ pids, path, names }: ReturnType<typeof traces>): Promise<void> {
  expect(namespaces().filter((name) => names.includes(name))).toEqual([]);
  expect(existsSync(path)).toBe(false);
  await expect.poll(() => pids.filter((pid) => startTimeOf(pid) !== undefined), { timeout: 5_000 }).toEqual([]);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A client that logs in, gives one command, and then waits for its own end. */
async function onControlConnection(command: string): Promise<{ readonly reply: string; ends(): Promise<void> }> {
  const line = [BIN, "lab", "shell", "--name", NAME, "client", "--", "bash", "-c"];
  const lines = ["USER tester", "PASS x", command].map((text) => `printf "${text}\\r\\n" >&3; read -r reply <&3`);
  const script = `exec 3<>/dev/tcp/198.51.100.7/21; read -r <&3; ${lines.join("; ")}; echo "$reply"; cat >/dev/null`;
  const client = spawn(process.execPath, [...line, script], { stdio: ["pipe", "pipe", "inherit"] });
  const reply = await new Promise<string>((resolve) => client.stdout.once("data", (bytes) => resolve(String(bytes))));
  return {
    reply,
    async ends() {
      const over = ended(client);
      client.stdin.end();
      await over;
    },
  };
}

const ended = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => child.once("exit", (status) => resolve(status)));

const why = missing === undefined ? "" : `: not run, ${missing}`;

describe.skipIf(why !== "")(`a running lab${why}`, { timeout: LIMIT_MS }, () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "anchorage-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => {
    if (findLab(NAME) !== undefined) lab("down");
  });

  test("is a place where a person's FTP program transfers files through PF and the proxy", async () => {
    const capture = join(folder, "up.pcapng");
    const up = lab("up", ["--capture", capture]);
    expect(up.stderr).toBe("");
    expect(up.status).toBe(0);
    expect(up.stdout).toContain("ftp 198.51.100.7  or  ftp 2001:db8:2::7");
    const made = traces(runningLab());

    const again = lab("up");
    expect(again.status).toBe(1);
    expect(again.stderr).toMatch(/is up already.*lab down.*--name/);

    const original = readFileSync(join(made.path, "files", "1M.bin"));
    const copy = join(folder, "copy");
    const downloads = ["198.51.100.7", "[2001:db8:2::7]"].flatMap((address) =>
      ["--ftp-pasv", "--ftp-port -"].map((mode) => `${mode} ftp://${address}/1M.bin`),
    );
    const curls = downloads.map((words, at) => `curl -sSg --user a:b --max-time 20 -o ${copy}${at} ${words}`);
    const shell = lab("shell", ["client", "--", "sh", "-ec", curls.join("\n")]);
    expect(shell).toMatchObject({ status: 0, stderr: "" });
    for (const at of downloads.keys()) expect(readFileSync(`${copy}${at}`).equals(original), downloads[at]).toBe(true);
    const there = lab("shell", ["client", "sh", "-c", "pwd; exit 7"], { cwd: folder });
    expect(there).toMatchObject({ stdout: `${folder}\n`, status: 7 });
    expect(lab("shell", ["server", "hostname", "-I"]).stdout).toContain("198.51.100.7");

    const log = lab("log").stdout;
    expect(log).toMatch(/#1 FTP session 1\/100 started: client 10\.0\.0\.5 to server 198\.51\.100\.7/);
    expect(lab("watch", ["--once"]).stdout).toMatch(/SESSIONS 0.*ANCHORS 0.*STATES/s);
    expect(spawnSync(process.execPath, [BIN, "lab", "status"], { encoding: "utf8" }).stdout).toContain(
      `${NAME}  forward`,
    );

    expect(lab("down").status).toBe(0);
    await expectGone(made);
    const packets = readFileSync(capture).toString("latin1");
    expect(packets).toMatch(/ftp-proxy\/\d+\.\d+ holds\npass in quick/);
    expect(packets).toContain("log: #1 client: EPSV");
    const again2 = lab("down");
    expect(again2.stdout).toContain("no lab");
    expect(again2.status).toBe(0);
  });

  test("shows a session while it lasts, with its user, its anchor and its states", async () => {
    lab("up");
    const client = await onControlConnection("PASV");
    const { sessions, anchors, states } = JSON.parse(lab("watch", ["--json"]).stdout) as Snapshot;
    expect(sessions).toMatchObject([{ user: "tester", command: "PASV", dialled: "198.51.100.7:21", state: "open" }]);
    expect(sessions[0]?.reply).toMatch(/^227 /);
    const [[anchor, rules] = ["", []]] = Object.entries(anchors);
    expect(anchor).toMatch(/^ftp-proxy\/\d+\.1$/);
    expect(rules).toHaveLength(2);
    expect(states.some((one) => /198\.51\.100\.7:21 <- 10\.0\.0\.5:\d+ +ESTABLISHED:ESTABLISHED/.test(one))).toBe(true);

    // pfctl on the firewall sees the same, and can end it.
    expect(pfctl("-a", "ftp-proxy", "-sA").stdout.trim()).toBe(anchor);
    expect(pfctl("-a", anchor, "-sr").stdout.trim().split("\n")).toEqual(rules);
    expect(pfctl("-ss").stdout).toContain("10.0.0.5");
    const killed = pfctl("-k", "10.0.0.5");
    expect(killed.stderr).toMatch(/killed \d+ states? from 1 sources? and 0 destinations?/);
    expect(pfctl("-ss").stdout).not.toMatch(/<- 10\.0\.0\.5/);
    await client.ends();
  });

  test("has a pfctl on the firewall with its options, messages and exit statuses", () => {
    lab("up", ["--server", "none"]);
    const { pfConf = "" } = runningLab();
    expect(pfctl("-sr").stdout).toMatch(/^anchor "ftp-proxy\/\*" all\n/);
    expect(pfctl("-sn").status).toBe(0);
    const rule = "pass in quick inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 50000 flags S/SA";
    const load = onFirewall(["pfctl", "-a", "ftp-proxy/1.1", "-f", "-"], `${rule}\n`);
    expect(load).toMatchObject({ status: 0, stderr: "" });
    expect(pfctl("-a", "ftp-proxy/1.1", "-sr").stdout).toBe(`${rule}\n`);
    expect(pfctl("-a", "ftp-proxy/1.1", "-F", "rules")).toMatchObject({ status: 0, stderr: "rules cleared\n" });
    expect(pfctl("-a", "ftp-proxy/1.1", "-sr").stdout).toBe("");

    // Files are the person's own, /etc/pf.conf is the lab's.
    writeFileSync(join(folder, "own.conf"), "pass all\n");
    const relative = lab("pfctl", ["-f", "own.conf"], { cwd: folder });
    expect(relative).toMatchObject({ status: 0, stderr: "" });
    expect(lab("pfctl", ["-sr"]).stdout).toBe("pass all flags S/SA\n");
    expect(lab("pfctl", ["-f", "/etc/pf.conf"]).status).toBe(0);
    expect(pfctl("-sr").stdout).toContain("block drop log all");
    writeFileSync(pfConf, "pass in on\n");
    const wrong = pfctl("-f", "/etc/pf.conf");
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toMatch(/^\/etc\/pf\.conf:1: syntax error\n/);
    expect(pfctl("-Z").status).toBe(1);
  });

  test("answers programs on the firewall by docs/proxy.md's socket too", async () => {
    lab("up", BARE);
    const python = [
      "import json, socket, sys",
      's = socket.create_connection(("127.0.0.1", 8022))',
      's.sendall((json.dumps({"args": sys.argv[1:], "stdin": "pass\\n"}) + "\\n").encode())',
      "print(s.makefile().readline())",
    ].join("\n");
    const call = (...args: string[]) =>
      JSON.parse(onFirewall(["python3", "-c", python, ...args]).stdout) as { status: number };
    expect(call("-a", "mine", "-f", "-")).toMatchObject({ status: 0 });
    expect(call("-a", "mine", "-sr")).toMatchObject({ status: 0, stdout: "pass all flags S/SA\n" });
    expect(call("-sA")).toMatchObject({ status: 0 });
    expect(call("-ss")).toMatchObject({ status: 0 });
    expect(call("-k", "10.0.0.5")).toMatchObject({ status: 0 });
    expect(call("-a", "mine", "-F", "rules")).toMatchObject({ status: 0, stderr: "rules cleared\n" });
    // It reads no files of this machine's.
    expect(call("-f", "/etc/passwd")).toMatchObject({ status: 1 });
  });

  test.skipIf(noConntrack !== undefined)(
    `with Linux's conntrack in PF's place shows what the kernel knows${noConntrack === undefined ? "" : `: not run, ${noConntrack}`}`,
    async () => {
      const up = lab("up", ["--subject", "conntrack"]);
      expect(up.status).toBe(0);
      const rules = runningLab().kernelRules ?? "";
      expect(up.stdout).toContain(rules);
      const curl = "curl -sS --user a:b --max-time 20 ftp://198.51.100.7/hello.txt";
      const both = lab("shell", ["client", "--", "sh", "-c", `${curl} --disable-epsv; ${curl} --ftp-port -`]);
      expect(both).toMatchObject({ stdout: "Hello from behind PF.\n".repeat(2), stderr: "" });
      expect(lab("log").stdout).toMatch(/expected: 198\.51\.100\.7 -> 198\.51\.100\.1 port \d+\n/);

      const client = await onControlConnection("PASV");
      expect(client.reply).toMatch(/^227 .*198,51,100,7/);
      const { sessions, anchors, expected, states } = JSON.parse(lab("watch", ["--json"]).stdout) as Snapshot;
      expect(sessions).toMatchObject([{ user: "tester", command: "PASV" }]);
      expect(anchors).toEqual({});
      expect(expected).toEqual([expect.stringMatching(/^10\.0\.0\.5 -> 198\.51\.100\.7 port \d+$/)]);
      expect(states).toContainEqual(
        expect.stringMatching(/^tcp 6 \d+ ESTABLISHED src=10\.0\.0\.5 .* dport=21 .* helper=ftp/),
      );
      expect(lab("watch", ["--once"]).stdout).toMatch(/EXPECTED 1\n10\.0\.0\.5 -> .*STATES \d/s);
      await client.ends();

      // PF has no say, and says so.
      for (const told of [lab("pfctl", ["-sr"]), pfctl("-ss")]) {
        expect(told).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining("PF is out of the way") });
      }
      const reload = onFirewall(["nft", "-f", rules]);
      expect(reload).toMatchObject({ status: 0, stderr: "" });
      expect(onFirewall(["nft", "list", "ruleset"]).stdout.match(/table inet firewall/g)).toHaveLength(1);
      const wrong = lab("up", ["--subject", "conntrack", "--pf-conf", rules], { name: `${NAME}-b` });
      expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining("replaces PF") });
    },
  );

  test("takes options for the proxy, runs beside other labs, and hangs up shells when it ends", async () => {
    const other = `${NAME}-b`;
    try {
      expect(lab("up", ["--server", "none", "--", "-A"]).stdout).toContain("anchorage-ftp-proxy -d -D7 -6 -A");
      expect(lab("up", [...BARE, "--side", "reverse"], { name: other }).status).toBe(0);
      const [first, second] = [traces(runningLab()), traces(runningLab(other))];
      const shell = spawn(process.execPath, [BIN, "lab", "shell", "--name", NAME, "client", "--", "sleep", "1000"]);
      await until(() => processesIn(first.names).length > first.pids.length - 1);
      const over = ended(shell);
      expect(lab("down").status).toBe(0);
      // SIGHUP is 1.
      expect(await over).toBe(129);
      await expectGone(first);
      expect(findLab(other)?.side).toBe("reverse");
      expect(lab("down", [], { name: other }).status).toBe(0);
      await expectGone(second);
    } finally {
      lab("down", [], { name: other });
    }
  });

  test("leaves nothing when its daemon is killed: the next one sweeps, by recorded names", async () => {
    lab("up");
    const made = traces(runningLab());
    process.kill(made.pids[0] ?? 0, "SIGKILL");
    await until(() => made.pids.every((pid) => startTimeOf(pid) === undefined));
    expect(namespaces().filter((name) => made.names.includes(name))).toHaveLength(5);
    expect(lab("shell", ["client", "true"]).status).toBe(1);
    expect(lab("up", BARE).status).toBe(0);
    const next = runningLab();
    expect(namespaces().filter((name) => made.names.includes(name))).toEqual([]);
    expect(lab("down").status).toBe(0);
    await expectGone(traces(next));
  });

  test.each(["SIGINT", "SIGTERM"] as const)("in the foreground goes in order on %s", async (signal) => {
    const daemon = spawn(process.execPath, [BIN, "lab", "up", "--name", NAME, "--foreground"], { stdio: "ignore" });
    await until(() => findLab(NAME) !== undefined);
    const made = traces(runningLab());
    daemon.kill(signal);
    expect(await ended(daemon)).toBe(0);
    await expectGone(made);
  });

  test("that is interrupted while it is set up leaves nothing", async () => {
    const up = spawn(process.execPath, [BIN, "lab", "up", "--name", NAME], { stdio: "ignore" });
    await until(() => (liveRuns().find(({ name }) => name === NAME)?.namespaces.length ?? 0) > 0);
    const names = liveRuns().find(({ name }) => name === NAME)?.namespaces ?? [];
    const over = ended(up);
    up.kill("SIGINT");
    expect(await over).toBe(1);
    expect(namespaces().filter((name) => names.includes(name))).toEqual([]);
    expect(existsSync(join(RUNS, NAME))).toBe(false);
  });
});
