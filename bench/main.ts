/**
 * `npm run bench [-- NAME…] [--json] [--quick]`: runs every file of this folder that exports a
 * benchmark, or those whose names are given.
 */

import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Benchmark, Measurement } from "./measure.ts";

const HERE = new URL(".//", import.meta.url);
const SHARED = ["main.ts", "measure.ts"];

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: "boolean" }, quick: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  const files = (await readdir(fileURLToPath(HERE))).filter((name) => name.endsWith(".ts") && !SHARED.includes(name));
  const names = files.map((name) => name.replace(/\.ts$/, "")).sort();
  if (values.help === true) {
    console.log(`usage: npm run bench [-- [--json] [--quick] [name...]]\nnames: ${names.join(", ")}`);
    return 0;
  }
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    console.error(`bench: no benchmark is called "${unknown}"; there are ${names.join(", ")}`);
    return 2;
  }
  const results: Record<string, Measurement[]> = {};
  for (const name of positionals.length > 0 ? positionals : names) {
    const { default: benchmark } = (await import(new URL(`${name}.ts`, HERE).href)) as { default: Benchmark };
    const measured = await benchmark({ quick: values.quick === true });
    results[name] = measured;
    if (values.json !== true) print(name, measured);
  }
  if (values.json === true) console.log(JSON.stringify(results, null, 2));
  return 0;
}

function print(name: string, measured: readonly Measurement[]): void {
  console.log(`${name}`);
  const width = Math.max(...measured.map((one) => one.name.length));
  for (const one of measured) {
    const figures = [one.min, one.median, one.max].map((value) => figure(value).padStart(10)).join(" ");
    const note = one.note === undefined ? "" : `  ${one.note}`;
    console.log(`  ${one.name.padEnd(width)} ${figures}  ${one.unit}${note}`);
  }
}

/** Four digits are all that a noisy machine gives. */
const figure = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString("en-US") : Number(value.toPrecision(4)).toString();

process.exitCode = await main(process.argv.slice(2));
