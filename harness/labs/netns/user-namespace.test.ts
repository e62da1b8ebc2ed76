/**
 * The netns lab as an ordinary user has it. When the tests run as root, nobody plays: with a TUN device that
 * everybody may use, as udev makes it, and a view of this checkout that everybody may read; both are seen by the
 * test's own processes alone.
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readResults } from "../../../reports/results.ts";
import netns from "../netns.ts";
import { isRoot, rootInWords, withheld } from "./privilege.ts";
import { refusal, whyNoUserNamespace } from "./user-namespace.ts";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
/** The user and group of that name on Debian. */
const NOBODY = 65_534;
const LIMIT_MS = 120_000;

/** "$1": the device's mode, "$2": the place of the view, "$3": a folder that is hidden with the machine's /run. */
const BECOME_NOBODY = `
set -e
mount -t tmpfs tmpfs /dev/net
mknod -m "$1" /dev/net/tun c 10 200
mount --rbind '${REPOSITORY}' "$2"
[ -z "$3" ] || { mount -t tmpfs tmpfs /run; mkdir -p "$3"; chown ${NOBODY}:${NOBODY} "$3"; chmod 700 "$3"; }
shift 3
exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups "$@"
`;

const root = isRoot();
const folder = mkdtempSync(join(tmpdir(), "anchorage-user-"));
const view = root ? join(folder, "view") : REPOSITORY;
/** Belongs to the user. */
const own = join(folder, "own");
mkdirSync(own);
if (root) {
  mkdirSync(view);
  chmodSync(folder, 0o755);
  chownSync(own, NOBODY, NOBODY);
}

interface Surroundings {
  readonly tun?: "666" | "600";
  readonly XDG_RUNTIME_DIR?: string;
}

/** A command line of the user, with the words before it and its environment. */
function asUser(line: readonly string[], { tun = "666", XDG_RUNTIME_DIR }: Surroundings = {}) {
  const before = root ? ["unshare", "--mount", "sh", "-c", BECOME_NOBODY, "sh", tun, view, XDG_RUNTIME_DIR ?? ""] : [];
  const [program = "", ...args] = [...before, ...line];
  // As Debian gives it to ordinary users.
  const PATH = "/usr/local/bin:/usr/bin:/bin";
  const env: NodeJS.ProcessEnv = { ...process.env, TMPDIR: own, HOME: own, PATH, XDG_RUNTIME_DIR };
  if (XDG_RUNTIME_DIR === undefined) delete env.XDG_RUNTIME_DIR;
  return { program, args, options: { env, cwd: view } };
}

function anchorage(args: readonly string[], surroundings?: Surroundings) {
  const {
    program,
    args: rest,
    options,
  } = asUser([process.execPath, join(view, "bin", "anchorage.mjs"), ...args], surroundings);
  return { program, rest, options };
}

function runs(args: readonly string[], surroundings?: Surroundings) {
  const { program, rest, options } = anchorage(args, surroundings);
  return spawnSync(program, rest, { ...options, encoding: "utf8" });
}

/** Processes of these tests: their environment names the folder. */
function processes(): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(`TMPDIR=${own}\0`);
    } catch {
      return false;
    }
  });
}

function whyNot(): string | undefined {
  if (process.platform !== "linux") return "needs Linux";
  if (!root) return whyNoUserNamespace();
  const { program, args, options } = asUser(["unshare", "--user", "--map-root-user", "--net", "true"]);
  const { status, stderr } = spawnSync(program, args, { ...options, encoding: "utf8" });
  return status === 0 ? undefined : `needs mounts, devices and a user namespace for nobody: ${stderr}`;
}

const missing = (root ? await netns.unavailable() : undefined) ?? whyNot();

const why = missing === undefined ? "" : `: not run, ${missing}`;

