import { describe, expect, it } from "vitest";
import { startProxy } from "./daemon.ts";
import type { MemoryConnection } from "./memory/memory-connection.ts";
import { MemoryHost, seeded } from "./memory/memory-host.ts";
import { AnchorTable } from "./pf/anchor-table.ts";
import { type ProxyOptions, proxyOptions } from "./proxy-options.ts";
import { toBytes, toText } from "./session/octets.ts";

const client = { address: "10.0.0.2", port: 40_000 };
const server = { address: "198.51.100.9", port: 21 };

function hears(connection: MemoryConnection | undefined): string[] {
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
  const host = new MemoryHost({ address: "198.51.100.1", random: seeded(7) });
  const table = new AnchorTable();
  const servers: MemoryConnection[] = [];
  host.onDial = (dialled) => {
    servers.push(dialled.far);
    dialled.accept();
  };
  const proxy = await startProxy(host, proxyOptions({ pid: 4711, logLevel: 7, ...changes }), table);
  return { host, table, servers, proxy };
}

describe("the daemon", () => {
  it("opens two rules before the 227 reaches the client and none is left at the end", async () => {
    const { host, table, servers, proxy } = await play();
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
    expect(host.logged.map((line) => line.text).slice(-2)).toEqual(["#1 client close", "#1 ending session"]);
  });

  it("tells a failed connect from a refused one", async () => {
    const { host } = await play();
    host.onDial = (dialled) => dialled.refuse("EACCES");
    const heard = hears(host.arrive(client, server));
    await host.clock.advance(1);
    expect(host.logged.map((line) => line.text)).toContain(
      "#1 proxy cannot connect to server 198.51.100.9: Permission denied",
    );
    host.onDial = (dialled) => host.clock.after(5, () => dialled.refuse("ECONNREFUSED"));
    hears(host.arrive(client, server));
    await host.clock.advance(10);
    expect(host.logged.map((line) => line.text)).toContain("#2 server refused connection");
    expect(heard).toEqual(["<end>"]);
  });

  it("gives the server 30 seconds for its first byte and both sides -t afterwards", async () => {
    const { host } = await play({ timeout: 100 });
    host.onDial = () => {};
    hears(host.arrive(client, server));
    await host.clock.advance(29_999);
    expect(host.logged.some((line) => line.text === "#1 server timeout")).toBe(false);
    await host.clock.advance(2);
    expect(host.logged.at(-2)).toEqual({ level: 5, text: "#1 server timeout" });
  });

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

  it("ends every session, newest first, on a signal", async () => {
    const { host, proxy, table } = await play();
    hears(host.arrive(client, server));
    hears(host.arrive({ ...client, port: 2 }, server));
    await host.clock.advance(1);
    await proxy.stop(15);
    expect(host.logged.map((line) => line.text).slice(-3)).toEqual([
      "exiting on signal 15",
      "#2 ending session",
      "#1 ending session",
    ]);
    expect(table.anchors.size).toBe(0);
  });
});
