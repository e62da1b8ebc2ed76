import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AgentHost } from "./agent-host.ts";
import { ENDING } from "./check/ending.ts";
import { checks, runChecks } from "./check/run-checks.ts";
import { Outbox } from "./credit.ts";
import { DATA_LIMIT, FrameReader, frame, GreetingReader, ProtocolError } from "./frame.ts";
import { startAgent } from "./pipe.ts";

const AGENT = fileURLToPath(new URL("../../bin/anchorage-agent.mjs", import.meta.url));
const start = () => startAgent(process.execPath, [AGENT]);
const random = { below: () => 0 };

describe("frames", () => {
  test("come out as they went in, however the pipe cuts them", () => {
    const one = fc.record({ type: fc.nat(255), id: fc.nat(), body: fc.uint8Array({ maxLength: 300 }) });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 40 })), (frames, cuts) => {
        const line = Buffer.concat(frames.map(({ type, id, body }) => frame(type, id, body)));
        const reader = new FrameReader();
        const got = [];
        let at = 0;
        for (const cut of [...cuts, line.length]) {
          got.push(...reader.add(line.subarray(at, at + cut)));
          at += cut;
        }
        expect(got).toEqual(frames);
      }),
    );
  });

  test("of impossible length are refused", () => {
    expect(() => new FrameReader().add(Uint8Array.of(0, 0, 0, 4))).toThrow(ProtocolError);
    expect(() => new FrameReader().add(Uint8Array.of(0, 1, 0, 6))).toThrow(ProtocolError);
  });

  test("the greeting is found behind whatever a login prints", () => {
    const reader = new GreetingReader("anchorage-agent");
    expect(reader.add(Buffer.from("Welcome to fw\r\nanchorage-ag"))).toBeUndefined();
    const found = reader.add(Buffer.from("ent 1 2\n\x00\x00"));
    expect(found?.versions).toEqual([1, 2]);
    expect(found?.rest).toEqual(Uint8Array.of(0, 0));
  });
});

test("an outbox never sends more than its credit, and loses nothing", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(80_000)), fc.array(fc.nat(50_000)), (pieces, credits) => {
      let sent = 0;
      let credit = 65_536;
      const outbox = new Outbox((bytes) => {
        sent += bytes.length;
        expect(bytes.length).toBeLessThanOrEqual(DATA_LIMIT);
        expect(sent).toBeLessThanOrEqual(credit);
      });
      for (const length of pieces) outbox.push(new Uint8Array(length));
      for (const more of credits) {
        credit += more;
        outbox.credit(more);
      }
      const total = pieces.reduce((sum, length) => sum + length, 0);
      expect(sent).toBe(Math.min(total, credit));
      expect(outbox.held).toBe(total - sent);
    }),
  );
});

describe("our own agent keeps what docs/agent-protocol.md promises", () => {
  const results = new Map<string, { result: string; detail?: string }>();

  beforeAll(async () => {
    for await (const one of runChecks(start)) results.set(one.title, one);
  }, 60_000);

  test.for([...checks.map(({ title }) => title), ENDING])("%s", (title, context) => {
    const found = results.get(title);
    if (found?.result === "not-tried") context.skip(`not run: ${found.detail}`);
    expect(found?.detail).toBeUndefined();
    expect(found?.result).toBe("passed");
  });
});

describe("the line to an agent", () => {
  const hosts: AgentHost[] = [];
  afterAll(async () => {
    for (const host of hosts) await host.leave();
  });

  test("leaves no process behind when it ends", async () => {
    const host = await AgentHost.greet(start(), { name: "agent", random });
    const child = await host.spawn("sleep", ["300"]);
    await host.leave();
    expect(existsSync(`/proc/${child.pid}`)).toBe(false);
  });

  test("breaks: whatever was open on it is closed, and new requests fail", async () => {
    const host = await AgentHost.greet(start(), { name: "agent", random });
    const listener = await host.listen({ address: "127.0.0.1", port: 0 }, () => {});
    const connection = host.connect({ address: "127.0.0.1", port: listener.local.port });
    const closed = new Promise<string>((resolve) => {
      connection.handle({ onClose: () => resolve("closed") });
    });
    await host.leave();
    expect(await closed).toBe("closed");
    await expect(host.time()).rejects.toThrow("is gone");
  });

  test("a program that is no agent is named as such", async () => {
    await expect(AgentHost.greet(startAgent("false", []), { name: "fw", random })).rejects.toThrow(
      "agent of fw: false ended with status 1",
    );
  });
});
