import { describe, expect, it } from "vitest";
import { ScriptedHost } from "../../harness/labs/sim/scripted-host.ts";
import { SeededRandom } from "../../harness/net/time/random.ts";
import { findRedirected } from "../original-destination.ts";
import { CoalescingPacketFilter } from "./coalescing.ts";
import { outcomeOf, PfctlPacketFilter, staleAnchors } from "./pfctl.ts";
import { answerPfctl, type PfctlRunner, pfctlSocket } from "./pfctl-runner.ts";

const host = () => new ScriptedHost({ addresses: ["198.51.100.1"], random: new SeededRandom(1) });

describe("pfctl as a process", () => {
  it("gets the rules on its standard input, without optimisation", async () => {
    const memory = host();
    const calls: unknown[] = [];
    memory.run = async (command, args, options) => {
      calls.push([command, args, options?.stdin]);
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
    memory.run = async () => {
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

  it("reports the last line of pfctl when it names no ioctl", () => {
    const result = { status: 1, stdout: "", stderr: "stdin:1: syntax error\npfctl: Syntax error in config file\n" };
    expect(outcomeOf(result)).toMatchObject({ failure: { reason: "pfctl: Syntax error in config file" } });
  });
});

describe("pfctl through a socket", () => {
  it("answers with status and texts", async () => {
    const memory = host();
    await memory.listen({ port: 7001 }, (connection) =>
      answerPfctl(connection, async (args, stdin) => ({ status: 0, stdout: args.join(" "), stderr: stdin })),
    );
    const answer = pfctlSocket(memory, { address: "127.0.0.1", port: 7001 })(["-a", "x"], "pass ü\n");
    await memory.clock.advance(10);
    expect(await answer).toEqual({ status: 0, stdout: "-a x", stderr: "pass ü\n" });
  });

  it("fails like a pfctl when nothing listens there", async () => {
    const memory = host();
    const answer = pfctlSocket(memory, { address: "127.0.0.1", port: 7001 })(["-sr"], "");
    await memory.clock.advance(10);
    expect(await answer).toMatchObject({
      status: 1,
      stderr: "pfctl: 127.0.0.1: ECONNREFUSED\n",
    });
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

/** A pfctl that remembers, is slow, and may be old or particular. */
function pretendPfctl(particular: { readonly ignoresLoadAnchor?: boolean; readonly refuses?: RegExp } = {}) {
  const memory = host();
  const files = new Map<string, string>();
  Object.assign(memory, {
    files: {
      read: async (path: string) => new TextEncoder().encode(files.get(path)),
      write: async (path: string, bytes: Uint8Array) => void files.set(path, new TextDecoder().decode(bytes)),
      remove: async (path: string) => void files.delete(path),
    },
  });
  const anchors = new Map<string, string>();
  const calls: string[] = [];
  const run: PfctlRunner = async (args, stdin) => {
    await new Promise<void>((resolve) => memory.clock.after(5, resolve));
    const anchor = args[args.indexOf("-a") + 1] ?? "";
    if (args.includes("-sr")) return { status: 0, stdout: anchors.get(anchor) ?? "", stderr: "" };
    calls.push(`${anchor}: ${stdin.split("\n").length - 1}`);
    const inner = [...stdin.matchAll(/^load anchor "(.*)" from "(.*)"$/gm)].map(([, name, path]) => [
      `${anchor}/${name}`,
      files.get(path ?? "") ?? "",
    ]);
    const changes = inner.length > 0 ? inner : [[anchor, stdin]];
    if (changes.some(([, text]) => particular.refuses?.test(text ?? ""))) {
      return { status: 1, stdout: "", stderr: "stdin:1: syntax error\n" };
    }
    if (inner.length > 0 && particular.ignoresLoadAnchor) return { status: 0, stdout: "", stderr: "" };
    for (const [name = "", text = ""] of changes) {
      if (text === "") anchors.delete(name);
      else anchors.set(name, text);
    }
    return { status: 0, stdout: "", stderr: "" };
  };
  const packetFilter = new CoalescingPacketFilter(memory, { parent: "ftp-proxy", directory: "/private", pfctl: run });
  const settle = async <T>(answers: readonly Promise<T>[]): Promise<T[]> => {
    await memory.clock.advance(1000);
    return await Promise.all(answers);
  };
  return { anchors, calls, files, packetFilter, settle };
}

const names = Array.from({ length: 20 }, (_, index) => `ftp-proxy/4711.${index + 1}`);

describe("many loads at once", () => {
  it("become few transactions, and each is in force when it is answered", async () => {
    const { anchors, calls, files, packetFilter, settle } = pretendPfctl();
    const answers = names.map((name) =>
      packetFilter.load(name, `pass ${name}\n`).then((outcome) => {
        expect(outcome.ok).toBe(true);
        expect(anchors.get(name)).toBe(`pass ${name}\n`);
      }),
    );
    await settle(answers);
    expect(calls).toEqual(["ftp-proxy/4711.1: 1", "ftp-proxy: 19"]);
    const flushed = names.map((name) => packetFilter.flush(name));
    await settle(flushed);
    expect(anchors.size).toBe(0);
    expect(files.size).toBe(0);
    expect(calls).toHaveLength(4);
  });

  it("are made one by one when pfctl ignores `load anchor`", async () => {
    const { anchors, packetFilter, settle } = pretendPfctl({ ignoresLoadAnchor: true });
    const answers = names.map((name) => packetFilter.load(name, `pass ${name}\n`));
    expect(await settle(answers)).toEqual(names.map(() => ({ ok: true })));
    expect(anchors.size).toBe(names.length);
  });

  it("fail only for the session whose rules are refused", async () => {
    const { anchors, packetFilter, settle } = pretendPfctl({ refuses: /4711\.7\n/ });
    const answers = names.map((name) => packetFilter.load(name, `pass ${name}\n`));
    const outcomes = await settle(answers);
    expect(outcomes.filter((outcome) => !outcome.ok)).toHaveLength(1);
    expect(anchors.has("ftp-proxy/4711.7")).toBe(false);
    expect(anchors.size).toBe(names.length - 1);
  });

  it("keep the order of changes to one anchor", async () => {
    const { anchors, packetFilter, settle } = pretendPfctl();
    const answers = ["a", "b", "c"].map((word) => packetFilter.load("ftp-proxy/4711.1", `pass ${word}\n`));
    await settle(answers);
    expect(anchors.get("ftp-proxy/4711.1")).toBe("pass c\n");
  });
});
