/**
 * How long commands of the built package take to start, as a multiple of a bare `node -e 0`. Builds dist/ first, so that
 * no stale build is measured. A package runs dist/ through bin/anchorage.mjs; here the same module is run directly.
 */

import { spawnSync } from "node:child_process";
import { packageFile } from "../harness/package.ts";
import { type Benchmark, type Measurement, summarise } from "./measure.ts";

const MAIN = packageFile("dist/harness/cli/main.js").href;
const NAMES = [["--version"], ["list"], ["--help"], ["pfctl", "-nf", "/dev/null"]];

const benchmark: Benchmark = ({ quick }) => {
  node(packageFile("build.mjs").pathname);
  const measured: Measurement[] = [];
  for (const args of NAMES) {
    const script = `const { main } = await import("${MAIN}"); process.exitCode = await main(${JSON.stringify(args)});`;
    // In turns, so that both meet the same noise.
    const ratios = Array.from({ length: quick ? 5 : 20 }, () => {
      const bare = milliseconds("-e", "0");
      return milliseconds("--input-type=module", "-e", script) / bare;
    });
    measured.push(summarise(`anchorage ${args.join(" ")}`, "× bare node", ratios));
  }
  return measured;
};

function milliseconds(...args: string[]): number {
  const start = performance.now();
  node(...args);
  return performance.now() - start;
}

function node(...args: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with status ${status}: ${stderr}`);
}

export default benchmark;
