import { describe, expect, it } from "vitest";
import { ScriptedHost } from "../harness/labs/sim/scripted-host.ts";
import { SeededRandom } from "../harness/net/time/random.ts";
import { startProxy } from "./daemon.ts";
import type { Connection } from "./host.ts";
import { type ProxyOptions, proxyOptions } from "./options.ts";
import { AnchorTable } from "./pf/packet-filter.ts";
import { toBytes, toText } from "./session/octets.ts";
import { noExtensions } from "./session/setup.ts";

const client = { address: "10.0.0.2", port: 40_000 };
const server = { address: "198.51.100.9", port: 21 };

function hears(connection: Connection | undefined): string[] {
  const heard: string[] = [];
  connection?.handle({
    onData: (bytes) => heard.push(toText(bytes)),
    onEnd: () => heard.push("<end>"),
    onClose: (error) => {
      if (error !== undefined) heard.push(`<${error.code}>`);
    },
  });
  return heard;
}

async function play(changes: Partial<ProxyOptions> = {}) {
  const host = new ScriptedHost({ addresses: ["198.51.100.1"], random: new SeededRandom(7) });
  const table = new AnchorTable();
  const servers: Connection[] = [];
  host.onDial = (dialled) => dialled.accept((one) => servers.push(one));
  const proxy = await startProxy(host, proxyOptions({ pid: 4711, logLevel: 7, ...changes }), table);
  const logged = () => host.logged.map(({ text }) => text);
  return { host, table, servers, proxy, logged };
}

