/** The API outside any lab, as a test of an author's client or server calls it. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ftpClient, ftpServer, NoSuchHost, NoSuchQuirk, quirkyServer } from "../index.ts";
import { ROOT } from "./anchorage.ts";

const folder = mkdtempSync(join(ROOT, "test", ".api-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("ftpServer", () => {
  test("serves its file, keeps what is stored, and remembers the dialogue", async () => {
    await using server = await ftpServer("quirk:pasv-227-no-parens");
    const { host, port, file } = server;
    const { works } = await ftpClient("plain").dials({ host, port, fetch: file.name, store: "mine.bin" });
    expect(works).toBe(true);
    expect(server.url).toBe(`ftp://127.0.0.1:${port}`);
    expect([...server.stored.keys()]).toEqual(["mine.bin"]);
    expect(server.stored.get("mine.bin")).toEqual(file.bytes);
    expect(server.dialogue).toContain("> RETR file.bin");
    expect(server.dialogue.filter((line) => line.startsWith("< 227 "))[0]).not.toContain("(");
  });

  test("runs several at once, each with files and a dialogue to itself", async () => {
    await using one = await ftpServer("plain");
    await using two = await ftpServer("plain", { host: "::1" });
    await ftpClient("plain").dials({ host: two.host, port: two.port, store: "two.bin" });
    expect([one.stored.size, one.dialogue.length]).toEqual([0, 0]);
    expect([...two.stored.keys()]).toEqual(["two.bin"]);
  });

  test("plays a quirk that the caller wrote", async () => {
    const rude = quirkyServer({ title: "Rude", who: "x", sources: [], replies: { greeting: "421 Go away" } });
    await using server = await ftpServer(rude);
    const { works, errands } = await ftpClient("plain").dials({ host: server.host, port: server.port });
    expect(works).toBe(false);
    expect(errands[0]).toEqual({ what: "log in", verdict: "failed", notice: "421 Go away" });
  });

  test.each([
    ["close()", (_: AbortController, close: () => unknown) => close()],
    ["its signal", (controller: AbortController) => controller.abort()],
  ])("%s closes the port and the sessions", async (_, end) => {
    const controller = new AbortController();
    const { host, port, close } = await ftpServer("plain", { signal: controller.signal });
    const session = connect(port, host);
    await once(session, "data");
    end(controller, close);
    await once(session.resume(), "end");
    const [error] = await once(connect(port, host), "error");
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
  });

  test("names the nearest quirks when there is none of that name", async () => {
    const error = await ftpServer("quirk:pasv-227-noparens").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NoSuchQuirk);
    expect(error).toMatchObject({ quirk: "pasv-227-noparens", message: /did you mean pasv-227-no-parens/ });
    await expect(ftpServer("xyzzy")).rejects.toMatchObject({ nearest: [] });
    await expect(ftpServer("pasv-*")).rejects.toBeInstanceOf(NoSuchQuirk);
  });
});

describe("ftpClient", () => {
  test("hangs up at once when its signal is aborted", async () => {
    const silent = createServer();
    await once(silent.listen(0, "127.0.0.1"), "listening");
    const { port } = silent.address() as { port: number };
    const controller = new AbortController();
    const arrived = once(silent, "connection");
    const dialled = ftpClient("plain").dials({ host: "127.0.0.1", port, signal: controller.signal });
    const [socket] = await arrived;
    const gone = new Promise((resolve) => socket.on("error", () => {}).on("close", resolve));
    controller.abort(new Error("enough"));
    await expect(dialled).rejects.toThrow("enough");
    await gone;
    silent.close();
  });

  test("rejects for a host that has no address", async () => {
    await expect(ftpClient("plain").dials({ host: "no-such-host.invalid" })).rejects.toBeInstanceOf(NoSuchHost);
  });
});

const EXAMPLES = [...readFileSync(join(ROOT, "docs/api.md"), "utf8").matchAll(/```js\n(.*?)```/gs)].map(
  ([, text = ""]) => text,
);

test("docs/api.md has examples", () => expect(EXAMPLES.length).toBeGreaterThan(2));

/** As a process of its own, so that a timer or socket left behind shows: it does not end. */
test.each(EXAMPLES.map((text, index) => [index + 1, text] as const))(
  "example %i of docs/api.md runs, and ends by itself",
  async (index, text) => {
    const file = join(folder, `example-${index}.mjs`);
    writeFileSync(file, text);
    const args = ["--import", "tsx", "--conditions=anchorage-sources", file];
    const child = spawn(process.execPath, args, { cwd: ROOT, timeout: 20_000 });
    let errors = "";
    child.stderr.on("data", (bytes: Buffer) => {
      errors += bytes.toString();
    });
    const [status] = await once(child, "close");
    expect(errors).toBe("");
    expect(status).toBe(0);
  },
);