describe.skipIf(why !== "")(`netns without root${why}`, { timeout: LIMIT_MS }, () => {
  const runsFolder = join(own, `anchorage-${root ? NOBODY : process.getuid?.()}`);
  const left = () => readdirSync(runsFolder);
  beforeAll(() => expect(processes()).toEqual([]));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("plays as root does, and says what needs root", async (context) => {
    const subjects = ["core", "core-daemon", "none", ...(netns.lacks("kernel-forwarding") ? [] : ["conntrack"])];
    const programs = ["programs/curl/pyftpdlib-passive", "programs/curl/vsftpd-passive"];
    const ids = ["active/port", "passive/pasv", ...programs];
    const where = ["--lab", "netns", "--family", "inet", "--side", "forward", "--report", join(own, "report")];
    const surroundings = root ? { XDG_RUNTIME_DIR: `/run/user/${NOBODY}` } : {};
    const { status } = runs(["run", ...ids, ...where, "--subject", ...subjects], surroundings);
    const { plays } = readResults(readFileSync(join(own, "report", "results.json"), "utf8"), "results.json");
    const grades = (id: string) => plays.filter(({ scenario }) => scenario.id === id).map(({ grade }) => grade);
    for (const id of ["active/port", "passive/pasv"]) expect(grades(id)).toEqual(subjects.map(() => "passed"));
    const vsftpd = plays.find(({ scenario }) => scenario.id === programs[1]);
    expect(vsftpd).toMatchObject({ grade: "unsupported", reason: expect.stringMatching(/^needs root: /) });
    expect(status).toBe(0);
    const absent = plays.find(({ reason = "" }) => reason.includes("not installed"));
    if (absent !== undefined) context.skip(`only in part: ${absent.reason}`);
    expect(new Set(grades(programs[0] ?? ""))).toEqual(new Set(["passed"]));
  });

  test("leaves no process when it is killed, and what the next one sweeps", async () => {
    const { program, rest, options } = anchorage(["run", "passive", "--lab", "netns", "--no-report"]);
    const child: ChildProcess = spawn(program, rest, { ...options, stdio: "ignore" });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    // Agents of one place.
    await expect.poll(() => processes().length, { timeout: 60_000, interval: 50 }).toBeGreaterThan(6);
    expect(left()).toEqual([String(child.pid)]);
    child.kill("SIGKILL");
    await ended;
    await expect.poll(processes, { timeout: 10_000, interval: 50 }).toEqual([]);
    expect(runs(["lab", "down"]).status).toBe(0);
    expect(left()).toEqual([]);
  });

  test("runs as a lab that stays up: up, shell, watch, down", async () => {
    const refused = runs(["lab", "up", "--server", "vsftpd"]);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining("server vsftpd needs root: ") });
    const up = runs(["lab", "up"]);
    expect([up.status, up.stderr]).toEqual([0, ""]);
    expect(up.stdout).toContain("  npx anchorage lab shell client\n");
    const curl = ["curl", "-sS", "--ftp-port", "-", "--user", "a:b", "--max-time", "20"];
    const got = runs(["lab", "shell", "client", "--", ...curl, "ftp://198.51.100.7/hello.txt"]);
    expect([got.stdout, got.stderr]).toEqual(["Hello from behind PF.\n", ""]);
    expect(runs(["lab", "shell", "firewall", "nft", "list", "ruleset"]).stdout).toContain("tproxy");
    expect(runs(["lab", "shell", "firewall", "pfctl", "-sr"]).stdout).toMatch(/^anchor "ftp-proxy\/\*" all\n/);
    expect(runs(["lab", "watch", "--once"]).stdout).toMatch(/1 control connection so far/);
    expect(runs(["lab", "down"])).toMatchObject({ status: 0, stdout: 'lab "lab" is down\n' });
    expect(left()).toEqual([]);
    await expect.poll(processes, { timeout: 10_000, interval: 50 }).toEqual([]);
  });

  /** Root in a container that has taken capabilities from it. */
  const asRootWithout = (...lacks: readonly string[]) => {
    const sets = ["--bounding-set", "--inh-caps"].map((set) => `${set}=${lacks.map((one) => `-${one}`).join(",")}`);
    const play = ["run", "passive/pasv", "--lab", "netns", "--subject", "core", "--no-report"];
    const line = [...sets, process.execPath, join(REPOSITORY, "bin", "anchorage.mjs"), ...play];
    return spawnSync("setpriv", line, { encoding: "utf8", env: { ...process.env, TMPDIR: own } });
  };

  test.skipIf(!root)("root without CAP_SYS_ADMIN has it as an ordinary user, or is told what is missing", () => {
    const { status, stdout } = asRootWithout("sys_admin");
    expect([status, stdout]).toEqual([0, expect.stringContaining("1 quirk: 1 as expected in every cell")]);
    // user_namespaces(7), since Linux 5.12: who may not give files capabilities may not be root there as here.
    const [major = 0, minor = 0] = release().split(".").map(Number);
    if (major < 5 || (major === 5 && minor < 12)) return;
    expect(asRootWithout("sys_admin", "setfcap")).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(
        /lab netns needs root with CAP_SYS_ADMIN \(for a container: --cap-add SYS_ADMIN\), or a user namespace/,
      ),
    });
  });

  test.skipIf(!root)("without a TUN device for everybody is refused with the remedy, before anything is played", () => {
    const refused = runs(["run", "passive/pasv", "--lab", "netns", "--no-report"], { tun: "600" });
    expect(refused).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringContaining("chmod 666 /dev/net/tun"),
    });
    const up = runs(["lab", "up"], { tun: "600" });
    expect(up).toMatchObject({ status: 1, stderr: expect.stringContaining("chmod 666 /dev/net/tun") });
  });
});

describe("root without the capabilities that networks are made with", () => {
  test("is known by proc(5)", () => {
    expect(withheld("Name:\tnode\nCapEff:\t000001ffffffffff\n")).toEqual([]);
    // Docker's default.
    expect(withheld("CapEff:\t00000000a80425fb\n")).toEqual(["CAP_SYS_ADMIN", "CAP_NET_ADMIN"]);
    expect(withheld("no such line\n")).toEqual([]);
  });

  test("is told which", () => {
    expect(rootInWords([])).toBe("root");
    expect(rootInWords(["CAP_SYS_ADMIN", "CAP_NET_ADMIN"])).toBe(
      "root with CAP_SYS_ADMIN and CAP_NET_ADMIN (for a container: --cap-add SYS_ADMIN --cap-add NET_ADMIN)",
    );
  });
});

describe("a kernel that gives ordinary users no namespace", () => {
  const said = "unshare: unshare failed: Operation not permitted";
  test.each([
    ["kernel.unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1"],
    ["kernel.apparmor_restrict_unprivileged_userns", "1", "sysctl kernel.apparmor_restrict_unprivileged_userns=0"],
    ["user.max_user_namespaces", "0", "sysctl user.max_user_namespaces=10000"],
  ])("%s=%s is named, with what lifts it", (name, value, remedy) => {
    expect(refusal(said, (asked) => (asked === name ? value : undefined))).toMatch(new RegExp(`: ${remedy}$`));
  });

  test("for another reason is quoted", () => {
    expect(refusal(said, () => undefined)).toContain(`(${said})`);
    expect(refusal("env: 'unshare': No such file or directory", () => undefined)).toContain(
      "apt-get install util-linux",
    );
  });
});
