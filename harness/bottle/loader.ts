/**
 * Evaluates unmodified CommonJS packages with a bottle's modules and globals in place of Node's.
 *
 * Files are resolved by Node's own rules from this package's dependencies, and compiled once for all
 * bottles. Each bottle evaluates them again, so no two share a module's state.
 *
 * @example
 * const { require } = createLoader(createBuiltins(runtime, tree), { absent: ["dtrace-provider"] });
 * const { Client } = require("basic-ftp");
 */
import { readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import type { Builtins } from "./builtins.ts";
import type { Realm } from "./realm.ts";
import { nodeError } from "./system-error.ts";

export type Require = (id: string) => unknown;

interface LoadedModule {
  readonly id: string;
  readonly filename: string;
  exports: unknown;
  loaded: boolean;
  readonly children: readonly unknown[];
  readonly paths: readonly string[];
}

type Evaluate = (this: unknown, ...args: unknown[]) => void;

const realmNames = [
  "global",
  "globalThis",
  "process",
  "console",
  "performance",
  "crypto",
  "Date",
  "Math",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "clearTimeout",
  "clearInterval",
  "clearImmediate",
] as const satisfies readonly (keyof Realm)[];

/** Packages are searched from here: they are this package's dependencies. */
const here = fileURLToPath(import.meta.url);

const scripts = new Map<string, Script>();
const resolved = new Map<string, string>();

function compile(filename: string, text?: string): Script {
  let script = scripts.get(filename);
  if (script === undefined) {
    const source = (text ?? readFileSync(filename, "utf8")).replace(/^#!.*/, "");
    const parameters = ["exports", "require", "module", "__filename", "__dirname", ...realmNames].join(", ");
    script = new Script(`(function (${parameters}) { ${source}\n})`, { filename });
    scripts.set(filename, script);
  }
  return script;
}

/** The file of a module as another module's file names it; cached. */
function resolve(id: string, from: string): string {
  const question = `${dirname(from)}\n${id}`;
  let answer = resolved.get(question);
  if (answer === undefined) {
    answer = createRequire(from).resolve(id);
    resolved.set(question, answer);
  }
  return answer;
}

export interface LoaderOptions {
  /** Optional dependencies that count as not installed: native ones, and those that a player does not use. */
  readonly absent?: readonly string[];
}

/** `evaluate` runs a text in place of what the file has. */
export interface Loader {
  readonly require: Require;
  evaluate(filename: string, text: string): unknown;
}

export function createLoader(builtins: Builtins, options: LoaderOptions = {}): Loader {
  const modules = new Map<string, LoadedModule>();
  const absent = new Set(options.absent ?? []);
  const realm = realmNames.map((name) => builtins.realm[name]);

  function load(filename: string, text?: string): unknown {
    const known = modules.get(filename);
    if (known !== undefined) return known.exports;
    const module: LoadedModule = { id: filename, filename, exports: {}, loaded: false, children: [], paths: [] };
    modules.set(filename, module);
    if (extname(filename) === ".json") {
      module.exports = JSON.parse(readFileSync(filename, "utf8"));
    } else {
      const evaluate = compile(filename, text).runInThisContext() as Evaluate;
      const require = requireFrom(filename);
      evaluate.call(module.exports, module.exports, require, module, filename, dirname(filename), ...realm);
    }
    module.loaded = true;
    return module.exports;
  }

  function requireFrom(filename: string): Require {
    const require = (id: string): unknown => {
      if (isBuiltin(id)) return builtins.get(id);
      if (absent.has(id)) throw nodeError("MODULE_NOT_FOUND", `Cannot find module '${id}'`);
      return load(resolve(id, filename));
    };
    return Object.assign(require, { resolve: (id: string) => resolve(id, filename), cache: {}, main: undefined });
  }

  return { require: requireFrom(here), evaluate: load };
}

/** The version in a package's own package.json. */
export function packageVersion(name: string): string {
  const manifest: unknown = JSON.parse(readFileSync(resolve(`${name}/package.json`, here), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  throw nodeError("ERR_INVALID_PACKAGE_CONFIG", `The package.json of ${name} names no version.`);
}
