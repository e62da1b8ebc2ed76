/** The runner's end of the line: an agent that has stopped, with a clock of the test; and the order of a connection's events. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Body, FRAME, FrameReader, frame } from "../protocol/frame.ts";
import { AgentHost } from "./agent-host.ts";
import { AgentConnection } from "./connections.ts";
import type { BytePipe } from "./pipe.ts";
import type { Channels } from "./requests.ts";

/** An agent that greets, and then sends the test's frames. */
class ScriptedAgent implements BytePipe {
  readonly asked: { readonly type: number; readonly id: number }[] = [];
  closed = false;
  readonly #reader = new FrameReader();
  #tell: (bytes: Uint8Array) => void = () => {};
  #greeted = false;

  write(bytes: Uint8Array): void {
    if (this.#greeted) this.asked.push(...this.#reader.add(bytes));
    this.#greeted = true;
  }
  onBytes(handler: (bytes: Uint8Array) => void): void {
    this.#tell = handler;
  }
  onEnd(): void {}
  async close(): Promise<boolean> {
    this.closed = true;
    return true;
  }
  greet(): void {
    this.#tell(new TextEncoder().encode("anchorage-agent 1\n"));
    this.say(FRAME.hello, 0, new Body().u32(0).u64(0).text("fw"));
  }
  say(type: number, id: number, body?: Body): void {
    this.#tell(frame(type, id, body));
  }
}

const random = { below: () => 0 };

async function greeted(): Promise<{ agent: ScriptedAgent; host: AgentHost }> {
  const agent = new ScriptedAgent();
  const host = AgentHost.greet(agent, { name: "fw", random });
  agent.greet();
  return { agent, host: await host };
}

const MINUTE_MS = 60_000;

describe("an agent that has stopped", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("is given up within a minute, with everything that waits for it", async () => {
    const { agent, host } = await greeted();
    const listening = expect(host.listen({ port: 21 }, () => {})).rejects.toThrow(
      "the agent of fw is gone: nothing heard",
    );
    const gone: string[] = [];
    host.onGone((why) => gone.push(why));
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    await listening;
    expect(gone).toEqual([expect.stringContaining("nothing heard of it in 30 s")]);
    expect(host.gone).toBe(gone[0]);
    expect(agent.closed).toBe(true);
  });

  test("differs from one that has nothing to say, which answers with the time", async () => {
    const { agent, host } = await greeted();
    for (let second = 0; second < 600; second += 5) {
      await vi.advanceTimersByTimeAsync(5_000);
      for (const { type, id } of agent.asked.splice(0)) {
        if (type !== FRAME.clock) continue;
        agent.say(FRAME.time, id, new Body().u64(0));
        agent.say(FRAME.closed, id, new Body().text("").text(""));
      }
    }
    expect(host.gone).toBeUndefined();
  });

  test("before it has finished SWEEP is given up, though it still sends frames", async () => {
    const { agent, host } = await greeted();
    const sweeping = expect(host.sweep()).rejects.toThrow("has not put everything away in 20 s");
    for (let second = 0; second < 30; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      agent.say(FRAME.credit, 4_711, new Body().u32(0));
    }
    await sweeping;
    expect(agent.closed).toBe(true);
  });

  test("before it has greeted is sent away", async () => {
    const agent = new ScriptedAgent();
    const greeting = expect(AgentHost.greet(agent, { name: "fw", random })).rejects.toThrow("no greeting in 60 s");
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    await greeting;
    expect(agent.closed).toBe(true);
  });
});

const agent: Channels = { canUrgent: false, open: (_, id = 1) => id, send: () => {} };

test("frames that come with BOUND reach the handlers that are set once the attempt is under way", async () => {
  const connection = new AgentConnection(agent, 1, { address: "192.0.2.7", port: 21 });
  const told: string[] = [];
  connection.handle({ onClose: () => {} });
  const takenOver = connection.attempted?.then(() =>
    connection.handle({
      onConnect: () => told.push("connected"),
      onData: (bytes) => told.push(new TextDecoder().decode(bytes)),
    }),
  );
  await Promise.resolve();
  connection.receive(FRAME.bound, new Body().text("192.0.2.1").u16(40_001).bytes());
  connection.receive(FRAME.connected, new Uint8Array(0));
  connection.receive(FRAME.data, new TextEncoder().encode("220 ready\r\n"));
  await takenOver;
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(["connected", "220 ready\r\n"]);
});

test("a paused reader still gets the handshake and room to write, and the rest when it resumes", async () => {
  const connection = new AgentConnection(agent, 1, { address: "192.0.2.7", port: 21 });
  const told: string[] = [];
  connection.pause();
  connection.handle({
    onConnect: () => told.push("connected"),
    onData: (bytes) => told.push(new TextDecoder().decode(bytes)),
    onDrain: () => told.push("drain"),
    onEnd: () => told.push("end"),
    onClose: () => told.push("closed"),
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  connection.receive(FRAME.bound, new Body().text("192.0.2.1").u16(40_001).bytes());
  connection.receive(FRAME.connected, new Uint8Array(0));
  connection.receive(FRAME.data, new TextEncoder().encode("220 ready\r\n"));
  const LONG = 200_000;
  expect(connection.write(new Uint8Array(LONG))).toBe(false);
  connection.receive(FRAME.credit, new Body().u32(LONG).bytes());
  connection.receive(FRAME.end, new Uint8Array(0));
  connection.closed("", "");
  await settled();
  expect(told).toEqual(["connected", "drain"]);
  connection.resume();
  await settled();
  expect(told).toEqual(["connected", "drain", "220 ready\r\n", "end", "closed"]);
});
