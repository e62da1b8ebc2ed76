#!/usr/bin/env node
// Runs the TypeScript sources as they are: scenarios of users are TypeScript too, and found at run time.
import { register as registerCommonJs } from "tsx/cjs/api";
import { register } from "tsx/esm/api";

register();
registerCommonJs();
const { main } = await import("../harness/cli/main.ts");
process.exitCode = await main(process.argv.slice(2));
