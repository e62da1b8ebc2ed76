import { describe, expect, it } from "vitest";
import { RIGHT, record, twoHosts } from "./two-hosts.fixture.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe("a simulated host", () => {
  it("calls no handler before the call that made the connection has returned, and keeps events until asked", async () => {
    const { network, left, right } = twoHosts();
    await right.listen({ port: 21 }, (connection) => {
      connection.write(Buffer.from("220 \r\n"));
      connection.end();
    });
    const connection = left.connect({ address: RIGHT.inet, port: 21 });
    await network.clock.advance(1000);
    const client = record(connection);
    expect(client.events).toEqual([]);
    await network.clock.advance(1);
    expect(client.events).toEqual(["connect", "data", "end"]);
    connection.end();
    await network.clock.advance(1000);
    expect(client.events).toEqual(["connect", "data", "end", "close"]);
  });

  it("replaces handlers at any time", async () => {
    const { network, left, right } = twoHosts();
    await right.listen({ port: 21 }, (connection) => {
      connection.write(Buffer.from("one"));
      right.clock.after(100, () => connection.write(Buffer.from("two")));
    });
    const seen: string[] = [];
    const connection = left.connect({ address: RIGHT.inet, port: 21 });
    connection.handle({
      onData: (bytes) => {
        seen.push(`first ${text(bytes)}`);
        connection.handle({ onData: (later) => seen.push(`second ${text(later)}`) });
      },
    });
    await network.clock.advance(1000);
    expect(seen).toEqual(["first one", "second two"]);
  });

  it("gives received bytes away: changing them changes nothing else", async () => {
    const { network, left, right, capture } = twoHosts();
    await right.listen({ port: 21 }, (connection) => connection.write(Buffer.from("220 \r\n")));
    record(left.connect({ address: RIGHT.inet, port: 21 }), (bytes) => bytes.fill(0));
    await network.clock.advance(10);
    expect(capture.packets.some(({ packet }) => text(packet.payload) === "220 \r\n")).toBe(true);
  });

  it("keeps files", async () => {
    const { left } = twoHosts({ left: { files: { "/etc/pf.conf": "pass\n" } } });
    expect(text(await left.files.read("/etc/pf.conf"))).toBe("pass\n");
    await left.files.write("/var/a", Buffer.from("b"));
    expect(left.files.paths).toEqual(["/etc/pf.conf", "/var/a"]);
    await left.files.remove("/var/a");
    await expect(left.files.read("/var/a")).rejects.toMatchObject({ code: "ENOENT", path: "/var/a" });
    await expect(left.files.remove("/var/a")).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("logs to whom it was told", () => {
    const { left, logged } = twoHosts();
    left.log(5, "listening on 127.0.0.1 port 8021");
    expect(logged).toEqual([
      { atMs: left.clock.now(), host: "left", level: 5, text: "listening on 127.0.0.1 port 8021" },
    ]);
  });
});

describe("a program", () => {
  const setup = () => {
    const { network, left } = twoHosts();
    left.install("pfctl", async ({ args, input, env, write }) => {
      write("stdout", `${args.join(" ")} ${env.LANG} ${text(await input)}`);
      if (args.includes("-n")) throw new Error("syntax error");
      return args.length;
    });
    return { clock: network.clock, left };
  };

  it("runs to its end with arguments, environment and input, and takes virtual time", async () => {
    const { clock, left } = setup();
    const start = clock.now();
    const options = { stdin: "pass\n", env: { LANG: "C" } };
    const result = await clock.runUntilSettled(left.run("/sbin/pfctl", ["-f", "-"], options));
    expect(result).toEqual({ status: 2, stdout: "-f - C pass\n", stderr: "" });
    expect(clock.now() - start).toBe(1);
  });

  it("that throws has failed, and one that is not there has status 127", async () => {
    const { clock, left } = setup();
    expect(await clock.runUntilSettled(left.run("pfctl", ["-n"]))).toMatchObject({
      status: 1,
      stderr: "pfctl: syntax error\n",
    });
    expect(await clock.runUntilSettled(left.run("ipfw", []))).toEqual({
      status: 127,
      stdout: "",
      stderr: "sh: ipfw: not found\n",
    });
  });

  it("may go on running, take input, give output and hear signals", async () => {
    const { clock, left } = setup();
    left.install("echo-server", ({ onInput, onSignal, write }) => {
      onInput((bytes) => write("stdout", bytes));
      return new Promise((resolve) => onSignal((signal) => resolve(signal === "SIGTERM" ? 0 : 1)));
    });
    const process = await left.spawn("echo-server", []);
    const seen: string[] = [];
    process.onOutput((stream, bytes) => seen.push(`${stream} ${text(bytes)}`));
    await clock.advance(10);
    process.stdin.write(Buffer.from("hello"));
    process.kill("SIGTERM");
    expect(await clock.runUntilSettled(process.exited)).toBe(0);
    expect(seen).toEqual(["stdout hello"]);

    const killed = await left.spawn("echo-server", []);
    await clock.advance(10);
    killed.kill("SIGKILL");
    expect(await clock.runUntilSettled(killed.exited)).toBe(128 + 9);
  });

  it("is killed when its caller aborts", async () => {
    const { clock, left } = setup();
    left.install("sleep", () => new Promise<number>(() => {}));
    const controller = new AbortController();
    left.clock.after(50, () => controller.abort(new Error("too slow")));
    const run = left.run("sleep", [], { signal: controller.signal });
    await expect(clock.runUntilSettled(run)).rejects.toThrow("too slow");
  });
});
