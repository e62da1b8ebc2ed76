#!/usr/bin/env node
// The command line. A checkout runs its sources, never dist/, which may be older than they are; a package has only dist/.
import { existsSync } from "node:fs";

const sources = new URL("../index.ts", import.meta.url);
// A reader may stop early (`anchorage list | head`).
process.stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 1));

const { main } = existsSync(sources) ? await fromSources() : await import("../dist/harness/cli/main.js");
process.exitCode = await main(process.argv.slice(2));

async function fromSources() {
  const { register: addHooks } = await import("node:module");
  const { register: compileTypeScript } = await import("tsx/esm/api");
  compileTypeScript();
  addHooks("./resolve.mjs", import.meta.url, { data: { anchorage: sources.href } });
  return import("../harness/cli/main.ts");
}
