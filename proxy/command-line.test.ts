import { describe, expect, it } from "vitest";
import { parseCommandLine, usage } from "./command-line.ts";
import { type Resolver, resolveOptions } from "./resolve-options.ts";

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
        rules: { dialect: "divert-to", log: 2 },
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
