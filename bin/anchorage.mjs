#!/usr/bin/env node
// The command line.
import { load } from "./load.mjs";

// A reader may stop early (`anchorage list | head`).
process.stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 1));

const { main } = await load("harness/cli/main");
process.exitCode = await main(process.argv.slice(2));
