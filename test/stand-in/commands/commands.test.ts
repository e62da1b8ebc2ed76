/** What the guest's commands print and refuse, beside what was seen on an OpenBSD 7.8 kernel. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { Files } from "../files.ts";
import { Network } from "../kernel/network.ts";
import { Sysctl } from "../kernel/sysctl.ts";
import type { Machine } from "../machine.ts";
import { type Call, Refusal, Unable } from "./command.ts";
import { COMMANDS } from "./commands.ts";

const root = mkdtempSync(join(tmpdir(), "anchorage-commands-"));
afterAll(() => rmSync(root, { recursive: true }));

let machine: Machine;
beforeEach(() => {
  mkdirSync(join(root, "etc/rc.d"), { recursive: true });
  writeFileSync(join(root, "etc/rc.conf"), "ftpproxy_flags=NO\nsshd_flags=\npf=YES\n");
  rmSync(join(root, "etc/rc.conf.local"), { force: true });
  for (const name of ["ftpproxy", "sshd", "anchorage_ftpproxy"]) writeFileSync(join(root, "etc/rc.d", name), "");
  machine = { files: new Files(root), network: new Network(), sysctl: new Sysctl() } as unknown as Machine;
});

/** Both streams, and the status if it is not 0. */
async function run(line: string, uid = 0): Promise<string> {
  const [program = "", ...args] = line.split(" ");
  const call: Call = {
    program,
    args,
    cwd: "/",
    uid,
    pid: 1,
    rdomain: 0,
    stdin: async () => "",
    write() {},
    gone: new Promise(() => {}),
  };
  try {
    const reply = await COMMANDS[program]?.(call, machine);
    if (reply === undefined || "exec" in reply) return (reply?.exec ?? []).join(" ");
    return `${reply.stdout ?? ""}${reply.stderr ?? ""}${reply.status === 0 ? "" : `[${reply.status}]`}`;
  } catch (error) {
    if (error instanceof Refusal) return `${error.message}\n[${error.status}]`;
    throw error;
  }
}

const all = async (...lines: readonly string[]): Promise<void> => {
  for (const line of lines) expect(await run(line)).toBe("");
};

describe("ifconfig", () => {
  test("shows a host's end of a wire, the wire's other end in a bridge, and the bridge", async () => {
    await all(
      "ifconfig veb0 create",
      "ifconfig pair1 create",
      "ifconfig pair1 rdomain 1",
      "ifconfig pair1 group endpoint",
    );
    await all(
      "ifconfig pair11 create",
      "ifconfig pair1 patch pair11",
      "ifconfig pair11 up",
      "ifconfig veb0 add pair11",
    );
    await all("ifconfig veb0 up", "ifconfig pair1 inet 10.0.0.5 netmask 255.255.255.0 up");
    await all("ifconfig pair1 inet6 2001:db8:1::5 prefixlen 64", "ifconfig lo1 inet 127.0.0.1/8");
    const { index } = machine.network.get("pair1");
    expect(await run("ifconfig pair1")).toBe(
      `pair1: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> rdomain 1 mtu 1500
\tlladdr fe:e1:ba:d0:00:02
\tindex ${index} priority 0 llprio 3
\tpatch: pair11
\tgroups: pair endpoint
\tmedia: Ethernet autoselect
\tstatus: active
\tinet 10.0.0.5 netmask 0xffffff00 broadcast 10.0.0.255
\tinet6 fe80::fce1:baff:fed0:2%pair1 prefixlen 64 scopeid 0x${index.toString(16)}
\tinet6 2001:db8:1::5 prefixlen 64
`,
    );
    expect(await run("ifconfig pair11")).toMatch(
      /^pair11: flags=8943<UP,BROADCAST,RUNNING,PROMISC,SIMPLEX,MULTICAST> mtu 1500\n/,
    );
    expect(await run("ifconfig veb0")).toContain("\tpair11 flags=3<LEARNING,DISCOVER>\n\t\tport ");
    const loopback = machine.network.get("lo1").index.toString(16);
    expect(await run("ifconfig lo1")).toBe(
      `lo1: flags=2008049<UP,LOOPBACK,RUNNING,MULTICAST,LRO> rdomain 1 mtu 32768
\tindex ${Number.parseInt(loopback, 16)} priority 0 llprio 3
\tgroups: lo
\tinet6 ::1 prefixlen 128
\tinet6 fe80::1%lo1 prefixlen 64 scopeid 0x${loopback}
\tinet 127.0.0.1 netmask 0xff000000
`,
    );
  });

  test("refuses in the words of OpenBSD", async () => {
    await all("ifconfig pair1 create", "ifconfig veb0 create");
    const refused: Readonly<Record<string, string>> = {
      "ifconfig nosuch0": "nosuch0: no such interface\n[1]",
      "ifconfig pair9": "pair9: no such interface\n[1]",
      "ifconfig pair1 frob": "ifconfig: frob: bad value\n[1]",
      "ifconfig pair1 rdomain 999": "ifconfig: rdomain 999: too large\n[1]",
      "ifconfig pair1 patch nosuch1": "ifconfig: patch nosuch1: No such file or directory\n[1]",
      "ifconfig veb0 add nosuch0": "ifconfig: veb0: nosuch0: Invalid argument\n[1]",
      "ifconfig pair1 create": "ifconfig: pair1: SIOCIFCREATE: File exists\n[1]",
    };
    for (const [line, words] of Object.entries(refused)) expect([line, await run(line)]).toEqual([line, words]);
  });

  test("says when it is the stand-in that cannot", async () => {
    await expect(run("ifconfig pair1 media autoselect")).rejects.toThrow(Unable);
  });

  test("an interface that changes its rdomain leaves its addresses behind", async () => {
    await all("ifconfig pair1 inet 10.0.0.5/24", "ifconfig pair1 rdomain 1");
    expect(await run("ifconfig pair1")).not.toContain("inet ");
  });
});

