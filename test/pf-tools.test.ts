/**
 * The commands on PF as their users call them: lint, explain, convert, pfctl, pf-replay, replay-captures.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectWrongUse, ROOT, anchorage as run } from "./anchorage.ts";

const DECISIONS = join(ROOT, "harness/tools/replay/decisions/fixtures");
let folder: string;

const anchorage = (args: readonly string[], stdin = "") => run(args, { cwd: folder, stdin });

const FIT = `set skip on lo
block return
anchor "ftp-proxy/*"
match out on egress inet from (em1:network) nat-to (egress)
pass in quick on em1 inet proto tcp to port ftp divert-to 127.0.0.1 port 8021
pass out on egress inet proto tcp from (egress) to any port ftp
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anchorage-pf-"));
  await writeFile(join(folder, "fit.conf"), FIT);
  await writeFile(join(folder, "unfit.conf"), FIT.replace(/anchor.*\n/, ""));
  await writeFile(
    join(folder, "interfaces.json"),
    JSON.stringify([
      { name: "em0", groups: ["egress"], addresses: ["192.0.2.1/24"] },
      { name: "em1", addresses: ["10.0.0.1/24"] },
    ]),
  );
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("--release", () => {
  const OLD = "nat on em1 from em1:network to any -> (em0)\nblock in on em0 all ridentifier 7\n";

  test("reads a text as that release's pfctl does", async () => {
    const options = ["--interfaces", "interfaces.json", "-nf", "-"];
    expect(await anchorage(["pfctl", "--release", "freebsd@14", ...options], OLD)).toMatchObject({
      status: 0,
      stderr: "",
    });
    expect((await anchorage(["pfctl", "--release", "openbsd@4.6", ...options], OLD)).stderr).toContain(
      "stdin:2: syntax error",
    );
    expect((await anchorage(["pfctl", "--era", "divert-to", ...options], OLD)).status).toBe(1);
    const linted = await anchorage(["lint", "--release", "freebsd@14", "--json", "-"], OLD);
    expect(JSON.parse(linted.stdout).era).toBe("rdr-anchor");
  });

  test("that there is not is wrong use", async () => {
    expectWrongUse(
      await anchorage(["pfctl", "--release", "netbsd@9", "-nf", "-"]),
      /"netbsd@9" is none of .*freebsd@15/,
    );
  });
});

describe("each command", () => {
  test.each(["lint", "explain", "convert", "pfctl", "pf-replay", "replay-captures"])("%s has help", async (name) => {
    const { status, stdout } = await anchorage([name, "--help"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: anchorage/);
    expect(stdout).toContain("--json");
  });

  test.each([
    [["lint", "absent.conf"], "anchorage: absent.conf cannot be read: No such file or directory\n"],
    [["lint", "--interfaces", "fit.conf", "fit.conf"], /^anchorage: fit\.conf: no interfaces found/],
    [["lint", "--port", "0", "fit.conf"], /A port is a number/],
    [["convert", "fit.conf"], /--to <era>/],
    [["convert", "--to", "ipfw", "fit.conf"], /Allowed choices are divert-to, rdr-to, rdr-anchor/],
    [["explain", "fit.conf"], /explain needs a packet/],
    [["explain", "fit.conf", "nonsense"], /expected a packet that begins with in or out/],
    [
      ["explain", "--anchor", "x", "--", "fit.conf", "in on em0 udp 10.0.0.1:1 -> 10.0.0.2:2"],
      /--anchor needs NAME=FILE/,
    ],
    [["pfctl", "--interfaces"], /--interfaces wants a file/],
    [["pf-replay", "fit.conf"], /^anchorage: fit\.conf: no decision cases/],
    [["replay-captures", "absent"], /^anchorage: absent: No such file/],
  ] as const)("ends with status 2 and one line for wrong use: %j", async (args, expected) => {
    expectWrongUse(await anchorage(args), expected);
  });
});

describe("anchorage lint", () => {
  test("ends with 0 for a rule set that is fit", async () => {
    expect(await anchorage(["lint", "fit.conf"])).toEqual({
      status: 0,
      stdout:
        "fit.conf: fit for ftp-proxy (OpenBSD 5.0 and later; ftp-proxy; inside em1, outside em0 (guessed from the rules))\n",
      stderr: "",
    });
  });

  test("ends with 1, and names file and line, where it found something", async () => {
    const { status, stdout } = await anchorage(["lint", "fit.conf", "unfit.conf"]);
    expect(status).toBe(1);
    expect(stdout).toContain('unfit.conf:2: there is no anchor "ftp-proxy/*" [anchor-missing]');
    expect(stdout).toContain('Write before line 2:\n      anchor "ftp-proxy/*"');
  });

  test("reads standard input, and writes JSON", async () => {
    const { status, stdout } = await anchorage(["lint", "--json", "-"], FIT.replace("/*", ""));
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      file: "stdin",
      era: "divert-to",
      mode: "forward",
      fit: false,
      findings: [{ check: "anchor-without-star", line: 3, correction: { lines: ['anchor "ftp-proxy/*"'] } }],
    });
  });
});

describe("anchorage explain", () => {
  test("prints the way of a packet through the rules", async () => {
    const packet = "in on em1 tcp 10.0.0.5:40000 -> 203.0.113.21:21";
    const { status, stdout } = await anchorage(["explain", "fit.conf", packet, "--interfaces", "interfaces.json"]);
    expect(status).toBe(0);
    expect(stdout).toBe(`in on em1 tcp 10.0.0.5:40000 > 203.0.113.21:21 S
  * 0  line 2    block return all
                 matches: a later rule overrides it
  * 1  line 3    anchor "ftp-proxy/*" all
                 matches: there is no anchor below it
    2  line 4    match out on egress inet from (em1:network) to any nat-to (egress) round-robin
                 no: another interface
  * 3  line 5    pass in quick on em1 inet proto tcp from any to any port = 21 flags S/SA divert-to 127.0.0.1 port 8021
                 matches, quick: decides
  => pass by rule 3
     diverted to 127.0.0.1 port 8021
     state made: all tcp 203.0.113.21:21 <- 10.0.0.5:40000       CLOSED:SYN_SENT
`);
  });

  test("takes packets from standard input, and refuses rules that do not load", async () => {
    const packets = "# a reply to nobody\nin on em0 tcp 203.0.113.21:80 -> 192.0.2.1:4000 flags SA\n";
    const { stdout } = await anchorage(["explain", "--json", "fit.conf", "--packets", "-"], packets);
    expect(JSON.parse(stdout).packets).toMatchObject([{ verdict: "drop", decidedBy: "0" }]);
    const bad = await anchorage(["explain", "-", "in on em0 udp 10.0.0.1:1 -> 10.0.0.2:2"], "pass\npass frob\n");
    expect(bad).toEqual({ status: 1, stdout: "", stderr: "stdin:2: syntax error\n" });
  });
});

describe("anchorage convert", () => {
  test("writes the text, or says by line what has no equivalent", async () => {
    const { status, stdout } = await anchorage(["convert", "--to", "rdr-anchor", "fit.conf"]);
    expect(status).toBe(0);
    expect(stdout).toContain("rdr pass on em1 inet proto tcp to port ftp -> 127.0.0.1 port 8021\n");
    const refused = await anchorage(["convert", "--to", "rdr-anchor", "-"], "pass\npass in once\n");
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    expect(refused.stderr).toBe(
      'stdin:2: cannot be converted: OpenBSD before 4.7, and FreeBSD have nothing like "once"\n',
    );
  });
});

describe("anchorage pfctl", () => {
  test("answers as pfctl does", async () => {
    const rule = "pass in proto tcp to port ftp\n";
    expect(await anchorage(["pfctl", "-nvf", "-"], rule)).toEqual({
      status: 0,
      stdout: "pass in proto tcp from any to any port = 21 flags S/SA\n",
      stderr: "",
    });
    expect(await anchorage(["pfctl", "-nf", "-"], "pass frob\n")).toEqual({
      status: 1,
      stdout: "",
      stderr: "stdin:1: syntax error\n",
    });
  });

  test("loads into a model without -n, and says so when that fails", async () => {
    expect(await anchorage(["pfctl", "-f", "-"], "pass\n")).toEqual({ status: 0, stdout: "", stderr: "" });
    const { status, stderr } = await anchorage(["pfctl", "-f", "-"], "pass frob\n");
    expect(status).toBe(1);
    expect(stderr).toBe("stdin:1: syntax error\npfctl: Syntax error in config file: pf rules not loaded\n");
  });

  test("knows the interfaces that it is given, and lo0", async () => {
    const text = "pass in to em1\npass in to lo0\n";
    const { stdout } = await anchorage(["pfctl", "-nvf", "-", "--interfaces", "interfaces.json"], text);
    expect(stdout).toContain("pass in inet from any to 10.0.0.1 flags S/SA\n");
    expect(stdout).toContain("pass in inet from any to 127.0.0.1 flags S/SA\n");
    const without = await anchorage(["pfctl", "-nvf", "-"], "pass in to em1\n");
    expect(without.stderr).toContain("no IP address found for em1");
  });

  test("takes -D, -a, -N and -o", async () => {
    const args = ["pfctl", "-nv", "-N", "-o", "none", "-D", "if=em1", "-a", "x", "-f", "-"];
    expect((await anchorage(args, "block on $if\n")).stdout).toBe("block drop on em1 all\n");
  });
});

describe("anchorage pf-replay", () => {
  test("ends on how many probes agree", async () => {
    const { status, stdout } = await anchorage(["pf-replay", join(DECISIONS, "manual.jsonl.gz")]);
    expect(stdout).toMatch(/\n(\d+) of \1 probes agree\n$/);
    expect(status).toBe(0);
  });

  test("names the probes that differ, and takes plain files too", async () => {
    const packet = {
      af: 4,
      src: "10.0.0.2",
      dst: "198.51.100.9",
      ttl: 64,
      len: 33,
      proto: "udp",
      sport: 1,
      dport: 2,
      data: "hello",
    };
    const one = {
      id: "made-up",
      conf: "block\n",
      load: { main: { rc: 0, out: "" } },
      rules: [{ k: "0", text: "block drop all" }],
      probes: [
        {
          name: "let-through",
          kind: "raw",
          steps: [
            {
              in: {
                if: "vio0",
                pkt: packet,
              },
              out: [
                {
                  if: "vio1",
                  pkt: { ...packet, ttl: 63 },
                },
              ],
            },
          ],
          verdict: {},
          counters: {},
        },
      ],
    };
    await writeFile(join(folder, "cases.jsonl"), `${JSON.stringify(one)}\n`);
    await writeFile(join(folder, "cases.jsonl.gz"), gzipSync(`${JSON.stringify(one)}\n`));
    const { status, stdout } = await anchorage(["pf-replay", "--json", "cases.jsonl", "cases.jsonl.gz"]);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      total: 2,
      agree: 0,
      differ: [{ file: "cases.jsonl", case: "made-up", probe: "let-through" }, { file: "cases.jsonl.gz" }],
    });
  });
});
