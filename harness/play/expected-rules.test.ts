/**
 * The judge is judged: what it expects is what the real ftp-proxy(8) loaded on OpenBSD 7.8. The
 * rules are quoted from the captures named in each title.
 */

import { describe, expect, test } from "vitest";
import { activeRules, passiveRules } from "./expected-rules.ts";

const forward = {
  client: "10.0.0.2",
  dialled: { address: "198.51.100.9", port: 21 },
  server: "198.51.100.9",
  proxy: "198.51.100.1",
};

describe("expected rules are those of the real program", () => {
  test("PASV (pasv4)", () => {
    expect(passiveRules(forward, "inet", [], { proxyPort: 64012, serverPort: 50000 })).toEqual([
      "pass in quick on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 64012 flags S/SA keep state (max 1) rtable 0 rdr-to 198.51.100.9 port 50000",
      "pass out quick on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 50000 flags S/SA keep state (max 1) nat-to 198.51.100.1",
    ]);
  });

  test("PASV in reverse mode (reverse_pasv4)", () => {
    const reverse = { ...forward, dialled: { address: "10.0.0.1", port: 8021 } };
    expect(passiveRules(reverse, "inet", [], { proxyPort: 51039, serverPort: 50000 })).toEqual([
      "pass in quick on rdomain 0 inet proto tcp from 10.0.0.2 to 10.0.0.1 port = 51039 flags S/SA keep state (max 1) rtable 0 rdr-to 198.51.100.9 port 50000",
      "pass out quick on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 50000 flags S/SA keep state (max 1) nat-to 198.51.100.1",
    ]);
  });

  test("PORT with -r (port4_r): the second rule's source port is 20", () => {
    expect(activeRules(forward, "inet", ["-r"], { proxyPort: 54431, clientPort: 51216 })).toEqual([
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
    expect(activeRules(inet6, "inet6", ["-r"], ports)).toEqual([
      "pass in quick on rdomain 0 inet6 proto tcp from 2001:db8::9 to 2001:db8::1 port = 50532 flags S/SA keep state (max 1) rtable 0 rdr-to fd00:1::2 port 51216",
      "pass out quick on rdomain 0 inet6 proto tcp from 2001:db8::9 to fd00:1::2 port = 51216 flags S/SA keep state (max 1) nat-to 2001:db8::9",
    ]);
  });

  test.each([
    ["-v", "log"],
    ["-vv", "log (all)"],
  ])("%s (pasv4_v, pasv4_vv): %s before quick", (flag, words) => {
    const [redirect, nat] = passiveRules(forward, "inet", [flag], { proxyPort: 52341, serverPort: 50000 });
    expect(redirect).toBe(
      `pass in ${words} quick on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 52341 flags S/SA keep state (max 1) rtable 0 rdr-to 198.51.100.9 port 50000`,
    );
    expect(nat).toBe(
      `pass out ${words} quick on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 50000 flags S/SA keep state (max 1) nat-to 198.51.100.1`,
    );
  });

  test("-q (pasv4_q): the queue stands between flags and state", () => {
    const [redirect] = passiveRules(forward, "inet", ["-q", "ftpq"], { proxyPort: 59057, serverPort: 50000 });
    expect(redirect).toBe(
      "pass in quick on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 59057 flags S/SA set (queue ftpq) keep state (max 1) rtable 0 rdr-to 198.51.100.9 port 50000",
    );
  });

  test("-T (pasv4_T): match rules with the tag; `keep state (max 1)`, which only the ioctl can load, aside", () => {
    const rules = passiveRules(forward, "inet", ["-T", "ftptag"], { proxyPort: 54598, serverPort: 50000 });
    expect(rules).toEqual([
      "match in on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 54598 flags S/SA tag ftptag rtable 0 rdr-to 198.51.100.9 port 50000",
      "match out on rdomain 0 inet proto tcp from 10.0.0.2 to 198.51.100.9 port = 50000 flags S/SA tag ftptag nat-to 198.51.100.1",
    ]);
  });
});
