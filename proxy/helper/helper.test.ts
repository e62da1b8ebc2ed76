import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../harness/net/time/clock.ts";
import type { Process } from "../host.ts";
import { AnchorTable } from "../pf/packet-filter.ts";
import { type DataPath, type RuleOptions, renderRuleset } from "../session/ruleset.ts";
import { admit, Helper } from "./helper.ts";
import { HelperFilter } from "./helper-filter.ts";

const passive: DataPath = {
  mode: "passive",
  client: "10.0.0.5",
  original: "198.51.100.7",
  server: "192.168.1.20",
  proxy: "203.0.113.9",
  port: 50_555,
  proxyPort: 49_999,
  fromPort20: false,
};
const rules = renderRuleset(passive, { era: "divert-to" });

/** Both halves, joined by two pipes in memory. */
function halves() {
  const table = new AnchorTable();
  const clock = new VirtualClock();
  const died: string[] = [];
  const givenUp: string[] = [];
  let out: (stream: "stdout" | "stderr", bytes: Uint8Array) => void = () => {};
  let exit: (status: number) => void = () => {};
  const helper: Helper = new Helper({
    packetFilter: table,
    pid: 4711,
    parent: "ftp-proxy",
    rules: { era: "divert-to" },
    write: (bytes) => out("stdout", bytes),
    lookup: async (client) => (client.address === "10.0.0.5" ? { address: "198.51.100.7", port: 21 } : undefined),
    giveUp: (why) => givenUp.push(why),
  });
  const process: Process = {
    pid: 1,
    stdin: { write: (bytes) => helper.take(bytes), end: () => void helper.end().then(() => exit(0)) },
    onOutput: (handler) => {
      out = handler;
    },
    exited: new Promise((resolve) => {
      exit = resolve;
    }),
    kill: () => exit(137),
  };
  const filter = new HelperFilter(process, clock, (why) => died.push(why));
  return { clock, table, died, givenUp, helper, filter, process, say: (bytes: Uint8Array) => out("stdout", bytes) };
}

const encode = (text: string) => new TextEncoder().encode(text);

describe("proxy and helper", () => {
  it("load and flush anchors whose names the helper builds", async () => {
    const { table, filter } = halves();
    expect(await filter.load("elsewhere/1.3", rules)).toEqual({ ok: true });
    expect([...table.anchors]).toEqual([["ftp-proxy/4711.3", rules]]);
    expect(await filter.flush("ftp-proxy/4711.3")).toEqual({ ok: true });
    expect(table.anchors.size).toBe(0);
  });

  it("refuse rules that are not for one data connection", async () => {
    const { table, filter } = halves();
    expect(await filter.load("ftp-proxy/4711.3", "pass all\n")).toMatchObject({ ok: false });
    expect(table.anchors.size).toBe(0);
  });

  it("look up the original destination", async () => {
    const { filter } = halves();
    const at = (address: string) =>
      ({ remote: { address, port: 1 }, local: { address: "127.0.0.1", port: 8021 } }) as never;
    expect(await filter.originalDestination(at("10.0.0.5"))).toEqual({ address: "198.51.100.7", port: 21 });
    expect(await filter.originalDestination(at("10.0.0.6"))).toBeUndefined();
  });

  it("leave no rule when the proxy ends", async () => {
    const { table, filter, process } = halves();
    await filter.load("ftp-proxy/4711.3", rules);
    process.stdin.end();
    expect(await process.exited).toBe(0);
    expect(table.anchors.size).toBe(0);
  });

  it("fail what is under way when the helper dies, and say so once", async () => {
    const { filter, process, died } = halves();
    process.kill("SIGKILL");
    await process.exited;
    await Promise.resolve();
    expect(await filter.load("ftp-proxy/4711.3", rules)).toEqual({
      ok: false,
      failure: { stage: "begin", reason: "the helper ended with status 137" },
    });
    expect(died).toEqual(["the helper ended with status 137"]);
  });

  it("give up a helper that says nothing for half a minute", async () => {
    const { clock, filter, died } = halves();
    const asked = filter.originalDestination({
      remote: { address: "?", port: 1 },
      local: { address: "::1", port: 2 },
    } as never);
    await clock.advance(30_001);
    expect(await asked).toBeUndefined();
    expect(died).toEqual(["the helper gave no answer in 30 s"]);
  });

  it.each(["not json\n", '{"number":"x"}\n', '{"number":1,"do":"load","id":-1,"rules":""}\n', "x".repeat(9000)])(
    "the helper gives up a proxy that sends %j",
    (nonsense) => {
      const { helper, givenUp } = halves();
      helper.take(encode(nonsense));
      expect(givenUp).toHaveLength(1);
    },
  );

  it.each(["not json\n", '{"number":1}\n', '{"number":1,"outcome":{"ok":"yes"}}\n'])(
    "the proxy gives up a helper that sends %j",
    (nonsense) => {
      const { say, died } = halves();
      say(encode(nonsense));
      expect(died).toHaveLength(1);
    },
  );
});

const eras: readonly RuleOptions[] = [
  { era: "divert-to" },
  { era: "rdr-to" },
  { era: "rdr-anchor" },
  { era: "divert-to", tag: "FTP", queue: "q", log: 2, clientRdomain: 3, rtable: 1 },
];

describe("admit", () => {
  it.each(eras)("accepts the rules of this proxy with %o", (options) => {
    for (const mode of ["passive", "active"] as const) {
      for (const fromPort20 of mode === "active" ? [false, true] : [false]) {
        const text = renderRuleset({ ...passive, mode, fromPort20 }, options);
        expect(admit(text, options)).toBe(text);
      }
    }
  });

  const text = rules;
  it.each([
    ["a third rule", `${text}pass all\n`],
    ["one rule", `${text.split("\n")[0]}\n`],
    ["a network", text.replaceAll("10.0.0.5", "10.0.0.0/8")],
    ["any", text.replaceAll("from 10.0.0.5", "from any")],
    ["a table", text.replaceAll("10.0.0.5", "<all>")],
    ["a host name", text.replaceAll("10.0.0.5", "host.example")],
    ["a low data port", text.replaceAll("50555", "22")],
    ["a low proxy port", text.replaceAll("49999", "25")],
    ["another routing domain", text.replaceAll("rdomain 0", "rdomain 7")],
    ["no state limit", text.replaceAll(" (max 1)", "")],
    ["a route", text.replace("rdr-to", "route-to 192.0.2.1 rdr-to")],
    ["an include", `include "/etc/x"\n${text}`],
    ["a tag that is not configured", text.replaceAll("rtable", "tag X rtable")],
    ["a file to load", `load anchor "x" from "/etc/pf.conf"\n${text}`],
    ["mixed families", text.replaceAll("203.0.113.9", "2001:db8::9")],
    ["nothing", ""],
  ])("refuses %s", (_, wrong) => {
    expect(admit(wrong, { era: "divert-to" })).toBeUndefined();
  });

  it("refuses every text with one character changed, unless it is again such a rule", () => {
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 1 }),
        (at, character) => {
          const changed = text.slice(0, at) + character + text.slice(at + 1);
          const admitted = admit(changed, { era: "divert-to" });
          if (admitted !== undefined) expect(admitted.replace(/[\d.]+/g, "N")).toBe(text.replace(/[\d.]+/g, "N"));
        },
      ),
    );
  });
});
