import { describe, expect, it } from "vitest";
import { parseCommandLine, usage } from "./command-line.ts";
import { longUsage, proxyChanges, takeLongOptions } from "./long-options.ts";
import { jsonLine } from "./node/log-output.ts";
import { type Resolver, resolveOptions } from "./options.ts";

const resolver: Resolver = {
  addresses: async (name) => (name === "ftp.example" ? ["192.0.2.7", "192.0.2.8"] : []),
  service: async (name) => (name === "ftp" ? 21 : undefined),
};

async function refusal(...args: string[]): Promise<string | undefined> {
  const parsed = parseCommandLine(args);
  if (parsed.kind === "refused") return parsed.stderr;
  const resolved = await resolveOptions(parsed.options, resolver, { pid: 1 });
  return resolved.kind === "refused" ? resolved.stderr : undefined;
}

/** Source: capture openbsd-7.8/usage_errors.txt. */
const refusals: readonly (readonly [string, string])[] = [
  ["-x", `ftp-proxy: unknown option -- x\n${usage}`],
  ["-a", `ftp-proxy: option requires an argument -- a\n${usage}`],
  ["-m 0", "ftp-proxy: max sessions too small\n"],
  ["-m 501", "ftp-proxy: max sessions too large\n"],
  ["-m x", "ftp-proxy: max sessions invalid\n"],
  ["-t 86401", "ftp-proxy: timeout too large\n"],
  ["-t -1", "ftp-proxy: timeout too small\n"],
  ["-D 8", "ftp-proxy: loglevel too large\n"],
  ["-D -1", "ftp-proxy: loglevel too small\n"],
  ["-v -v -v", usage],
  ["-vvv", usage],
  ["-a nohost", "ftp-proxy: getaddrinfo fixed proxy address failed: name or service is not known\n"],
  ["-a ::1", "ftp-proxy: getaddrinfo fixed proxy address failed: name or service is not known\n"],
  ["-6 -a 10.0.0.1", "ftp-proxy: getaddrinfo fixed proxy address failed: name or service is not known\n"],
  ["-R nohost.example", "ftp-proxy: getaddrinfo fixed server address failed: no address associated with name\n"],
  ["-b nohost", "ftp-proxy: getaddrinfo listen address failed: name or service is not known\n"],
  ["-p 99999x", "ftp-proxy: getaddrinfo listen address failed: service not supported for ai_socktype\n"],
  ["-p 70000", "ftp-proxy: getaddrinfo listen address failed: service not supported for ai_socktype\n"],
  [`-q ${"a".repeat(64)}`, "ftp-proxy: queuename too long\n"],
  [`-T ${"a".repeat(64)}`, "ftp-proxy: tagname too long\n"],
];

describe("the command line", () => {
  it.each(refusals)("refuses %s as ftp-proxy does", async (line, text) => {
    expect(await refusal("-d", ...line.split(" "))).toBe(text);
  });

  it("does not look at operands", async () => {
    expect(await refusal("-d", "-d", "-b", "10.0.0.1", "extra", "-x")).toBeUndefined();
  });

  it("takes grouped letters, attached arguments and services", async () => {
    const parsed = parseCommandLine(["-dAvv", "-D7", "-Rftp.example", "-P", "ftp", "-t0", "-m500"]);
    if (parsed.kind !== "run") throw new Error(parsed.stderr);
    const resolved = await resolveOptions(parsed.options, resolver, { pid: 9 });
    expect(resolved).toMatchObject({
      kind: "run",
      options: {
        pid: 9,
        listen: { address: "127.0.0.1", port: 8021 },
        fixedServer: { address: "192.0.2.7", port: 21 },
        rules: { era: "divert-to", log: 2 },
        anonymousOnly: true,
        logLevel: 7,
        timeout: 0,
        maxSessions: 500,
      },
    });
  });

  it("listens on the IPv6 loopback with -6", () => {
    expect(parseCommandLine(["-6"])).toMatchObject({
      options: { listenAddress: "::1", ipv6: true, foreground: false },
    });
  });
});

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
    expect(take("-d")).toMatchObject({ options: { user: "_ftp_proxy", generation: "modern", era: "divert-to" } });
    expect(take("-d", "freebsd")).toMatchObject({
      options: { user: "proxy", generation: "late-classic", era: "rdr-anchor" },
    });
  });

  it.each([
    ["--user", "--user requires an argument"],
    ["--era ipf", "--era: era invalid"],
    ["--rtable 256", "--rtable: number too large"],
    ["--line-timeout x", "--line-timeout: number invalid"],
    ["--pf-socket host.example:1", "--pf-socket: address invalid"],
  ])("refuse %j", (line, problem) => {
    expect(take(line)).toEqual({ kind: "refused", stderr: `ftp-proxy: ${problem}\n${longUsage()}` });
  });

  it("become changes to a proxy's options", () => {
    const taken = take("--epsv-only --refuse-self --generation classic --era rdr-anchor");
    if (taken.kind === "refused") throw new Error(taken.stderr);
    const changes = proxyChanges(taken.options);
    expect(changes).toMatchObject({ refuseSelf: true, generation: "classic", rules: { era: "rdr-anchor" } });
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
