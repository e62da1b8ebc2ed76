/** The expected rules are those that the real ftp-proxy(8) loaded on OpenBSD 7.8, quoted from the captures in each title. */

import { describe, expect, test } from "vitest";
import type { Era } from "../../contract/lab.ts";
import type { Roles } from "../../contract/roles.ts";
import { pfctl } from "../../pf/pfctl.ts";
import { activeRules, passiveRules, type RuleSetting } from "./expected-rules.ts";

const forward = {
  client: "10.0.0.2",
  dialled: { address: "198.51.100.9", port: 21 },
  server: "198.51.100.9",
  proxy: "198.51.100.1",
};

const setting =
  (era: Era) =>
  (roles: Roles, family: "inet" | "inet6", proxyArgs: readonly string[]): RuleSetting => ({
    era,
    roles,
    family,
    proxyArgs,
  });
const today = setting("divert-to");

describe("expected rules are those of the real program", () => {
  test("PASV (pasv4)", () => {
    expect(passiveRules(today(forward, "inet", []), { proxyPort: 64012, serverPort: 50000 })).toEqual([
      "pass in quick on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 64012 flags S/SA keep state (max 1) rtable 0 rdr-to 198.51.100.9 port 50000",
      "pass out quick on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 50000 flags S/SA keep state (max 1) nat-to 198.51.100.1",
    ]);
  });

  test("PASV in reverse mode (reverse_pasv4)", () => {
    const reverse = { ...forward, dialled: { address: "10.0.0.1", port: 8021 } };
    expect(passiveRules(today(reverse, "inet", []), { proxyPort: 51039, serverPort: 50000 })).toEqual([
      "pass in quick on rdomain 0 inet proto tcp from 10.0.0.2 to 10.0.0.1 port = 51039 flags S/SA keep state (max 1) rtable 0 rdr-to 198.51.100.9 port 50000",
      "pass out quick on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 50000 flags S/SA keep state (max 1) nat-to 198.51.100.1",
    ]);
  });

  test("PORT with -r (port4_r): the second rule's source port is 20", () => {
    expect(activeRules(today(forward, "inet", ["-r"]), { proxyPort: 54431, clientPort: 51216 })).toEqual([
      "pass in quick on rdomain 0 inet proto tcp from 198.51.100.9 to 198.51.100.1 port = 54431 flags S/SA keep state (max 1) rtable 0 rdr-to 10.0.0.2 port 51216",
      "pass out quick on rdomain 0 inet proto tcp from 198.51.100.9 to 10.0.0.2 port = 51216 flags S/SA keep state (max 1) nat-to 198.51.100.9 port 20",
    ]);
  });

  test("EPRT over IPv6 (eprt6)", () => {
    const inet6 = {
      client: "fd00:1::2",
      dialled: { address: "2001:db8::9", port: 21 },
      server: "2001:db8::9",
      proxy: "2001:db8::1",
    };
    const ports = { proxyPort: 50532, clientPort: 51216, extended: true };
    expect(activeRules(today(inet6, "inet6", ["-r"]), ports)).toEqual([
      "pass in quick on rdomain 0 inet6 proto tcp from 2001:db8::9 to 2001:db8::1 port = 50532 flags S/SA keep state (max 1) rtable 0 rdr-to fd00:1::2 port 51216",
      "pass out quick on rdomain 0 inet6 proto tcp from 2001:db8::9 to fd00:1::2 port = 51216 flags S/SA keep state (max 1) nat-to 2001:db8::9",
    ]);
  });

  test.each([
    ["-v", "log"],
    ["-vv", "log (all)"],
  ])("%s (pasv4_v, pasv4_vv): %s before quick", (flag, words) => {
    const [redirect, nat] = passiveRules(today(forward, "inet", [flag]), { proxyPort: 52341, serverPort: 50000 });
    expect(redirect).toBe(
      `pass in ${words} quick on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 52341 flags S/SA keep state (max 1) rtable 0 rdr-to 198.51.100.9 port 50000`,
    );
    expect(nat).toBe(
      `pass out ${words} quick on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 50000 flags S/SA keep state (max 1) nat-to 198.51.100.1`,
    );
  });

  test("-q (pasv4_q): the queue is between flags and state", () => {
    const [redirect] = passiveRules(today(forward, "inet", ["-q", "ftpq"]), { proxyPort: 59057, serverPort: 50000 });
    expect(redirect).toBe(
      "pass in quick on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 59057 flags S/SA set (queue ftpq) keep state (max 1) rtable 0 rdr-to 198.51.100.9 port 50000",
    );
  });

  test("-T (pasv4_T): match rules with the tag; `keep state (max 1)`, which only the ioctl can load, aside", () => {
    const rules = passiveRules(today(forward, "inet", ["-T", "ftptag"]), { proxyPort: 54598, serverPort: 50000 });
    expect(rules).toEqual([
      "match in on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 54598 flags S/SA tag ftptag rtable 0 rdr-to 198.51.100.9 port 50000",
      "match out on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 50000 flags S/SA tag ftptag nat-to 198.51.100.1",
    ]);
  });
});

