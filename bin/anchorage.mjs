#!/usr/bin/env node
// Runs the TypeScript sources as they are: scenarios of users are TypeScript too, and found at run time.
import { register as registerHooks } from "node:module";
import { register } from "tsx/esm/api";

register();
registerHooks("./resolve.mjs", import.meta.url);
const { main } = await import("../harness/cli/main.ts");
process.exitCode = await main(process.argv.slice(2));
