// Loads a module of this package by its path without extension. A checkout runs its sources, never dist/, which may be
// older than they are; a package has only dist/.
import { existsSync } from "node:fs";

const sources = new URL("../index.ts", import.meta.url);

/** load("harness/cli/main") */
export const load = (module) => (existsSync(sources) ? fromSources(`../${module}.ts`) : import(`../dist/${module}.js`));

async function fromSources(file) {
  const { register: addHooks } = await import("node:module");
  const { register: compileTypeScript } = await import("tsx/esm/api");
  compileTypeScript();
  addHooks("./resolve.mjs", import.meta.url, { data: { anchorage: sources.href } });
  return import(file);
}