describe("route", () => {
  beforeEach(async () => {
    await all("ifconfig vport0 create", "ifconfig vport0 inet 198.51.100.1/24 up", "ifconfig lo0 inet 127.0.0.1/8");
  });

  test("adds, knows what is there, and deletes", async () => {
    const reject = "route -n add -net 192.0.2.0/24 127.0.0.1 -reject";
    expect(await run(reject)).toBe("add net 192.0.2.0/24: gateway 127.0.0.1\n");
    expect(await run(reject)).toBe("add net 192.0.2.0/24: gateway 127.0.0.1: File exists\n[1]");
    expect(await run("netstat -rn -f inet")).toContain(
      "192.0.2/24         127.0.0.1          UGRS       0        0 32768     8 lo0  \n",
    );
    expect(await run("route -qn delete -net 192.0.2.0/24")).toBe("");
    expect(await run("route -n delete 192.0.2.0/24")).toBe("delete net 192.0.2.0/24: not in table\n[1]");
  });

  test("gets the row that a destination finds: a network, one that is rejected, an own address, none", async () => {
    await all("route -qn add default 198.51.100.9", "route -qn add -net 192.0.2.0/24 127.0.0.1 -reject");
    const get = async (what: string) =>
      (await run(`route -n get ${what}`)).split("\n").map((line) => line.trim().replace(/ +/g, " "));
    expect(await run("route -n get default")).toBe(
      `   route to: 0.0.0.0
destination: 0.0.0.0
       mask: 0.0.0.0
    gateway: 198.51.100.9
  interface: vport0
 if address: 198.51.100.1
   priority: 8 (static)
      flags: <UP,GATEWAY,DONE,STATIC>
     use       mtu    expire
       0         0         0 
`,
    );
    expect(await get("198.51.100.7")).toEqual(
      expect.arrayContaining([
        ...["route to: 198.51.100.7", "destination: 198.51.100.0", "mask: 255.255.255.0"],
        ...["interface: vport0", "priority: 4 (connected)", "flags: <UP,DONE,CLONING,CONNECTED>"],
      ]),
    );
    expect(await get("192.0.2.9")).toEqual(
      expect.arrayContaining([
        ...["destination: 192.0.2.0", "gateway: 127.0.0.1", "interface: lo0"],
        ...["flags: <UP,GATEWAY,REJECT,DONE,STATIC>", "0 32768 0"],
      ]),
    );
    expect(await get("198.51.100.1")).toEqual(
      expect.arrayContaining(["priority: 1 (local)", "flags: <UP,HOST,DONE,LLINFO,LOCAL>", "mask: 255.255.255.255"]),
    );
    await all("route -qn delete default");
    expect(await run("route -n get default")).toBe("get net default: not in table\n[1]");
    expect(await run("route -n get 203.0.113.5")).toBe("get host 203.0.113.5: not in table\n[1]");
  });

  test("refuses tables that are not there, gateways out of reach, words that it has not", async () => {
    expect(await run("route -T 9 exec true")).toBe("route: routing table 9: No such file or directory\n[1]");
    expect(await run("route -n add default 203.0.113.1")).toBe(
      "add net default: gateway 203.0.113.1: Network is unreachable\n[1]",
    );
    expect(await run("route -n add -frob default 198.51.100.9")).toMatch(
      /^route: botched keyword: frob\nusage: route /,
    );
    expect(await run("route -n add default 198.51.100.9", 1000)).toBe(
      "route: must be root to alter routing table\n[1]",
    );
  });
});

test("sysctl shows, sets, and names the part that is nowhere", async () => {
  expect(await run("sysctl net.inet.ip.forwarding=1")).toBe("net.inet.ip.forwarding: 0 -> 1\n");
  expect(await run("sysctl net.inet.ip.forwarding")).toBe("net.inet.ip.forwarding=1\n");
  expect(await run("sysctl net.foo")).toBe("sysctl: second level name foo in net.foo is invalid\n");
  expect(await run("sysctl net.inet.ip.forwarding=0", 1000)).toMatch(/Operation not permitted/);
});

describe("rcctl", () => {
  test("keeps what is set in rc.conf.local, and leaves nothing of a service that is disabled", async () => {
    expect(await run("rcctl set ftpproxy flags -D7")).toBe("rcctl: ftpproxy is not enabled\n[1]");
    await all("rcctl enable ftpproxy", "rcctl set ftpproxy flags -D7 -v", "rcctl enable anchorage_ftpproxy");
    expect(machine.files.read("/etc/rc.conf.local")).toBe("ftpproxy_flags=-D7 -v\npkg_scripts=anchorage_ftpproxy\n");
    expect(await run("rcctl get ftpproxy flags")).toBe("-D7 -v\n");
    await all("rcctl disable ftpproxy", "rcctl disable anchorage_ftpproxy");
    expect(machine.files.read("/etc/rc.conf.local")).toBeUndefined();
  });

  test("starts by the script, as far as there is one", async () => {
    expect(await run("rcctl start nothing")).toBe("rcctl: service nothing does not exist\n[2]");
    expect(await run("rcctl start ftpproxy")).toContain('"/etc/rc.d/$service"  start');
  });
});