/** Who is who in ftp-proxy.md §11 and §17.1. */
const quoted = {
  client: "10.0.0.5",
  dialled: { address: "198.51.100.7", port: 21 },
  server: "198.51.100.7",
  proxy: "203.0.113.9",
};
const PASSIVE = { proxyPort: 49_999, serverPort: 50_555 };
const ACTIVE = { proxyPort: 49_999, clientPort: 40_000 };

describe("before 4.7 and on FreeBSD", () => {
  const classic = setting("rdr-anchor");

  test("PASV: nat, rdr and two filter rules, as ftp-proxy.md §17.1 quotes them", () => {
    expect(passiveRules(classic(quoted, "inet", []), PASSIVE)).toEqual([
      "nat inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 50555 -> 203.0.113.9",
      "rdr inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 -> 198.51.100.7 port 50555",
      "pass in quick inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 50555 flags S/SA keep state (max 1)",
      "pass out quick inet proto tcp from 203.0.113.9 to 198.51.100.7 port = 50555 flags S/SA keep state (max 1)",
    ]);
  });

  test("PORT with -r: nat to port 20; by the table of §17.1", () => {
    expect(activeRules(classic(quoted, "inet", ["-r"]), ACTIVE)).toEqual([
      "nat inet proto tcp from 198.51.100.7 to 10.0.0.5 port = 40000 -> 198.51.100.7 port 20",
      "rdr inet proto tcp from 198.51.100.7 to 203.0.113.9 port = 49999 -> 10.0.0.5 port 40000",
      "pass in quick inet proto tcp from 198.51.100.7 to 10.0.0.5 port = 40000 flags S/SA keep state (max 1)",
      "pass out quick inet proto tcp from 198.51.100.7 to 10.0.0.5 port = 40000 flags S/SA keep state (max 1)",
    ]);
    const [nat] = activeRules(classic(quoted, "inet", ["-r"]), { ...ACTIVE, extended: true });
    expect(nat).toBe("nat inet proto tcp from 198.51.100.7 to 10.0.0.5 port = 40000 -> 198.51.100.7");
  });

  test("in reverse mode the client's firewall sees the address that the client dialled", () => {
    const reverse = {
      client: "198.51.100.50",
      dialled: { address: "203.0.113.80", port: 21 },
      server: "192.168.1.20",
      proxy: "192.168.1.1",
    };
    const [nat, rdr, , out] = activeRules(classic(reverse, "inet", []), ACTIVE);
    expect(nat).toBe("nat inet proto tcp from 192.168.1.20 to 198.51.100.50 port = 40000 -> 203.0.113.80");
    expect(rdr).toBe("rdr inet proto tcp from 192.168.1.20 to 192.168.1.1 port = 49999 -> 198.51.100.50 port 40000");
    expect(out).toBe(
      "pass out quick inet proto tcp from 203.0.113.80 to 198.51.100.50 port = 40000 flags S/SA keep state (max 1)",
    );
  });

  test.each([
    ["-v", "pass in log quick ", ""],
    ["-vv", "pass in log (all) quick ", ""],
    ["-q ftpq", "pass in quick ", " queue ftpq"],
    ["-T FTP", "pass in ", " tag FTP"],
  ])("%s: shows in the filter rules alone", (options, head, tail) => {
    const [nat, rdr, filter] = passiveRules(classic(quoted, "inet", options.split(" ")), PASSIVE);
    const [plainNat, plainRdr] = passiveRules(classic(quoted, "inet", []), PASSIVE);
    expect([nat, rdr]).toEqual([plainNat, plainRdr]);
    expect(filter).toBe(
      `${head}inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 50555 flags S/SA keep state (max 1)${tail}`,
    );
  });
});

describe("OpenBSD 4.7 to 4.9", () => {
  const middle = setting("rdr-to");

  test("today's two rules, without rdomain and rtable", () => {
    expect(passiveRules(middle(quoted, "inet", []), PASSIVE)).toEqual([
      "pass in quick inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 flags S/SA keep state (max 1) rdr-to 198.51.100.7 port 50555",
      "pass out quick inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 50555 flags S/SA keep state (max 1) nat-to 203.0.113.9",
    ]);
  });

  test("-T makes match rules, as today", () => {
    const [redirect] = passiveRules(middle(quoted, "inet", ["-T", "FTP"]), PASSIVE);
    expect(redirect).toBe(
      "match in inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 flags S/SA tag FTP rdr-to 198.51.100.7 port 50555",
    );
  });
});

test.each(["rdr-anchor", "rdr-to"] as const)("the model's pfctl prints the rules of %s exactly so", (era) => {
  for (const options of [[], ["-v"], ["-vv"], ["-T", "FTP"], ["-r"]]) {
    const given = setting(era)(quoted, "inet", options);
    for (const lines of [passiveRules(given, PASSIVE), activeRules(given, ACTIVE)]) {
      const text = `${lines.join("\n")}\n`;
      expect(pfctl(["-nvf", "-"], { stdin: text, interfaces: [], era }).stdout).toBe(text);
    }
  }
});
