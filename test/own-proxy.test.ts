/**
 * `--proxy` as authors of proxies use it: a command line, a result, an exit status. The proxy is a small one in Python
 * that shares no code with Anchorage (own-proxy/relay.py).
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import netns from "../harness/labs/netns.ts";
import type { PlayResult } from "../reports/model.ts";
import { readResults } from "../reports/results.ts";
import { expectWrongUse, ROOT, anchorage as run } from "./anchorage.ts";

const FOLDER = join(ROOT, "test/own-proxy");
const RELAY = "python3 relay.py {listen} {port} {pfctl} {anchor} --server={server}";

const anchorage = (...args: readonly string[]) => run(args, { cwd: FOLDER });

async function plays(...args: readonly string[]): Promise<{ status: number | null; plays: readonly PlayResult[] }> {
  const { status, stdout, stderr } = await anchorage(
    "run",
    "--no-report",
    "--json",
    "--timelines",
    "all",
    "--jobs",
    "1",
    ...args,
  );
  if (stdout === "") throw new Error(stderr);
  return { status, plays: readResults(stdout, "results.json").plays };
}

const summary = (list: readonly PlayResult[]) => list.map(({ id, grade, reason }) => `${grade} ${id}: ${reason ?? ""}`);

describe("wrong use ends with status 2 and one line that helps", () => {
  test.each([
    [["--proxy", "./mine {prot}"], /\{prot\} is unknown; there are \{listen\} \{port\} \{options\} \{pfctl\}/],
    [["--proxy", "./mine -d"], /must listen where PF leads clients: add \{listen\} and \{port\}/],
    [["--proxy", "ftp-proxy -d -p {port}"], /"ftp-proxy" is a subject of Anchorage; write another name in front/],
    [["--proxy", "x: true {port}", "--proxy", "x: false {port}"], /two are called "x"/],
    [["--proxy", "./no-such-proxy {port}"], /there is no program "\.\/no-such-proxy" in .*own-proxy/],
    [["--proxy", "true {port}", "--like", "conntrack"], /Allowed choices are ftp-proxy, classic/],
    [["--like", "ftp-proxy"], /--like needs a --proxy/],
  ])("%j", async (args, words) => {
    expectWrongUse(await anchorage("run", "passive/pasv", ...args), words);
  });
});

test("a lab whose hosts run no programs says so, play by play", async () => {
  const { plays: played } = await plays("passive/epsv", "--lab", "sim", "--proxy", `toy: ${RELAY}`);
  expect(played.map(({ subject, grade }) => [subject, grade])).toEqual(Array(4).fill(["toy", "unsupported"]));
  expect(played[0]?.reason).toMatch(/^runs programs only where the hosts have processes: /);
});

const missing =
  (await netns.unavailable()) ?? (spawnSync("python3", ["-V"]).error === undefined ? undefined : "needs python3");

// At the same time, since most of it is waiting.
describe.skipIf(missing !== undefined)(
  `in netns${missing === undefined ? "" : `: not run, ${missing}`}`,
  { concurrent: true },
  () => {
    const IDS = ["passive/pasv", "passive/epsv", "active/port", "active/eprt"];
    const FORWARD = ["--family", "inet", "--side", "forward"];

    test("a foreign proxy serves both modes, families and sides, and what its command line cannot ask for is unsupported", async () => {
      const { status, plays: played } = await plays(...IDS, "replies/anonymous-only-mode", "--proxy", `toy: ${RELAY}`);
      const [anonymous, four] = [true, false].map((is) =>
        played.filter(({ scenario, grade }) => (scenario.category === "replies") === is && grade !== "does-not-apply"),
      );
      expect(summary(four?.filter(({ grade }) => grade !== "passed") ?? [])).toEqual([]);
      expect(four).toHaveLength(12);
      expect(new Set(four?.map(({ letter, service }) => `${letter?.verdict} ${service?.verdict}`))).toEqual(
        new Set(["no-reference works"]),
      );
      expect(summary(anonymous ?? [])[0]).toMatch(/^unsupported .*starts its proxy with -A: toy has no \{options\}/);
      expect(status).toBe(0);
      expect(four?.[0]?.subjectCommand).toMatch(
        /^python3 relay\.py 127\.0\.0\.1 8021 \/.*\/pfctl ftp-proxy --server=$/,
      );
      expect(four?.[0]?.timeline).toContainEqual(
        expect.objectContaining({ kind: "log", text: "listening on 127.0.0.1 port 8021" }),
      );
    }, 240_000);

    test("--like ftp-proxy holds it to the letter, and one command repeats the play", async () => {
      const proxy = `toy: ${RELAY}`;
      const { status, plays: played } = await plays(
        "passive/epsv",
        ...FORWARD,
        "--proxy",
        proxy,
        "--like",
        "ftp-proxy",
      );
      expect(summary(played)[0]).toMatch(/^failed .*two passive rules/);
      const wrongRules = { about: "rules", expected: expect.stringContaining("on rdomain 0") };
      expect(played[0]?.letter?.differences).toContainEqual(expect.objectContaining(wrongRules));
      expect(played[0]?.repeat).toBe(
        `npx anchorage repro 'passive/epsv@toy,netns,divert-to,inet,forward' --proxy '${proxy}' --like ftp-proxy --seed 1`,
      );
      expect(status).toBe(1);
    }, 120_000);

    test("a proxy is asked to end, by SIGTERM", async () => {
      const folder = mkdtempSync(join(tmpdir(), "anchorage-own-proxy-"));
      try {
        const trap = `trap "echo asked to end >${folder}/signal" TERM; ${RELAY}`;
        const { status } = await plays("passive/epsv", ...FORWARD, "--proxy", `polite: ${trap}`);
        expect([status, readFileSync(join(folder, "signal"), "utf8")]).toEqual([0, "asked to end\n"]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }, 120_000);

    test("a proxy that leaves its rules behind, dies, never listens or does not start is named with its last words", async () => {
      const proxies = [
        `keeps: ${RELAY} --keeps-rules`,
        `dies: ${RELAY} --dies-at EPSV`,
        "deaf: sleep 300; : {port}",
        "broken: echo no such option >&2; exit 3; : {port}",
        "forks: setsid sleep 60 >/dev/null 2>&1 & : {port}",
      ].flatMap((proxy) => ["--proxy", proxy]);
      const { status, plays: played } = await plays("passive/epsv", ...FORWARD, ...proxies);
      const reasons = Object.fromEntries(played.map(({ subject, reason }) => [subject, reason]));
      expect(reasons).toEqual({
        keeps: expect.stringMatching(
          /^Nothing stays open after the session: still loaded: ftp-proxy\/\d+\.1 \(2 rules\)/,
        ),
        dies: expect.stringMatching(/^dies ended with status 7 during the play: .*; dies at EPSV$/),
        deaf: expect.stringMatching(/^deaf does not listen on 127\.0\.0\.1 port 8021 after 15 s; it printed nothing/),
        broken: expect.stringMatching(
          /^broken ended with status 3 before it listened on .*: no such option \(command: /,
        ),
        forks: expect.stringMatching(/^forks ended with status 0 .*; it must stay in the foreground, as ftp-proxy -d/),
      });
      expect(status).toBe(1);
    }, 240_000);

    test("any proxy with the options of ftp-proxy(8) is held to its letter: ours, under another name", async () => {
      const ours = `${process.execPath} ../../bin/anchorage-ftp-proxy.mjs -d -b {listen} -p {port} --user nobody --pfctl {pfctl}`;
      const args = ["--proxy", `ours: ${ours} {options}`, "--like", "ftp-proxy", "--side", "forward"];
      const { plays: played } = await plays("passive/epsv", "active/eprt", "replies/anonymous-only-mode", ...args);
      expect(summary(played.filter(({ grade }) => !["passed", "does-not-apply"].includes(grade)))).toEqual([]);
    }, 240_000);
  },
);
