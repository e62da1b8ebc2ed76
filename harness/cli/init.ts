/** `anchorage init`: a first quirk, a first test and a workflow in a project of the user's. Nothing is overwritten. */

import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { UsageError } from "./exit-status.ts";

const QUIRK = `import { fails, quirkyServer } from "anchorage";

// Played by: npx anchorage run servers/bare-227 --scenarios anchorage
export default quirkyServer({
  title: "A 227 without parentheses",
  who: "Some servers write the address bare, after a blank. ftp-proxy(8) finds no port there and ends the session.",
  sources: ["RFC 959 section 5.3.2"],
  families: ["inet"],
  replies: { PASV: ({ hostPort }) => \`227 Entering passive mode. \${hostPort}\` },
  expect: { "ftp-proxy": fails({ by: "proxy" }) },
});
`;

const TEST = `import { play } from "anchorage";
import { firewall } from "anchorage/vitest";
import { expect, test } from "vitest";

// In place of "basic-ftp": an adapter for a client of yours, see node_modules/anchorage/docs/vitest.md
firewall("my client behind PF", {
  client: "basic-ftp",
  servers: ["plain", "quirk:./anchorage/servers/bare-227.mjs"],
  families: "inet",
});

test("ftp-proxy hangs up on a server that writes no parentheses", async () => {
  const result = await play({ server: "quirk:./anchorage/servers/bare-227.mjs" });
  expect(result).toFail({ by: "proxy", where: "the 227" });
});
`;

const WORKFLOW = `name: ftp
on: [push, pull_request]
permissions:
  contents: read
jobs:
  firewall:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-node@v6
        with:
          node-version: 24
      - run: npm install
      - run: npx vitest run anchorage
      - run: npx anchorage run servers --scenarios anchorage --quiet --reporter github
      - if: always()
        uses: actions/upload-artifact@v6
        with:
          name: report
          path: reports/out/
`;

const FILES: readonly (readonly [path: string, text: string])[] = [
  ["anchorage/servers/bare-227.mjs", QUIRK],
  ["anchorage/firewall.test.mjs", TEST],
  [".github/workflows/ftp.yml", WORKFLOW],
];

export const initCommand = (): Command =>
  new Command("init")
    .description("write a first quirk, a vitest file and a GitHub workflow into this project")
    .action(async () => {
      if (!existsSync("package.json")) {
        throw new UsageError(
          "there is no package.json here: npm init -y makes one, npm install --save-dev anchorage vitest the rest",
        );
      }
      for (const [path, text] of FILES) {
        if (existsSync(path)) {
          console.log(`left as it is: ${path}`);
          continue;
        }
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text);
        console.log(`written: ${path}`);
      }
      const missing = ["anchorage", "vitest"].filter((name) => !existsSync(join("node_modules", name)));
      if (missing.length > 0) console.log(`\nFirst:\n  npm install --save-dev ${missing.join(" ")}`);
      console.log("\nTry:\n  npx anchorage run servers/bare-227 --scenarios anchorage\n  npx vitest run anchorage");
    });
