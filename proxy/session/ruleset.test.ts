import { describe, expect, it } from "vitest";
import { type DataPath, renderRuleset } from "./ruleset.ts";

/** Source: docs/reference/ftp-proxy/rules.md. */
const passive: DataPath = {
  mode: "passive",
  client: "10.0.0.5",
  original: "198.51.100.7",
  server: "198.51.100.7",
  proxy: "203.0.113.9",
  port: 50_555,
  proxyPort: 49_999,
  fromPort20: false,
};
const active: DataPath = { ...passive, mode: "active", port: 40_000 };

describe("the rules of a data connection", () => {
  it("are two on OpenBSD, passive", () => {
    expect(renderRuleset(passive, { dialect: "divert-to" })).toBe(
      "pass in quick on rdomain 0 inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 flags S/SA keep state (max 1) rtable 0 rdr-to 198.51.100.7 port 50555\n" +
        "pass out quick on rdomain 0 inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 50555 flags S/SA keep state (max 1) nat-to 203.0.113.9\n",
    );
  });

  it("leave from port 20 with -r and PORT", () => {
    expect(renderRuleset({ ...active, fromPort20: true }, { dialect: "divert-to" }).split("\n")[1]).toBe(
      "pass out quick on rdomain 0 inet proto tcp from 198.51.100.7 to 10.0.0.5 port = 40000 flags S/SA keep state (max 1) nat-to 198.51.100.7 port 20",
    );
  });

  it("go the other way through the routing domains when active", () => {
    const [first, second] = renderRuleset(active, { dialect: "divert-to", clientRdomain: 3, rtable: 1 }).split("\n");
    expect(first).toMatch(/^pass in quick on rdomain 1 .* rtable 3 rdr-to 10\.0\.0\.5 port 40000$/);
    expect(second).toMatch(/^pass out quick on rdomain 3 /);
  });

  it("know nothing of routing domains in the rdr-to era", () => {
    expect(renderRuleset(passive, { dialect: "rdr-to" }).split("\n")[0]).toBe(
      "pass in quick inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 flags S/SA keep state (max 1) rdr-to 198.51.100.7 port 50555",
    );
  });

  it("are four before 4.7 and on FreeBSD", () => {
    expect(renderRuleset(passive, { dialect: "rdr-anchor" })).toBe(
      "rdr inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 -> 198.51.100.7 port 50555\n" +
        "nat inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 50555 -> 203.0.113.9\n" +
        "pass in quick inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 50555 flags S/SA keep state (max 1)\n" +
        "pass out quick inet proto tcp from 203.0.113.9 to 198.51.100.7 port = 50555 flags S/SA keep state (max 1)\n",
    );
  });

  it("match instead of passing with -T, without the state that pfctl refuses there", () => {
    const [first] = renderRuleset(passive, { dialect: "divert-to", tag: "FTP", log: 2, queue: "q" }).split("\n");
    expect(first).toBe(
      "match in log (all) on rdomain 0 inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 flags S/SA set (queue q) tag FTP rtable 0 rdr-to 198.51.100.7 port 50555",
    );
  });

  it("name a queue without `set` before there was one", () => {
    const [first] = renderRuleset(passive, { dialect: "rdr-to", queue: "q" }).split("\n");
    expect(first).toBe(
      "pass in quick inet proto tcp from 10.0.0.5 to 198.51.100.7 port = 49999 flags S/SA keep state (max 1) queue q rdr-to 198.51.100.7 port 50555",
    );
  });
});
