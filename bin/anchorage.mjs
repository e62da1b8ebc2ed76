#!/usr/bin/env node
// Runs the TypeScript sources as they are: scenarios of users are TypeScript too, and found at run time.
const args = process.argv.slice(2);
// Whoever reads our output may stop early (`anchorage list | head`).
process.stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 1));
if (args[0] === "pfctl") {
  const { importPfctl } = await import("./pfctl.mjs");
  const { pfctlMain } = await importPfctl();
  process.exitCode = await pfctlMain(args.slice(1));
} else {
  const { register: registerHooks } = await import("node:module");
  const { register } = await import("tsx/esm/api");
  register();
  registerHooks("./resolve.mjs", import.meta.url);
  const { main } = await import("../harness/cli/main.ts");
  process.exitCode = await main(args);
}
