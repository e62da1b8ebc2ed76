/** The way to a guest: releases, ssh configurations, what the login says of itself. */

import { describe, expect, test } from "vitest";
import { readLabs } from "../../run/catalogue.ts";
import { SelectionError } from "../../run/selection.ts";
import freebsd from "../freebsd.ts";
import openbsd from "../openbsd.ts";
import { freebsdGuest, openbsdGuest } from "./guest-system.ts";
import { findRelease, namedRelease, ReleaseError, readReleases } from "./release.ts";
import { hostOf, readProbe, UnreachableError } from "./transport.ts";

describe("a release", () => {
  test("is named as a lab or as a machine", async () => {
    const releases = await readReleases();
    const found = namedRelease(releases, "openbsd@7.8");
    expect(found).toMatchObject({ name: "openbsd-7.8", system: "openbsd", version: "7.8", era: "divert-to" });
    expect(namedRelease(releases, "openbsd-7.8")).toEqual(found);
    expect(findRelease(releases, "openbsd")).toEqual(found);
    expect(findRelease(releases, "freebsd").era).toBe("rdr-anchor");
  });

  test("that is not there is answered with those that are", async () => {
    const releases = await readReleases();
    expect(() => namedRelease(releases, "openbsd@3.1")).toThrow(/there is no openbsd@3\.1; .*openbsd@7\.8/);
    expect(() => namedRelease(releases, "plan9")).toThrow(ReleaseError);
  });
});

describe("a lab's name", () => {
  test("may end in a release", async () => {
    const [lab] = await readLabs(["openbsd@7.8"]);
    expect(lab?.name).toBe("openbsd@7.8");
    expect(lab?.eras).toEqual(openbsd.eras);
  });

  test("may not where a lab has none", async () => {
    await expect(readLabs(["sim@7.8"])).rejects.toThrow(SelectionError);
  });
});

test("a machine that cannot be reached says so with what to do, and no play breaks off over it", async () => {
  const nowhere = openbsd.at?.({ release: "7.8", agentCommand: "echo no agent lives here >&2; exit 3" });
  expect(await nowhere?.unavailable()).toContain("ended with status 3");
  const unknown = freebsd.at?.({ release: "2.0" });
  expect(await unknown?.unavailable()).toMatch(/is unknown: there is no freebsd@2\.0/);
  const noFile = openbsd.at?.({ sshConfig: "/nonexistent/ssh_config" });
  expect(await noFile?.unavailable()).toMatch(/^cannot be reached: ENOENT/);
}, 30_000);

describe("an ssh configuration", () => {
  test("names the guest by its first Host without a pattern", () => {
    expect(hostOf("Host openbsd-7.8\n  HostName 127.0.0.1\n  Port 2222\n")).toBe("openbsd-7.8");
    expect(hostOf('# of vagrant\nHost *\n  User x\nhost = "fw"\n')).toBe("fw");
    expect(hostOf("HostName 127.0.0.1\n")).toBeUndefined();
  });
});

describe("what a login says", () => {
  const banner = "OpenBSD 7.8 (GENERIC)\n\n";

  test("is found among what it prints", () => {
    const said = `${banner}become=doas -n\nhome=/home/vagrant\nperl=yes\n`;
    expect(readProbe(said)).toEqual({ become: ["doas", "-n"], home: "/home/vagrant", present: false });
    expect(readProbe("become=\nhome=/root\nperl=yes\nagent=yes\n")).toEqual({
      become: [],
      home: "/root",
      present: true,
    });
  });

  test("may be that it cannot be used", () => {
    expect(() => readProbe("become=no\nhome=/home/x\nperl=yes\n")).toThrow(/neither doas -n nor sudo -n/);
    expect(() => readProbe("become=\nhome=/root\n")).toThrow(/no perl/);
    expect(() => readProbe("This account is not available.\n")).toThrow(UnreachableError);
  });
});

describe("each system", () => {
  test("has its own way into a host", () => {
    expect(openbsdGuest.within("client")).toEqual(["route", "-T", "1", "exec"]);
    expect(openbsdGuest.within("firewall")).toEqual([]);
    expect(freebsdGuest.within("inside-intruder")).toEqual(["jexec", "inside-intruder"]);
  });

  test("starts a service of each family with flags", () => {
    expect(openbsdGuest.start("ftp-proxy", "inet6", ["-D7", "-A"])).toEqual([
      ["rcctl", "enable", "ftpproxy6"],
      ["rcctl", "set", "ftpproxy6", "flags", "-D7 -A"],
      ["rcctl", "start", "ftpproxy6"],
    ]);
    expect(freebsdGuest.start("ftp-proxy", "inet6", ["-D7"])[0]).toEqual(["sysrc", "ftpproxy_flags=-6 -D7"]);
    expect(freebsdGuest.start("core-daemon", "inet", ["-D7"])[1]).toEqual([
      "service",
      "anchorage_ftpproxy",
      "onestart",
    ]);
  });

  test("says what it cannot carry", () => {
    expect(openbsd.lacks("virtual-time")).toContain("real kernel");
    expect(openbsd.lacks("own-packet-refusal")).toBeUndefined();
  });
});
