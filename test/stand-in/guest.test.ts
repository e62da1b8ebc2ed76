/**
 * The shell of vm/openbsd and the lab of harness/labs/openbsd.ts end to end: real ssh, agents in rdomains, rc.d,
 * pfctl. Only the kernel behind them is the PF model's. What runs here has not thereby run on OpenBSD.
 */

import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import openbsd from "../../harness/labs/openbsd.ts";
import { PROXY_WORDS, parseCommandLine } from "../../harness/players/programs/command-line.ts";
import { OWN_SCENARIOS, readCatalogue, readSubjects } from "../../harness/run/catalogue.ts";
import { runPlays } from "../../harness/run/runner.ts";
import { type Filters, select } from "../../harness/run/selection.ts";
import { ownProxy } from "../../harness/subjects/program/own-proxy.ts";
// @ts-expect-error: a plain script without types
import { buildProxy } from "../../proxy/build.mjs";
import { finished, GUEST_NAME, type Guest, guestUnavailable, startGuest } from "./guest.ts";

const missing = await guestUnavailable();
const VM = fileURLToPath(new URL("../../vm", import.meta.url));
const TOPOLOGY = "doas -n sh /usr/local/libexec/anchorage/topology.sh";

describe.skipIf(missing !== undefined)(
  `a stand-in guest${missing === undefined ? "" : `: not run, ${missing}`}`,
  () => {
    let guest: Guest;

    beforeAll(async () => {
      guest = await startGuest();
      const folder = mkdtempSync(join(tmpdir(), "anchorage-upload-"));
      for (const name of ["openbsd", "pf", "agent"]) cpSync(join(VM, name), join(folder, name), { recursive: true });
      await buildProxy(join(folder, "ftp-proxy.mjs"));
      const copied = await finished("scp", ["-q", "-F", guest.sshConfig, "-r", folder, `${GUEST_NAME}:/tmp/anchorage`]);
      rmSync(folder, { recursive: true });
      expect(copied).toMatchObject({ status: 0, stderr: "" });
    }, 60_000);

    afterAll(async () => {
      await guest?.stop();
    });

    /** Standard output of a command that must succeed. */
    const ssh = async (command: string): Promise<string> => {
      const { status, stdout, stderr } = await guest.ssh(command);
      if (status !== 0) throw new Error(`${command}: status ${status}: ${stderr || stdout}`);
      return stdout;
    };

    test("says that it is OpenBSD, and has only what that has", async () => {
      expect(await ssh("uname -srm")).toBe("OpenBSD 7.8 amd64\n");
      expect(await ssh("doas -n id -u")).toBe("0\n");
      expect((await guest.ssh("ip link")).status).toBe(127);
      expect((await guest.ssh("pfctl -sr")).stderr).toBe("pfctl: /dev/pf: Permission denied\n");
    });

    test("is provisioned, and a second time nothing changes", async () => {
      const provision = "doas -n sh /tmp/anchorage/openbsd/provision.sh";
      expect(await ssh(provision)).toMatch(/provision: ready\n$/);
      expect(await ssh(provision)).toBe("provision: ready\n");
      expect(await ssh("sysctl -n net.inet.ip.forwarding net.inet6.ip6.forwarding")).toBe("1\n1\n");
      expect(await ssh("doas -n pfctl -sr")).toContain('anchor "ftp-proxy/*" all');
      expect(await ssh("ifconfig vio0")).toContain("groups: management egress");
      expect(await ssh("/usr/local/bin/node -p process.execPath")).toBe("/usr/local/bin/node\n");
      await ssh("logger -p daemon.debug -t ftp-proxy said");
      await expect.poll(() => ssh("doas -n cat /var/log/anchorage")).toMatch(/ openbsd ftp-proxy: said\n/);
    }, 60_000);

    test("has the lab's networks as topology.sh builds them, either way round, and none after it", async () => {
      expect(await ssh(`${TOPOLOGY} up`)).toBe("topology: forward is up\n");
      expect(await ssh(`${TOPOLOGY} up`)).toBe("topology: forward is up already\n");
      expect(await ssh("route -T 1 -n get 198.51.100.7")).toContain("gateway: 10.0.0.1\n  interface: pair1\n");
      expect(await ssh(`${TOPOLOGY} up reverse`)).toBe("topology: reverse is up\n");
      expect(await ssh(`${TOPOLOGY} status`)).toContain(
        "topology: client rdomain 1 pair1 198.51.100.50 2001:db8:2::50\n",
      );
      expect(await ssh(`${TOPOLOGY} down`)).toBe("topology: down\n");
      expect((await guest.ssh(`${TOPOLOGY} status`)).status).toBe(1);
      expect(await ssh("ifconfig")).not.toMatch(/^(pair|veb|vport)/m);
    }, 60_000);

    test("runs services by rc.d, and stops what it has started", async () => {
      const flags = "-D7 -v";
      await ssh(`doas -n rcctl enable anchorage_ftpproxy && doas -n rcctl set anchorage_ftpproxy flags ${flags}`);
      expect(await ssh("doas -n rcctl start anchorage_ftpproxy")).toBe("anchorage_ftpproxy(ok)\n");
      expect(await ssh("doas -n rcctl check anchorage_ftpproxy")).toBe("anchorage_ftpproxy(ok)\n");
      expect(await ssh("cat /etc/rc.conf.local")).toBe(
        `anchorage_ftpproxy_flags=${flags}\npkg_scripts=anchorage_ftpproxy\n`,
      );
      const { status, stdout } = await guest.ssh("doas -n rcctl start ftpproxy");
      expect([status, stdout]).toEqual([1, ""]);
      expect(await ssh("doas -n rcctl stop anchorage_ftpproxy")).toBe("anchorage_ftpproxy(ok)\n");
      expect((await guest.ssh("doas -n rcctl check anchorage_ftpproxy")).stdout).toBe("anchorage_ftpproxy(failed)\n");
      await ssh("doas -n rcctl disable anchorage_ftpproxy");
      expect((await guest.ssh("cat /etc/rc.conf.local")).status).toBe(1);
    }, 60_000);

    test("a pf.conf that forgets ssh shuts people out, and who is in may undo it", async () => {
      // Connections of an interface that is skipped have no state.
      await ssh("printf 'set skip on lo\\npass\\n' | doas -n pfctl -f -");
      const within = spawn("ssh", ["-F", guest.sshConfig, GUEST_NAME, "doas -n sh"], {
        stdio: ["pipe", "pipe", "ignore"],
      });
      const said = () =>
        new Promise<string>((resolve) => within.stdout.once("data", (bytes) => resolve(String(bytes))));
      within.stdin.write("printf 'set skip on lo\\nblock return\\n' | pfctl -f - && echo shut\n");
      expect(await said()).toBe("shut\n");
      expect((await guest.ssh("true")).status).toBe(255);
      within.stdin.write("pfctl -f /etc/pf.conf && echo open\n");
      expect(await said()).toBe("open\n");
      expect((await guest.ssh("true")).status).toBe(0);
      within.stdin.end();
    }, 30_000);

    const lab = () => {
      const found = openbsd.at?.({ release: "7.8", sshConfig: guest.sshConfig });
      if (found === undefined) throw new Error("the lab openbsd has no place");
      return found;
    };

    async function plan(kind: ReturnType<typeof lab>, ...filters: readonly Filters[]) {
      const choice = { catalogue: await readCatalogue(OWN_SCENARIOS), labs: [kind], subjects: await readSubjects() };
      const cells = filters.flatMap((one) => select(choice, { ...one, labs: [kind.name] }, 1));
      const playable = cells.filter(({ plan }) => plan === "play");
      // The topology is turned round once only.
      return playable.sort((a, b) => a.cell.side.localeCompare(b.cell.side));
    }

    test("carries the scenarios: four modes, both families, both directions, three subjects", async () => {
      const modes = ["passive/pasv", "passive/epsv", "active/port", "active/eprt"];
      const quirks = [
        "servers/pasv-227-split-segments",
        "security/bounce-port-third-host",
        "clients/control-half-close",
      ];
      const planned = await plan(
        lab(),
        { ids: modes, subjects: ["core", "core-daemon"] },
        { ids: modes, subjects: ["ftp-proxy"], sides: ["forward"] },
        { ids: quirks, subjects: ["core"], families: ["inet"], sides: ["forward"] },
      );
      expect(planned.length).toBeGreaterThanOrEqual(30);
      const { plays } = await runPlays({ seed: 1, version: "0", now: () => 0, planned });
      const wrong = plays.filter(({ grade }) => grade !== "passed");
      expect(wrong.map(({ id, grade, reason = "" }) => `${id}: ${grade} ${reason}`)).toEqual([]);
      expect(
        await ssh("doas -n pfctl -a 'ftp-proxy/*' -sr; doas -n pfctl -ss | grep -v ':22 '; doas -n rcctl ls started"),
      ).toBe("sshd\nsyslogd\n");
    }, 240_000);

    test("runs a proxy of the user's own, by its path on the guest", async () => {
      const line = "mine: /usr/sbin/ftp-proxy -d -b {listen} -p {port} {options}";
      const mine = ownProxy(parseCommandLine("proxy", line, PROXY_WORDS), "ftp-proxy");
      const absent = ownProxy(parseCommandLine("proxy", "absent: /usr/local/sbin/absent -p {port}", PROXY_WORDS));
      const kind = lab();
      const choice = { catalogue: await readCatalogue(OWN_SCENARIOS), labs: [kind], subjects: [mine, absent] };
      const ids = ["passive/epsv"];
      const cells = [
        ...select(choice, { ids, subjects: ["mine"], labs: [kind.name] }, 1),
        ...select(choice, { ids, subjects: ["absent"], labs: [kind.name], families: ["inet"], sides: ["forward"] }, 1),
      ];
      const planned = cells.sort((a, b) => a.cell.side.localeCompare(b.cell.side));
      const { plays } = await runPlays({ seed: 1, version: "0", now: () => 0, planned });
      const wrong = plays.filter(({ grade }) => grade !== "passed");
      expect(wrong.map(({ subject, reason = "" }) => `${subject}: ${reason}`)).toEqual([
        expect.stringMatching(
          /^absent: absent ended with status 127 before it listened on 127\.0\.0\.1 port 8021: .*absent/,
        ),
      ]);
      expect(plays).toHaveLength(5);
      expect((await guest.ssh("doas -n pgrep -x ftp-proxy")).status).toBe(1);
    }, 240_000);

    test("whose agent dies between two plays is connected to again", async () => {
      const kind = lab();
      const setup = { seed: 1, side: "forward", family: "inet", era: "divert-to", pfConf: "pass\n" } as const;
      const notes: string[] = [];
      try {
        const first = await kind.open(setup);
        const { stdout } = await first.hosts.client.run("sh", ["-c", "echo $PPID"]);
        await first.close();
        await ssh(`doas -n kill -9 ${stdout}`);
        const second = await kind.open({ ...setup, note: (text) => notes.push(text) });
        expect((await second.hosts.client.run("true", [])).status).toBe(0);
        await second.close();
      } finally {
        await kind.shutDown?.();
      }
      expect(notes).toEqual([expect.stringMatching(/^client: .*; connecting again$/)]);
    }, 60_000);

    test("that dies under way is a lost lab, and the run goes on to its end", async () => {
      const planned = await plan(lab(), {
        ids: ["passive/epsv", "passive/pasv"],
        subjects: ["core"],
        sides: ["forward"],
      });
      const { plays } = await runPlays({
        seed: 1,
        version: "0",
        now: () => 0,
        planned,
        onStart: () => void guest.kill(),
      });
      expect(plays).toHaveLength(planned.length);
      for (const { grade, reason } of plays)
        expect([grade, reason]).toEqual([expect.not.stringContaining("passed"), expect.stringContaining("lost")]);
      const folder = dirname(guest.sshConfig);
      expect(existsSync(folder)).toBe(false);
      expect(readFileSync("/proc/mounts", "utf8")).not.toContain(folder);
    }, 60_000);
  },
);
