import { describe, expect, it } from "vitest";
import { longUsage, proxyChanges, takeLongOptions } from "./long-options.ts";
import { jsonLine } from "./node/json-line.ts";

const take = (line: string, platform = "openbsd") => takeLongOptions(line.split(" "), platform);

describe("long options", () => {
  it("leave ftp-proxy's own alone, also those they do not know", () => {
    expect(take("-d --match-replies -D7 --unknown --user nobody -R 192.0.2.1")).toMatchObject({
      kind: "taken",
      rest: ["-d", "-D7", "--unknown", "-R", "192.0.2.1"],
      options: { user: "nobody", extensions: { matchReplies: true, checkPeer: false } },
    });
  });

  it("take their value after a blank or an equals sign", () => {
    for (const line of ["--pf-socket 127.0.0.1:7001", "--pf-socket=127.0.0.1:7001"]) {
      expect(take(line)).toMatchObject({ rest: [], options: { pfSocket: { address: "127.0.0.1", port: 7001 } } });
    }
    expect(take("--pf-socket=[::1]:7001")).toMatchObject({ options: { pfSocket: { address: "::1" } } });
  });

  it("are compatible to the letter when absent, and as FreeBSD's there", () => {
    expect(take("-d")).toMatchObject({ options: { user: "_ftp_proxy", generation: "modern", dialect: "divert-to" } });
    expect(take("-d", "freebsd")).toMatchObject({
      options: { user: "proxy", generation: "late-classic", dialect: "rdr-anchor" },
    });
  });

  it.each([
    ["--user", "--user requires an argument"],
    ["--dialect ipf", "--dialect: dialect invalid"],
    ["--rtable 256", "--rtable: number too large"],
    ["--line-timeout x", "--line-timeout: number invalid"],
    ["--pf-socket host.example:1", "--pf-socket: address invalid"],
  ])("refuse %j", (line, problem) => {
    expect(take(line)).toEqual({ kind: "refused", stderr: `ftp-proxy: ${problem}\n${longUsage()}` });
  });

  it("become changes to a proxy's options", () => {
    const taken = take("--epsv-only --refuse-self --generation classic --dialect rdr-anchor");
    if (taken.kind === "refused") throw new Error(taken.stderr);
    const changes = proxyChanges(taken.options);
    expect(changes).toMatchObject({ refuseSelf: true, generation: "classic", rules: { dialect: "rdr-anchor" } });
    expect([...(changes.extensions?.modes ?? [])]).toEqual(["EPSV"]);
  });
});

describe("--json-log", () => {
  it("takes the session out of the text", () => {
    expect(JSON.parse(jsonLine(0, 6, "#3 client close"))).toEqual({
      time: "1970-01-01T00:00:00.000Z",
      level: "info",
      session: 3,
      text: "client close",
    });
    expect(JSON.parse(jsonLine(0, 5, "listening on ::1 port 8021"))).not.toHaveProperty("session");
  });
});
