#!/usr/bin/env node
// Runs the benchmarks in bench/, one file after the other. Never part of the tests.
import { register } from "tsx/esm/api";

register();
const { main } = await import("../bench/main.ts");
process.exitCode = await main(process.argv.slice(2));
