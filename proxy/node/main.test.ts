import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
// @ts-expect-error: a plain script without types
import { buildProxy } from "../build.mjs";
import { findAccount, isRoot } from "./daemonize.ts";
import { NodeConnection } from "./node-connection.ts";

/** A pfctl that keeps each anchor in a file of its own. */
const pretendPfctl = `#!/usr/bin/env node
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
const anchors = process.env.ANCHORS;
const args = process.argv.slice(2);
const file = (name) => anchors + "/" + name.replaceAll("/", "~");
const set = (name, text) => (text === "" ? rmSync(file(name), { force: true }) : writeFileSync(file(name), text));
const anchor = args[args.indexOf("-a") + 1];
if (args.includes("info")) console.log("Status: Enabled");
else if (args.includes("-sA")) for (const name of readdirSync(anchors)) console.log("  " + name.replaceAll("~", "/"));
else if (args.includes("-sr")) process.stdout.write(readFileSync(file(anchor), "utf8"));
else {
  const text = readFileSync(0, "utf8");
  const inner = [...text.matchAll(/^load anchor "(.*)" from "(.*)"$/gm)];
  for (const [, name, path] of inner) set(anchor + "/" + name, readFileSync(path, "utf8"));
  if (inner.length === 0) set(anchor, text);
}
`;

let folder = "";
let anchors = "";
let server: Server;
let serverPort = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "anchorage-proxy."));
  anchors = join(folder, "anchors");
  mkdirSync(anchors);
  for (const path of [folder, anchors]) chmodSync(path, 0o777);
  writeFileSync(join(folder, "pfctl.mjs"), pretendPfctl);
  chmodSync(join(folder, "pfctl.mjs"), 0o755);
  await buildProxy(join(folder, "ftp-proxy.mjs"));
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.write("220 ready\r\n");
    socket.on("data", () => socket.write("227 Entering Passive Mode (127,0,0,1,195,80)\r\n"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  serverPort = typeof address === "object" && address !== null ? address.port : 0;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(...args: string[]): ChildProcess {
  const script = join(folder, "ftp-proxy.mjs");
  return spawn(process.execPath, [script, ...args], {
    env: { ...process.env, ANCHORS: anchors },
    stdio: ["ignore", "ignore", "pipe"],
  });
}

/** Resolves with all that was said so far once `pattern` has been; rejects when the process ends first. */
function says(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stderr?.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (pattern.test(text)) resolve(text);
    });
    child.once("close", () => reject(new Error(`ended without ${pattern}: ${text}`)));
  });
}

let nextPort = 30_000 + (process.pid % 20_000);

/** A running proxy with one session whose 227 has come, and so with one anchor. */
async function withSession(): Promise<{ readonly proxy: ChildProcess; readonly client: Socket }> {
  const port = String(nextPort++);
  const reverse = ["-R", "127.0.0.1", "-P", String(serverPort), "-p", port];
  const user = isRoot() ? ["--user", "nobody"] : [];
  const proxy = start("-d", "-D7", ...reverse, "--pfctl", join(folder, "pfctl.mjs"), ...user);
  await says(proxy, /listening on 127\.0\.0\.1/);
  const client = connect(Number(port), "127.0.0.1");
  client.on("error", () => {});
  await once(client, "data");
  client.write("PASV\r\n");
  const [reply] = (await once(client, "data")) as [Buffer];
  expect(reply.toString()).toMatch(/^227 Entering Passive Mode \(127,0,0,1,\d+,\d+\)\r\n$/);
  return { proxy, client };
}