describe("the daemon", () => {
  it("opens two rules before the 227 reaches the client and none is left at the end", async () => {
    const { host, table, servers, proxy, logged } = await play();
    const from = host.arrive(client, server);
    const heard = hears(from);
    await host.clock.advance(1);
    servers[0]?.write(toBytes("220 hi\r\n"));
    from?.write(toBytes("PASV\r\n"));
    await host.clock.advance(1);
    servers[0]?.write(toBytes("227 Entering Passive Mode (198,51,100,9,195,80)\r\n"));
    await host.clock.advance(1);
    expect(heard.join("")).toMatch(/^220 hi\r\n227 Entering Passive Mode \(198,51,100,9,\d+,\d+\)\r\n$/);
    expect([...table.anchors.keys()]).toEqual(["ftp-proxy/4711.1"]);
    expect(table.anchors.get("ftp-proxy/4711.1")).toMatch(
      /^pass in quick on rdomain 0 inet proto tcp from 10\.0\.0\.2 to 198\.51\.100\.9 port = \d+ flags S\/SA keep state \(max 1\) rtable 0 rdr-to 198\.51\.100\.9 port 50000\npass out quick on rdomain 0 inet proto tcp from 10\.0\.0\.2 to 198\.51\.100\.9 port = 50000 flags S\/SA keep state \(max 1\) nat-to 198\.51\.100\.1\n$/,
    );
    from?.end();
    await host.clock.advance(1);
    expect(table.anchors.size).toBe(0);
    expect(proxy.sessions).toBe(0);
    expect(heard.at(-1)).toBe("<end>");
    expect(logged().slice(-2)).toEqual(["#1 client close", "#1 ending session"]);
  });

  it("tells a failed connect from a refused one", async () => {
    const { host, logged } = await play();
    host.onDial = (dialled) => dialled.refuse("EACCES");
    const heard = hears(host.arrive(client, server));
    await host.clock.advance(1);
    expect(logged()).toContain("#1 proxy cannot connect to server 198.51.100.9: Permission denied");
    host.onDial = (dialled) => host.clock.after(5, () => dialled.refuse("ECONNREFUSED"));
    hears(host.arrive({ ...client, port: 2 }, server));
    await host.clock.advance(10);
    expect(logged()).toContain("#2 server refused connection");
    expect(heard).toEqual(["<end>"]);
  });

  it("gives the server 30 seconds for its first byte and both sides -t afterwards", async () => {
    const { host } = await play({ timeout: 100 });
    host.onDial = () => {};
    hears(host.arrive(client, server));
    await host.clock.advance(29_999);
    expect(host.logged.some((line) => line.text === "#1 server timeout")).toBe(false);
    await host.clock.advance(2);
    expect(host.logged.at(-2)).toMatchObject({ level: 5, text: "#1 server timeout" });
  });

  it.each([
    { spokeLast: "client", silent: "server" },
    { spokeLast: "server", silent: "client" },
  ])(
    "after a sleep over both idle limits it is the $silent that timed out, when the $spokeLast spoke last",
    async (one) => {
      const { host, servers, logged } = await play({ timeout: 100 });
      const from = host.arrive(client, server);
      hears(from);
      await host.clock.advance(1);
      servers[0]?.write(toBytes("220 hi\r\n"));
      await host.clock.advance(50_000);
      if (one.spokeLast === "client") from?.write(toBytes("NOOP\r\n"));
      else servers[0]?.write(toBytes("421 bye\r\n"));
      await host.clock.advance(10_000);
      // The machine sleeps for an hour: timers fire as they were set, and the clock is far beyond.
      const awake = host.clock.now.bind(host.clock);
      host.clock.now = () => awake() + 3_600_000;
      await host.clock.advance(60_000);
      expect(logged()).toContain(`#1 ${one.silent} timeout`);
    },
  );

  it("refuses the session after the last", async () => {
    const { host, proxy } = await play({ maxSessions: 1 });
    hears(host.arrive(client, server));
    const second = hears(host.arrive({ ...client, port: 2 }, server));
    await host.clock.advance(1);
    expect(second).toEqual(["<end>"]);
    expect(host.logged.at(-1)?.text).toMatch(
      /started|client limit \(1\) reached, refusing connection from 10\.0\.0\.2/,
    );
    expect(proxy.sessions).toBe(1);
  });

  it("stops reading from a server whose client does not read, and forgets what a dead client never took", async () => {
    const { host, servers, proxy } = await play();
    const from = host.arrive(client, server);
    from?.handle({});
    from?.pause();
    await host.clock.advance(1);
    for (let count = 0; count < 20_000; count++) servers[0]?.write(toBytes(`200-${"x".repeat(400)}\r\n`));
    await host.clock.advance(1000);
    // 8 MB were sent; the windows and one buffer are all that was taken.
    expect(servers[0]?.pending).toBeGreaterThan(7_000_000);
    servers[0]?.reset();
    await host.clock.advance(1);
    expect(proxy.sessions).toBe(0);
    await host.clock.advance(6_000);
    expect(host.tcp.connections).toEqual([]);
  });

  it("ends the session when a peer half-closes, and lets the last words through", async () => {
    const { host, servers, logged } = await play();
    const heard = hears(host.arrive(client, server));
    await host.clock.advance(1);
    servers[0]?.write(toBytes("421 bye\r\n"));
    servers[0]?.end();
    await host.clock.advance(5);
    expect(heard).toEqual(["421 bye\r\n", "<end>"]);
    expect(logged()).toContain("#1 server close");
  });

  it("ends a session whose client drips a line, with --line-timeout, however often it drips", async () => {
    const { host, proxy } = await play({ timeout: 60, extensions: { ...noExtensions, lineTimeout: 10 } });
    const from = host.arrive(client, server);
    const heard = hears(from);
    await host.clock.advance(1);
    from?.write(toBytes("NOOP\r\nN"));
    for (let second = 0; second < 9; second++) {
      await host.clock.advance(1000);
      from?.write(toBytes("O"));
    }
    from?.write(toBytes("\r\n"));
    await host.clock.advance(5000);
    expect(heard).toEqual([]);
    from?.write(toBytes("N"));
    await host.clock.advance(10_001);
    expect(host.logged.at(-2)?.text).toBe("#1 client does not finish its line");
    expect(proxy.sessions).toBe(0);
  });

  it("does not call itself with --refuse-self", async () => {
    const { host, servers, logged } = await play({ refuseSelf: true });
    const heard = hears(host.arrive(client, { address: "127.0.0.1", port: 8021 }));
    await host.clock.advance(5);
    expect(heard).toEqual(["<end>"]);
    expect(servers).toEqual([]);
    expect(logged()).toContain("#1 refusing to connect to ourselves at 127.0.0.1");
  });

  it("waits for the state table where the socket does not know the destination", async () => {
    const { host, servers, logged } = await play({
      generation: "classic",
      originalDestination: (from) => new Promise((resolve) => resolve(from.remote.port === 1 ? undefined : server)),
    });
    hears(host.arrive({ ...client, port: 1 }, { address: "127.0.0.1", port: 8021 }));
    hears(host.arrive({ ...client, port: 2 }, { address: "127.0.0.1", port: 8021 }));
    await host.clock.advance(5);
    expect(servers).toHaveLength(1);
    expect(logged()).toContain("#1 server lookup failed (no rdr?)");
    expect(logged()).toContain(
      "#2 FTP session 1/100 started: client 10.0.0.2 to server 198.51.100.9 via proxy 198.51.100.1 ",
    );
  });

  it("holds clients back until it is ready to serve, and closes the listener when it cannot be", async () => {
    let ready: () => void = () => {};
    const newHost = () => new ScriptedHost({ addresses: ["198.51.100.1"], random: new SeededRandom(1) });
    const host = newHost();
    const waiting = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const options = proxyOptions({ pid: 1, logLevel: 7, beforeServing: () => waiting });
    const started = startProxy(host, options, new AnchorTable());
    await host.clock.advance(1);
    host.arrive(client, server);
    expect(host.logged).toEqual([]);
    ready();
    await started;
    await host.clock.advance(1);
    expect(host.logged.map((line) => line.text).slice(0, 2)).toEqual([
      "listening on 127.0.0.1 port 8021",
      "#1 accepted connection from 10.0.0.2",
    ]);
    const problem = async () => Promise.reject(new Error("pf is disabled"));
    const other = newHost();
    await expect(startProxy(other, { ...options, beforeServing: problem }, new AnchorTable())).rejects.toThrow(
      "disabled",
    );
    expect(other.arrive(client, server)).toBeUndefined();
  });

  it("ends every session, newest first, on a signal", async () => {
    const { host, proxy, table, logged } = await play();
    hears(host.arrive(client, server));
    hears(host.arrive({ ...client, port: 2 }, server));
    await host.clock.advance(1);
    const stopped = proxy.stop(15);
    expect(proxy.stop(15)).toBe(stopped);
    await stopped;
    expect(logged().slice(-3)).toEqual(["exiting on signal 15", "#2 ending session", "#1 ending session"]);
    expect(table.anchors.size).toBe(0);
  });
});
