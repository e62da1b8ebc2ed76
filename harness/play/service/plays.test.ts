/** The service of real plays of the catalogue, in the simulator. */

import { describe, expect, test } from "vitest";
import type { Service } from "../../../reports/model.ts";
import sim from "../../labs/sim.ts";
import { playCatalogue } from "../../run/play-catalogue.fixture.ts";

/** By `scenario@subject,family,side`. */
const services = (async () => {
  const ids = [
    ...["passive/pasv", "servers/pasv-227-no-parens", "servers/epsv-refused-then-pasv", "active/port"],
    ...["servers/pasv-227-foreign-data-host"],
    ...[
      "timing/server-refused",
      "timing/server-syn-blackhole",
      "timing/idle-timeout",
      "servers/421-idle",
      "timing/max-sessions",
    ],
    ...["tls/auth-tls-clienthello", "libraries/transfers-pasv", "clients/blank-lines", "servers/control-reset-server"],
    ...["active/port-same-port-reused-from-20", "inet6/link-local-client", "replies/anonymous-only-mode"],
  ];
  const { plays } = await playCatalogue([sim], { ids, subjects: ["core", "none"] });
  return new Map(plays.map((one) => [`${one.scenario.id}@${one.subject},${one.family},${one.side}`, one.service]));
})();

async function serviceOf(cell: string): Promise<Service> {
  const service = (await services).get(cell);
  if (service === undefined) throw new Error(`${cell} was not played`);
  return service;
}

describe("passive mode", () => {
  test.each(["forward", "reverse"])("ftp-proxy hangs up on a 227 without parentheses, %s", async (side) => {
    expect(await serviceOf(`servers/pasv-227-no-parens@core,inet,${side}`)).toMatchObject({
      verdict: "fails",
      by: "proxy",
      where: "the 227",
      line: expect.stringMatching(/^227 Entering passive mode\. \d/),
      notice: "connection closed",
      reason: expect.stringContaining("its log: #1 bad port in '227 Entering passive mode."),
    });
  });

  test("with ftp-proxy, both files arrive whole", async () => {
    const { verdict, errands } = await serviceOf("passive/pasv@core,inet,forward");
    const whole = { verdict: "done", negotiation: ["PASV"], bytes: 46_890, of: 46_890 };
    expect([verdict, ...errands]).toMatchObject([
      "works",
      { what: "log in", verdict: "done" },
      { what: "fetch", name: "file", ...whole },
      { what: "store", name: "file", ...whole },
    ]);
  });

  test("without a proxy, a rule by its line drops the SYN, and the user waits", async () => {
    expect(await serviceOf("passive/pasv@none,inet,forward")).toMatchObject({
      by: "firewall",
      where: "data connection",
      notice: "hangs for 127 s",
      rule: { path: "pf.conf", text: "block drop log all", line: 12 },
    });
  });

  test("without a proxy and with the server inside, its 227 names an address that leads nowhere", async () => {
    expect(await serviceOf("passive/pasv@none,inet,reverse")).toMatchObject({
      by: "translation",
      where: "the 227",
      reason: expect.stringContaining("the 227 names 10.0.0.20, but the client has the server at 198.51.100.1"),
    });
  });

  test("EPSV refused, PASV taken: a detour", async () => {
    expect(await serviceOf("servers/epsv-refused-then-pasv@core,inet,forward")).toMatchObject({
      verdict: "detour",
      reason: "EPSV was refused (500 What?), PASV took its place",
    });
  });

  test("a blank line after PASV makes the proxy pass the 227 on, and the firewall knows no such connection", async () => {
    const { by, reason } = await serviceOf("clients/blank-lines@core,inet,forward");
    expect([by, reason]).toEqual([
      "firewall",
      expect.stringContaining("the 227 was not rewritten: nothing was pending"),
    ]);
  });

  test("the proxy leads to its own idea of the server's address", async () => {
    expect(await serviceOf("servers/pasv-227-foreign-data-host@core,inet,forward")).toMatchObject({
      by: "proxy",
      where: "the 227",
      notice: "connection refused",
      reason: "the 227 names 203.0.113.20, but the proxy leads to 198.51.100.7 port 50000, which refused it",
    });
  });
});

describe("active mode without a proxy", () => {
  test("behind NAT, PORT names an address that the server cannot reach", async () => {
    expect(await serviceOf("active/port@none,inet,forward")).toMatchObject({
      by: "translation",
      where: "PORT",
      reason: expect.stringContaining("PORT names 10.0.0.5, but the server has the client at 198.51.100.1"),
    });
  });

  test("without NAT, a rule drops the server's SYN", async () => {
    expect(await serviceOf("active/port@none,inet,reverse")).toMatchObject({
      by: "firewall",
      where: "data connection",
      rule: { text: "block drop log all", line: 13 },
    });
  });
});

test("a port 20 that is still in use is a translation that PF refuses", async () => {
  expect(await serviceOf("active/port-same-port-reused-from-20@core,inet,forward")).toMatchObject({
    by: "firewall",
    notice: "425 Cannot open data connection",
    reason: expect.stringContaining("translate at rule 0/4711.1/1 of the anchor"),
  });
});

describe("sessions that end too early", () => {
  test.each([
    ["timing/server-refused", "server", "the server refused the proxy's connection to 198.51.100.7 port 21"],
    ["timing/server-syn-blackhole", "firewall", "dropped the answer to the proxy's connection"],
    ["timing/idle-timeout", "proxy", "the proxy hung up; its log: #1 client timeout"],
    ["timing/max-sessions", "proxy", "client limit (1) reached"],
    ["servers/control-reset-server", "server", "the server reset the control connection"],
    ["tls/auth-tls-clienthello", "proxy", "the proxy hung up instead of passing on the client's encrypted bytes"],
  ])("%s is broken by the %s, and the user sees the connection closed", async (id, by, reason) => {
    expect(await serviceOf(`${id}@core,inet,forward`)).toMatchObject({
      ...{ verdict: "fails", by, notice: "connection closed", reason: expect.stringContaining(reason) },
    });
  });
});

test("a server's 421 is what the user reads before the end", async () => {
  expect(await serviceOf("servers/421-idle@core,inet,forward")).toMatchObject({
    ...{ verdict: "fails", by: "server", notice: "421 Timeout" },
  });
});

test("a refusal and then a grant of the login is a detour", async () => {
  expect(await serviceOf("replies/anonymous-only-mode@core,inet,forward")).toMatchObject({
    verdict: "detour",
    reason: "USER root was refused first: 500 Only anonymous FTP allowed",
  });
});

test("a library's own errands and last words", async () => {
  const { notice, errands, by } = await serviceOf("libraries/transfers-pasv@none,inet,forward");
  expect([by, notice]).toEqual(["firewall", expect.stringMatching(/^Timeout when trying to open data connection/)]);
  expect(errands.map(({ what, verdict }) => [what, verdict])).toEqual([
    ["log in", "done"],
    ["list", "failed"],
  ]);
});

test("each failure names who, where and how the user notices", async () => {
  for (const [cell, service] of await services) {
    if (service?.verdict === "fails")
      expect([cell, service.by, service.where, service.notice]).not.toContain(undefined);
  }
});
