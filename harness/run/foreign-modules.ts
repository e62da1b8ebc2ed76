/**
 * Scenarios from folders of the user, in ES modules, CommonJS or TypeScript: `anchorage` means this very package in all
 * of them, wherever they are. tsx compiles TypeScript, as Node 20 cannot; it is loaded only when a file needs it.
 *
 * @example
 * await prepareForeignModules("/home/me/quirks/acme/pasv.ts");
 */

import Module, { register } from "node:module";
import { fileURLToPath } from "node:url";
import { packageFile, RUNS_SOURCES } from "../package.ts";

const OWN = new URL(RUNS_SOURCES ? "../../index.ts" : "../../index.js", import.meta.url).href;

let prepared: Promise<void> | undefined;
/** A checkout compiles everything from its start. */
let compiles = RUNS_SOURCES;

/** To be called before the file is imported. */
export async function prepareForeignModules(file: string): Promise<void> {
  if (!compiles && /\.[cm]?ts$/.test(file)) {
    compiles = true;
    const { register: compileTypeScript } = await import("tsx/esm/api");
    compileTypeScript();
  }
  prepared ??= resolveOurselves();
  await prepared;
}

async function resolveOurselves(): Promise<void> {
  register(packageFile("bin/resolve.mjs"), { data: { anchorage: OWN } });
  resolveInCommonJs();
  // require() cannot wait for a module that an import is still linking.
  await import(OWN);
}

type Resolve = (request: string, ...rest: unknown[]) => string;

/** Node asks the hooks of bin/resolve.mjs for `import` alone. */
function resolveInCommonJs(): void {
  const loader = Module as unknown as { _resolveFilename: Resolve };
  const original = loader._resolveFilename;
  loader._resolveFilename = function (request, ...rest) {
    if (request !== "anchorage") return original.call(this, request, ...rest);
    if (RUNS_SOURCES) {
      throw new Error(
        'require("anchorage") needs the installed package: for a checkout, write import and name it .mjs',
      );
    }
    return fileURLToPath(OWN);
  };
}
