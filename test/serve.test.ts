/** Quirky players outside any lab: `serve`, `dial` and `list --quirks`, as a user calls them. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";
import { anchorage, expectWrongUse, ROOT } from "./anchorage.ts";

const servers: ChildProcess[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.kill("SIGKILL");
});

/** Starts `serve --json`; returns its lines as records, and how to end it. */
async function serve(count: number, ...args: string[]) {
  const server = spawn(process.execPath, [join(ROOT, "bin/anchorage.mjs"), "serve", "--json", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  servers.push(server);
  const records: { quirk: string; host: string; port: number }[] = [];
  for await (const line of createInterface({ input: server.stdout! })) {
    records.push(JSON.parse(line));
    if (records.length === count) break;
  }
  const end = async () => {
    server.kill("SIGINT");
    return (await once(server, "exit"))[0] as number | null;
  };
  return { records, end };
}

test("serve puts servers on loopback; dial meets them; Ctrl-C ends them with status 0", async () => {
  const { records, end } = await serve(1, "plain");
  const [{ quirk, host, port } = { quirk: "", host: "", port: 0 }] = records;
  expect([quirk, host]).toEqual(["plain", "127.0.0.1"]);
  const dialled = await anchorage(["dial", "plain", `${host}:${port}`, "--fetch", "file.bin"], { cwd: ROOT });
  expect(dialled.stdout).toContain("fetch file.bin by PASV: done");
  expect(dialled.status).toBe(0);
  const failed = await anchorage(["dial", "plain", `${host}:${port}`, "--fetch", "nothing", "--json"], { cwd: ROOT });
  expect(JSON.parse(failed.stdout).errands.at(-1)).toMatchObject({ verdict: "failed", notice: "550 No such file" });
  expect(failed.status).toBe(1);
  expect(await end()).toBe(0);
  const refused = connect(port, host);
  const [error] = await once(refused, "error");
  expect(error).toMatchObject({ code: "ECONNREFUSED" });
});

test("a server on IPv6 that is given a port has it", async () => {
  const { records, end } = await serve(1, "plain", "--address", "::1", "--port", "34521");
  expect(records[0]).toMatchObject({ host: "::1", port: 34521 });
  const { status } = await anchorage(["dial", "plain", "[::1]:34521"], { cwd: ROOT });
  expect(status).toBe(0);
  await end();
});

test("list --quirks names each player, its peer and its title", async () => {
  const { stdout } = await anchorage(["list", "--quirks", "--json"], { cwd: ROOT });
  const quirks: { name: string; peer: string; title: string }[] = JSON.parse(stdout);
  expect(quirks.map(({ peer, name }) => `${peer} ${name}`)).toContain("server plain");
  expect(quirks.every(({ title }) => title.length > 0)).toBe(true);
});

test.each([
  [["serve", "no-such-quirk"], /no quirky server is called "no-such-quirk"/],
  [["serve", "plain", "--address", "192.0.2.1"], /cannot listen on 192\.0\.2\.1/],
  [["dial", "plain", "127.0.0.1:x"], /is not a server: write HOST, HOST:PORT/],
  [["dial", "no-such-quirk", "127.0.0.1"], /no quirky client is called/],
])("%j is wrong use", async (args, words) => {
  expectWrongUse(await anchorage(args, { cwd: ROOT }), words);
});
