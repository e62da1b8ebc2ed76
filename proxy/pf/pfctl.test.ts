import { describe, expect, it } from "vitest";
import { ScriptedHost } from "../../harness/labs/sim/scripted-host.ts";
import { SeededRandom } from "../../harness/net/time/random.ts";
import { findRedirected } from "../original-destination.ts";
import { outcomeOf, PfctlPacketFilter } from "./pfctl.ts";
import { answerPfctl, pfctlSocket } from "./pfctl-socket.ts";
import { staleAnchors } from "./stale-anchors.ts";

const host = () => new ScriptedHost({ address: "198.51.100.1", random: new SeededRandom(1) });

describe("pfctl as a process", () => {
  it("gets the rules on its standard input, without optimisation", async () => {
    const memory = host();
    const calls: unknown[] = [];
    memory.onRun = async (...call) => {
      calls.push(call);
      return { status: 0, stdout: "", stderr: "" };
    };
    const packetFilter = new PfctlPacketFilter(memory);
    expect(await packetFilter.flush("ftp-proxy/1.1")).toEqual({ ok: true });
    expect(await packetFilter.load("ftp-proxy/1.1", "pass\n")).toEqual({ ok: true });
    expect(await packetFilter.flush("ftp-proxy/1.1")).toEqual({ ok: true });
    const args = ["-o", "none", "-a", "ftp-proxy/1.1", "-f", "-"];
    expect(calls).toEqual([
      ["pfctl", args, "pass\n"],
      ["pfctl", args, ""],
    ]);
  });

  it("is tried a second time when busy, and only then", async () => {
    const memory = host();
    const answers = ["pfctl: DIOCXCOMMIT: Device busy\n", ""];
    memory.onRun = async () => {
      const stderr = answers.shift() ?? "pfctl: DIOCADDRULE: Invalid argument\n";
      return { status: stderr === "" ? 0 : 1, stdout: "", stderr };
    };
    const packetFilter = new PfctlPacketFilter(memory);
    const busy = packetFilter.load("ftp-proxy/1.1", "pass\n");
    await memory.clock.advance(10);
    expect(await busy).toEqual({ ok: true });
    const invalid = { ok: false, failure: { stage: "add", reason: "Invalid argument" } };
    expect(await packetFilter.load("ftp-proxy/1.1", "pass\n")).toEqual(invalid);
  });

  it("is given up when it hangs", async () => {
    const memory = host();
    Object.assign(memory, {
      run: (_: string, __: unknown, { signal }: { signal: AbortSignal }) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted")))),
    });
    const outcome = new PfctlPacketFilter(memory).load("ftp-proxy/1.1", "pass\n");
    await memory.clock.advance(10_001);
    expect(await outcome).toMatchObject({ ok: false, failure: { reason: "pfctl did not finish within 10 s" } });
  });

  it("explains a failure in its own last words when no ioctl is named", () => {
    const result = { status: 1, stdout: "", stderr: "stdin:1: syntax error\npfctl: Syntax error in config file\n" };
    expect(outcomeOf(result)).toMatchObject({ failure: { reason: "pfctl: Syntax error in config file" } });
  });
});

describe("pfctl through a socket", () => {
  it("answers with status and texts", async () => {
    const memory = host();
    memory.onDial = ({ far, accept }) => {
      answerPfctl(far, async (args, stdin) => ({ status: 0, stdout: args.join(" "), stderr: stdin }));
      accept();
    };
    const answer = pfctlSocket(memory, { address: "127.0.0.1", port: 7001 })(["-a", "x"], "pass ü\n");
    await memory.clock.advance(10);
    expect(await answer).toEqual({ status: 0, stdout: "-a x", stderr: "pass ü\n" });
  });

  it("fails like a pfctl when nobody is there", async () => {
    const memory = host();
    memory.onDial = ({ refuse }) => refuse("ECONNREFUSED");
    const answer = pfctlSocket(memory, { address: "127.0.0.1", port: 7001 })(["-sr"], "");
    await memory.clock.advance(10);
    expect(await answer).toMatchObject({ status: 1, stderr: "pfctl: 127.0.0.1: ECONNREFUSED\n" });
  });
});

describe("anchors of predecessors", () => {
  it("are stale when their process is gone, or had our own number", () => {
    const listing =
      "  ftp-proxy/24266.10\n  ftp-proxy/24266.6\n  ftp-proxy/99.1\n  ftp-proxy/4711.2\n  ftp-proxy/x\n  relayd\n";
    expect(staleAnchors(listing, "ftp-proxy", 4711, (pid) => pid === 99)).toEqual([
      "ftp-proxy/24266.10",
      "ftp-proxy/24266.6",
      "ftp-proxy/4711.2",
    ]);
  });
});

describe("the original destination in the state table", () => {
  // Source: capture divert-vs-rdr-lookup.rdr; the second form is older pfctl's.
  it.each([
    ["all tcp 127.0.0.1:8021 (198.51.100.9:21) <- 10.0.0.2:17475       ESTABLISHED:ESTABLISHED", "198.51.100.9"],
    ["all tcp 127.0.0.1:8021 <- 198.51.100.9:21 <- 10.0.0.2:17475       ESTABLISHED:ESTABLISHED", "198.51.100.9"],
    ["all tcp 127.0.0.1:8021 (198.51.100.9:21) <- 10.0.0.2:17476       ESTABLISHED:ESTABLISHED", undefined],
    ["all tcp 198.51.100.9:21 <- 10.0.0.2:17475       ESTABLISHED:ESTABLISHED", undefined],
  ])("of %j is %s", (line, address) => {
    const client = { address: "10.0.0.2", port: 17_475 };
    expect(findRedirected(line, client, { address: "127.0.0.1", port: 8021 })?.address).toBe(address);
  });

  it("is found over IPv6", () => {
    const line = "all tcp ::1[8021] (2001:db8::9[21]) <- fd00:1::2[7778]       ESTABLISHED:ESTABLISHED";
    const client = { address: "fd00:1::2", port: 7778 };
    expect(findRedirected(line, client, { address: "::1", port: 8021 })).toEqual({ address: "2001:db8::9", port: 21 });
  });
});