const ended = async (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? child.exitCode
    : ((await once(child, "exit")) as [number | null])[0];

describe("the bundled command", () => {
  it("refuses like ftp-proxy, with status 1", async () => {
    const child = start("-d", "-m", "0");
    const said = says(child, /\n/);
    expect(await ended(child)).toBe(1);
    expect(await said).toBe("ftp-proxy: max sessions too small\n");
  });

  it("loads the rule before the line, and on SIGTERM removes it and ends with 0", async () => {
    const { proxy } = await withSession();
    const name = `ftp-proxy~${proxy.pid}.1`;
    expect(readFileSync(join(anchors, name), "utf8")).toMatch(
      /^pass in quick on rdomain 0 .* rdr-to 127\.0\.0\.1 port 50000\n/,
    );
    proxy.kill("SIGTERM");
    expect(await ended(proxy)).toBe(0);
    expect(existsSync(join(anchors, name))).toBe(false);
  });

  it("goes on when the reader of its log goes away", async () => {
    const { proxy, client } = await withSession();
    proxy.stderr?.destroy();
    for (let count = 0; count < 3; count++) {
      client.write("PASV\r\n");
      await once(client, "data");
    }
    proxy.kill("SIGTERM");
    expect(await ended(proxy)).toBe(0);
  });

  it.runIf(!isRoot())("without root (else not run) and without another firewall says what it needs", async () => {
    const child = start("-d");
    expect(await says(child, /\n/)).toBe("ftp-proxy: needs to start as root\n");
  });
});

const privileged = isRoot() && findAccount("nobody") !== undefined;

describe.runIf(privileged)("started as root (else not run: there is no helper without root)", () => {
  it("serves as another user, and leaves no rule when it is killed", async () => {
    const { proxy } = await withSession();
    const name = join(anchors, `ftp-proxy~${proxy.pid}.1`);
    const status = readFileSync(`/proc/${proxy.pid}/status`, "utf8");
    expect(status).toMatch(new RegExp(`^Uid:\\t${findAccount("nobody")?.uid}\\t`, "m"));
    const gone = new Promise<void>((resolve) => {
      const look = () => (existsSync(name) ? setImmediate(look) : resolve());
      proxy.once("exit", look);
    });
    proxy.kill("SIGKILL");
    await gone;
  });

  it("ends with 1 and says why when its helper is killed; the next start removes what was left", async () => {
    const { proxy } = await withSession();
    const left = `ftp-proxy~${proxy.pid}.1`;
    const helper = readdirSync("/proc").find((pid) => isHelperOf(pid, proxy.pid));
    const said = says(proxy, /the helper ended with status 137; without it no rule can be changed/);
    process.kill(Number(helper), "SIGKILL");
    await said;
    expect(await ended(proxy)).toBe(1);
    expect(existsSync(join(anchors, left))).toBe(true);
    const next = await withSession();
    expect(existsSync(join(anchors, left))).toBe(false);
    next.proxy.kill("SIGTERM");
    await ended(next.proxy);
  });
});

function isHelperOf(pid: string, parent: number | undefined): boolean {
  if (!/^\d+$/.test(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`--privileged-helper\0{"pid":${parent},`);
  } catch {
    return false;
  }
}

/** A connection on a stream in a socket's place, and what its handlers were told. */
function connection() {
  const stream = new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() });
  const made = NodeConnection.accepted(stream as Socket);
  const heard: string[] = [];
  const handlers = { onData: (bytes: Uint8Array) => void heard.push(Buffer.from(bytes).toString()) };
  /** The peer sends; settles when whatever comes of it has come. */
  const arrives = async (text: string) => {
    stream.push(text);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { made, heard, handlers, arrives };
}

test("nothing is read before there are handlers, not even after resume", async () => {
  const { made, heard, handlers, arrives } = connection();
  made.pause();
  made.resume();
  await arrives("early ");
  expect(heard).toEqual([]);
  made.handle(handlers);
  await arrives("late");
  expect(heard.join("")).toBe("early late");
});

test("what has been paused stays paused when handlers are set, until it is resumed", async () => {
  const { made, heard, handlers, arrives } = connection();
  made.pause();
  made.handle(handlers);
  await arrives("held ");
  expect(heard).toEqual([]);
  made.handle(handlers);
  await arrives("back");
  expect(heard).toEqual([]);
  made.resume();
  await arrives("");
  expect(heard.join("")).toBe("held back");
});
