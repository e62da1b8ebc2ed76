/** A user's own library plays in `sim` by its adapter, whatever kind of module it is. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { anchorage, expectWrongUse } from "./anchorage.ts";

const folder = mkdtempSync(join(tmpdir(), "anchorage-library-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A client in forty lines of nobody's: it reads PASV's last two numbers, as old ones do. */
const CLIENT = `
async function fetch({ host, port, user, password, file }) {
  const control = net.connect(port, host);
  const waiting = [];
  let text = "";
  control.on("error", () => {});
  control.on("close", () => waiting.splice(0).forEach(({ reject }) => reject(new Error("the server hung up"))));
  control.on("data", (bytes) => {
    text += bytes;
    for (let end = text.indexOf("\\n"); end >= 0; end = text.indexOf("\\n")) {
      waiting.shift()?.resolve(text.slice(0, end).trim());
      text = text.slice(end + 1);
    }
  });
  const reply = () => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  const ask = (line) => (control.write(line + "\\r\\n"), reply());
  await reply();
  await ask("USER " + user);
  await ask("PASS " + password);
  const [, high, low] = /(\\d+),(\\d+)\\D*$/.exec(await ask("PASV"));
  const data = net.connect(high * 256 + Number(low), host);
  const pieces = [];
  const whole = new Promise((resolve, reject) => data.on("data", (piece) => pieces.push(piece)).on("end", resolve).on("error", reject));
  await ask("RETR " + file);
  await whole;
  control.end("QUIT\\r\\n");
  return Buffer.concat(pieces);
}`;
const KINDS: Readonly<Record<string, string>> = {
  "client.mjs": `import net from "node:net";${CLIENT}\nexport default { name: "mine", families: ["inet"], fetch };`,
  "client.cjs": `const net = require("node:net");${CLIENT}\nmodule.exports = { name: "mine", families: ["inet"], fetch };`,
  "client.ts": `import net from "node:net";${CLIENT}\nexport default { name: "mine", families: ["inet"] as const, fetch };`,
};

const play = (file: string, ...args: string[]) =>
  anchorage(["run", "--no-report", "--client", `./${file}`, ...args], { cwd: folder });

test.each(Object.keys(KINDS))("%s meets a plain server and a library", async (file) => {
  writeFileSync(join(folder, file), KINDS[file] ?? "");
  const { stdout, status } = await play(file, "--server", "plain", "ftp-srv", "--subject", "core");
  expect(stdout).toContain("2 quirks: 2 as expected in every cell");
  expect(status).toBe(0);
});

test.each([
  ["returns other bytes", "async () => new Uint8Array(3)", "data incomplete: 3 of 46890 bytes"],
  ["throws", "async () => { throw new Error('out of cheese'); }", "out of cheese"],
  ["hangs", "() => new Promise(() => {})", "hangs for 120 s"],
])("a library that %s fails with what its user sees", async (_, fetch, words) => {
  writeFileSync(join(folder, "wrong.mjs"), `export default { name: "wrong", fetch: ${fetch} };`);
  const { stdout, status } = await play("wrong.mjs", "--server", "plain", "--subject", "core", "--side", "forward");
  expect(stdout).toContain(words);
  expect(status).toBe(1);
});

test.each([
  ["broken.mjs", "import { nothing } from './not-there.mjs';", /not-there/],
  ["empty.mjs", "export default { name: 'x' };", /has no client \(an object with name and fetch\)/],
])("%s is refused with its fault", async (file, content, words) => {
  writeFileSync(join(folder, file), content);
  expectWrongUse(await play(file, "--server", "plain"), words);
});
