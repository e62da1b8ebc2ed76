import { describe, expect, it } from "vitest";
import { ScriptedHost } from "../../harness/labs/sim/scripted-host.ts";
import { SeededRandom } from "../../harness/net/time/random.ts";
import { CoalescingPacketFilter } from "./coalescing.ts";
import type { PfctlRunner } from "./pfctl-runner.ts";

/** A pfctl that remembers, is slow, and may be old or particular. */
function pretendPfctl(particular: { readonly ignoresLoadAnchor?: boolean; readonly refuses?: RegExp } = {}) {
  const host = new ScriptedHost({ address: "198.51.100.1", random: new SeededRandom(1) });
  const files = new Map<string, string>();
  Object.assign(host, {
    files: {
      read: async (path: string) => new TextEncoder().encode(files.get(path)),
      write: async (path: string, bytes: Uint8Array) => void files.set(path, new TextDecoder().decode(bytes)),
      remove: async (path: string) => void files.delete(path),
    },
  });
  const anchors = new Map<string, string>();
  const calls: string[] = [];
  const run: PfctlRunner = async (args, stdin) => {
    await new Promise<void>((resolve) => host.clock.after(5, resolve));
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
  const packetFilter = new CoalescingPacketFilter(host, { parent: "ftp-proxy", directory: "/private", pfctl: run });
  return { host, anchors, calls, files, packetFilter };
}

const names = Array.from({ length: 20 }, (_, index) => `ftp-proxy/4711.${index + 1}`);

describe("many loads at once", () => {
  it("become few transactions, and each is in force when it is answered", async () => {
    const { host, anchors, calls, files, packetFilter } = pretendPfctl();
    const answers = names.map((name) =>
      packetFilter.load(name, `pass ${name}\n`).then((outcome) => {
        expect(outcome.ok).toBe(true);
        expect(anchors.get(name)).toBe(`pass ${name}\n`);
      }),
    );
    await host.clock.advance(100);
    await Promise.all(answers);
    expect(calls).toEqual(["ftp-proxy/4711.1: 1", "ftp-proxy: 19"]);
    const flushed = names.map((name) => packetFilter.flush(name));
    await host.clock.advance(100);
    await Promise.all(flushed);
    expect(anchors.size).toBe(0);
    expect(files.size).toBe(0);
    expect(calls).toHaveLength(4);
  });

  it("are made one by one when pfctl ignores `load anchor`", async () => {
    const { host, anchors, packetFilter } = pretendPfctl({ ignoresLoadAnchor: true });
    const answers = names.map((name) => packetFilter.load(name, `pass ${name}\n`));
    await host.clock.advance(1000);
    expect(await Promise.all(answers)).toEqual(names.map(() => ({ ok: true })));
    expect(anchors.size).toBe(names.length);
  });

  it("fail only for the session whose rules are refused", async () => {
    const { host, anchors, packetFilter } = pretendPfctl({ refuses: /4711\.7\n/ });
    const answers = names.map((name) => packetFilter.load(name, `pass ${name}\n`));
    await host.clock.advance(1000);
    const outcomes = await Promise.all(answers);
    expect(outcomes.filter((outcome) => !outcome.ok)).toHaveLength(1);
    expect(anchors.has("ftp-proxy/4711.7")).toBe(false);
    expect(anchors.size).toBe(names.length - 1);
  });

  it("keep the order of changes to one anchor", async () => {
    const { host, anchors, packetFilter } = pretendPfctl();
    const answers = ["a", "b", "c"].map((word) => packetFilter.load("ftp-proxy/4711.1", `pass ${word}\n`));
    await host.clock.advance(100);
    await Promise.all(answers);
    expect(anchors.get("ftp-proxy/4711.1")).toBe("pass c\n");
  });
});
