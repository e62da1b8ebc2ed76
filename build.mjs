#!/usr/bin/env node
/**
 * Makes dist/, which an installed package runs: JavaScript modules with source maps and types, the proxy as one file,
 * the report page's code, and an index of the catalogue. A checkout runs its sources and needs none of it.
 *
 * @example
 * // npm run build
 */

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { buildProxy } from "./proxy/build.mjs";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const DIST = join(ROOT, "dist");

rmSync(DIST, { recursive: true, force: true });
writeModules();
writeTypes();
await buildProxy(join(DIST, "ftp-proxy.mjs"));
await writePageCode();
await writeCatalogueIndex();

/** TypeScript's own emit does all of it: it rewrites `.ts` in imports, and a bundler would need it for the types. */
function writeModules() {
  const { fileNames, options } = configuration();
  // `npm run check` has checked the types.
  const program = ts.createProgram(fileNames, { ...options, noCheck: true });
  failOn(program.emit().diagnostics);
}

/** Only the types that the package's exports reach are public. */
function writeTypes() {
  const { options } = configuration();
  const entries = ["index.ts", "harness/vitest/vitest.ts", "harness/testcontainers/testcontainers.ts"].map((file) =>
    join(ROOT, file),
  );
  const program = ts.createProgram(entries, {
    ...options,
    declaration: true,
    emitDeclarationOnly: true,
    sourceMap: false,
    inlineSources: false,
  });
  const written = new Set();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (written.has(file)) continue;
    written.add(file);
    const source = program.getSourceFile(file);
    const write = (path, text) => {
      const named = text.replaceAll(/((?:from |import\()"\.[^"]+)\.ts"/g, '$1.js"');
      for (const [, specifier] of named.matchAll(/(?:from |import\()"(\.[^"]+)\.js"/g)) {
        waiting.push(join(file, "..", `${specifier}.ts`));
      }
      ts.sys.writeFile(path, entries.includes(file) ? `/// <reference types="node" />\n${named}` : named);
    };
    failOn(program.emit(source, write, undefined, true).diagnostics);
  }
}

function configuration() {
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.build.json"), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
}

function failOn(diagnostics) {
  if (diagnostics.length === 0) return;
  const host = { getCurrentDirectory: () => ROOT, getCanonicalFileName: (name) => name, getNewLine: () => "\n" };
  console.error(ts.formatDiagnostics(diagnostics, host));
  process.exit(1);
}

/** The report page's script and style, which a checkout bundles as it writes a report. */
async function writePageCode() {
  const { register } = await import("tsx/esm/api");
  const unregister = register();
  const { bundlePage } = await import("./reports/html/page-code.ts");
  writeFileSync(join(DIST, "reports", "html", "page-code.json"), JSON.stringify(await bundlePage()));
  await unregister();
}

/** What `anchorage list` shows without loading hundreds of scenarios. */
async function writeCatalogueIndex() {
  const { readChoice } = await import("./dist/harness/cli/filters.js");
  const { writeIndex } = await import("./dist/harness/run/catalogue-index.js");
  writeIndex(await readChoice({}));
}
