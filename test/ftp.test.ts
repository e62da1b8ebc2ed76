/** `anchorage ftp pf.conf` and `repro --pf-conf`: FTP through rule sets as they are on people's firewalls. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FtpOptions, wouldFtpWork } from "../harness/tools/ftp/ftp.ts";
import { flagsIn } from "../harness/tools/ftp/proxy-options.ts";
import { anchorage } from "./anchorage.ts";

const answersTo = async (text: string, options: FtpOptions = {}) => {
  const found = await wouldFtpWork(text, options);
  const said = found.answers.map(({ family, mode, verdict }) => `${family} ${mode} ${verdict}`);
  return { ...found, said, reason: found.answers[0]?.reason, rule: found.answers[0]?.play?.service?.rule };
};
const ONLY_INET = ["inet passive works", "inet active works", "inet6 passive untried", "inet6 active untried"];

const PPPOE = `ext = "pppoe0"
int = "vlan10"
set skip on lo
anchor "ftp-proxy/*"
match out on $ext inet from $int:network nat-to ($ext)
block
pass in quick on $int inet proto tcp to port ftp divert-to 127.0.0.1 port 8021
pass out on $ext inet proto tcp from ($ext) to port ftp
`;

describe("FTP works", () => {
  test("on interfaces of any name", async () => {
    const { said, analysis, policy } = await answersTo(PPPOE);
    expect(said).toEqual(ONLY_INET);
    expect([analysis.machine.inside, analysis.machine.outside]).toEqual([["vlan10"], "pppoe0"]);
    expect(policy).toEqual([]);
  });

  test("in both families, on interfaces that are given", async () => {
    const inet6 = `${PPPOE}pass in quick on vlan10 inet6 proto tcp to port ftp divert-to ::1 port 8021
pass out on pppoe0 inet6 proto tcp from (pppoe0) to port ftp\n`;
    const interface_ = (name: string, inet: string, six: string) => ({
      ...{ name, groups: name === "pppoe0" ? ["egress"] : [] },
      addresses: [
        { address: inet, prefix: 24 },
        { address: six, prefix: 64 },
      ],
    });
    const interfaces = [
      interface_("pppoe0", "203.0.113.9", "2001:db8:a::1"),
      interface_("vlan10", "172.16.0.1", "2001:db8:b::1"),
    ];
    const { answers } = await answersTo(inet6, { interfaces });
    expect(answers.map(({ verdict }) => verdict)).toEqual(["works", "works", "works", "works"]);
    const without = await answersTo(PPPOE.replace(" inet proto tcp from ($ext)", " proto tcp from ($ext)"), {
      interfaces,
    });
    expect(without.said).toContain("inet passive works");
    expect(without.said).toContain("inet6 passive fails");
  });

  test("where the firewall has users, files and services that are not known here", async () => {
    const own = `table <bad> persist file "/etc/badhosts"\n${PPPOE}block in quick from <bad>
pass out proto tcp to port no-such-service user _tor\n`;
    expect((await answersTo(own)).said).toEqual(ONLY_INET);
  });

  test("for clients in a table that is filled at run time", async () => {
    const authpf = `table <authpf_users> persist\n${PPPOE.replace("tcp to port ftp divert", "tcp from <authpf_users> to port ftp divert")}`;
    expect((await answersTo(authpf)).said).toEqual(ONLY_INET);
  });

  test("with a macro of pfctl's command line", async () => {
    const { said } = await answersTo(PPPOE.replace('int = "vlan10"\n', ""), { defines: { int: "vlan10" } });
    expect(said).toEqual(ONLY_INET);
  });

  test("where documentation networks are blocked as martians", async () => {
    const martians = "table <martians> { 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 }\n";
    const { said } = await answersTo(
      `${martians}${PPPOE}block in quick on $ext from <martians>\nblock out quick on $ext to <martians>\n`,
    );
    expect(said).toEqual(ONLY_INET);
  });

  test("for a proxy that listens elsewhere, as the rules say", async () => {
    const { said, proxy } = await answersTo(PPPOE.replace("127.0.0.1 port 8021", "127.0.0.1 port 2121"));
    expect(proxy.inet).toEqual(["-p", "2121"]);
    expect(said).toEqual(ONLY_INET);
  });

  test("by rules for the user of the proxy", async () => {
    const { said } = await answersTo(PPPOE.replace(/(from \(\$ext\) to port ftp)/, "$1 user _ftp_proxy"));
    expect(said).toEqual(ONLY_INET);
    const { rule } = await answersTo(PPPOE.replace(/(from \(\$ext\) to port ftp)/, "$1 user www"));
    expect(rule?.text).toBe("block drop all");
  });

  test("with the flags of rc.conf.local", async () => {
    const tagged = `${PPPOE}pass out tagged ftp\npass in tagged ftp\n`;
    const flags = flagsIn('# ftpproxy\nftpproxy_flags="-T ftp -v"\nntpd_flags=\nftpproxy6_flags=-D7\n');
    expect(flags).toEqual({ inet: ["-T", "ftp", "-v"], inet6: ["-D7"] });
    expect((await answersTo(tagged, { flags })).said).toEqual(ONLY_INET);
  });

  test("in reverse, to a server behind the firewall", async () => {
    const { said, analysis } = await answersTo(`block
anchor "ftp-proxy/*"
pass in on em0 inet proto tcp to 198.51.100.1 port 21
pass out on em1 inet proto tcp to 10.0.0.20 port 21 user _ftp_proxy
`);
    expect(analysis.reverse).toBe(true);
    expect(said).toEqual(ONLY_INET);
  });

  test("before 4.7 and on FreeBSD", async () => {
    const { said, analysis } = await answersTo(`nat-anchor "ftp-proxy/*"
rdr-anchor "ftp-proxy/*"
nat on em0 inet from em1:network to any -> (em0)
rdr pass on em1 inet proto tcp from any to any port ftp -> 127.0.0.1 port 8021
block
anchor "ftp-proxy/*"
pass out on em0 inet proto tcp from (em0) to any port ftp
`);
    expect(analysis.era).toBe("rdr-anchor");
    expect(said).toEqual(ONLY_INET);
  });
});

describe("FTP fails", () => {
  test("by a rule, which is named, and the line that mends it does mend it", async () => {
    const text = PPPOE.replace(/pass out.*\n/, "");
    const { said, rule, findings } = await answersTo(text);
    expect(said[0]).toBe("inet passive fails");
    expect(rule).toMatchObject({ line: 6, text: "block drop all" });
    expect(findings).toHaveLength(1);
    expect((await answersTo(`${text}${findings[0]?.correction.lines.join("\n")}\n`)).said).toEqual(ONLY_INET);
  });

  test("a policy that lets the inside out anywhere is a remark, and no failure", async () => {
    const { said, policy } = await answersTo(`${PPPOE}pass in on $int\npass out on $ext\n`);
    expect(said).toEqual(ONLY_INET);
    expect(policy.join("\n")).toContain("inside intruder reaches");
  });

  test("a line that does not load is named, and nothing is played", async () => {
    const { answers } = await answersTo(`${PPPOE}pass out on\n`);
    expect(answers[0]).toMatchObject({ verdict: "untried", reason: "line 9 does not load: syntax error" });
  });
});

describe("the command line", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "anchorage-ftp-"));
    await writeFile(join(folder, "pf.conf"), PPPOE);
    await writeFile(join(folder, "broken.conf"), `${PPPOE}pass out on\n`);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("ftp has a table for people, JSON for programs, and status 1 where FTP fails", async () => {
    const { status, stdout } = await anchorage(["ftp", "pf.conf"], { cwd: folder });
    expect(stdout).toMatch(/^pf\.conf: inside vlan10, outside pppoe0 \(guessed from the rules\)\n/);
    expect(stdout).toMatch(/^passive +works +not tried$/m);
    expect(status).toBe(0);
    const blocked = await anchorage(["ftp", "-", "--json"], { cwd: folder, stdin: PPPOE.replace(/pass out.*\n/, "") });
    expect(JSON.parse(blocked.stdout).answers[0]).toMatchObject({ verdict: "fails", service: { by: "firewall" } });
    expect(blocked.status).toBe(1);
  });

  test("repro plays a scenario on the file's own interfaces, and its errors name the file", async () => {
    const { status, stdout } = await anchorage(["repro", "passive/pasv", "--pf-conf", "pf.conf"], { cwd: folder });
    expect(stdout).toContain("inside vlan10, outside pppoe0");
    expect(stdout).toContain("service: works");
    expect(status).toBe(0);
    const refused = await anchorage(["repro", "passive/pasv", "--pf-conf", "broken.conf"], { cwd: folder });
    expect(refused.stderr).toBe("anchorage: broken.conf:9: syntax error\n");
    expect(refused.status).toBe(1);
  });
});
